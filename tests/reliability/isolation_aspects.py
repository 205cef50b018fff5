"""What one run could leave to the next in a process: for each, how it is changed and how it is told."""

from __future__ import annotations

import atexit
import decimal
import gc
import json
import locale
import logging
import os
import random
import resource
import secrets
import signal
import socket
import sys
import tempfile
import textwrap
import threading
import time
import types
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sweep import set_seed

_LIMITS = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
# They belong to one run, or one launch.
_OWN_VARIABLES = {"TMPDIR", "SWEEP_RUN_DIR", "SWEEP_TOKEN", "RELIABILITY_TEST", "PYTEST_CURRENT_TEST"}


def _modules() -> None:
    sys.modules["isolation_left"] = types.ModuleType("isolation_left")
    del sys.modules["decimal"]


def _attributes() -> None:
    textwrap.dedent = np.sum = len  # type: ignore[assignment]


def _environ() -> None:
    os.environ["ISOLATION"] = "1"
    del os.environ["PATH"]


def _signals() -> None:
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})


def _descriptors() -> None:
    for _ in range(5):
        os.set_inheritable(os.open("/dev/null", os.O_RDWR), True)
    os.dup2(os.open("/dev/zero", os.O_RDONLY), 0)


def _threads() -> None:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def _limits() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _logging() -> None:
    logging.basicConfig(level=logging.DEBUG, filename=os.devnull)
    logging.disable(logging.CRITICAL)
    logging.getLogger("isolation").propagate = False


def _numpy() -> None:
    np.seterr(all="raise")
    np.set_printoptions(precision=2)


def _decimal() -> None:
    decimal.getcontext().prec = 3


def _garbage() -> None:
    gc.disable()
    gc.set_threshold(7)


def _hooks() -> None:
    sys.excepthook = threading.excepthook = sys.unraisablehook = sys.displayhook = print  # type: ignore[assignment]
    sys.settrace(lambda *words: None)


def _interpreter() -> None:
    sys.setrecursionlimit(5000)
    sys.setswitchinterval(0.5)
    sys.set_int_max_str_digits(0)
    socket.setdefaulttimeout(1)
    sys.dont_write_bytecode = True


def _streams() -> None:
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _time_zone() -> None:
    os.environ["TZ"] = "Asia/Tokyo"
    time.tzset()


def _told_signals() -> Any:
    lines = Path("/proc/self/status").read_text().splitlines()
    return [line for line in lines if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]


def _told_descriptors() -> Any:
    """Return what each descriptor is, without what tells one pipe or one run from another."""
    told = {}
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
        try:
            target = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
        except OSError:  # the listing itself
            continue
        told[str(number)] = Path(target.split(":")[0]).name if target[0] == "/" else target.split(":")[0]
    return told


def _told_environ() -> Any:
    return {name: value for name, value in os.environ.items() if name not in _OWN_VARIABLES}


def _told_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _told_logging() -> Any:
    root = logging.getLogger()
    return [root.level, len(root.handlers), root.manager.disable, logging.getLogger("isolation").propagate]


def _told_place() -> Any:
    """Return what is the same in every process that leads its own session."""
    us = os.getpid()
    return [os.getsid(0) == us, os.getpgid(0) == us, sorted(os.sched_getaffinity(0))]


Aspect = tuple[Callable[[], object], Callable[[], object]]
ASPECTS: dict[str, Aspect] = {
    "modules": (_modules, lambda: ["isolation_left" in sys.modules, "decimal" in sys.modules]),
    "attributes": (_attributes, lambda: [textwrap.dedent.__module__, np.sum.__module__]),
    "environ": (_environ, _told_environ),
    "working directory": (lambda: os.chdir("/"), os.getcwd),
    "umask": (lambda: os.umask(0o777), _told_umask),
    "signals": (_signals, _told_signals),
    "descriptors": (_descriptors, _told_descriptors),
    "threads": (_threads, lambda: [threading.active_count(), len(os.listdir("/proc/self/task"))]),  # noqa: PTH208
    "locale": (lambda: locale.setlocale(locale.LC_ALL, "C"), lambda: locale.setlocale(locale.LC_ALL)),
    "import path": (lambda: sys.path.insert(0, "/isolation"), lambda: list(sys.path)),
    "limits": (_limits, lambda: [resource.getrlimit(getattr(resource, name)) for name in _LIMITS]),
    "niceness": (lambda: os.nice(5), lambda: os.getpriority(os.PRIO_PROCESS, 0)),
    "logging": (_logging, _told_logging),
    "warnings": (lambda: warnings.simplefilter("error"), lambda: [str(one) for one in warnings.filters]),
    "numpy": (_numpy, lambda: [np.geterr(), {name: repr(value) for name, value in np.get_printoptions().items()}]),
    "decimal": (_decimal, lambda: repr(decimal.getcontext())),
    "garbage": (_garbage, lambda: [gc.isenabled(), gc.get_threshold(), gc.get_debug()]),
    "hooks": (
        _hooks,
        lambda: [repr(sys.excepthook)[:20], repr(threading.excepthook)[:20], repr(sys.displayhook), sys.gettrace()],
    ),
    "interpreter": (
        _interpreter,
        lambda: [
            sys.getrecursionlimit(),
            sys.getswitchinterval(),
            sys.get_int_max_str_digits(),
            socket.getdefaulttimeout(),
            sys.dont_write_bytecode,
        ],
    ),
    "streams": (
        _streams,
        lambda: [[one.name, one.encoding, one.errors, one.line_buffering] for one in (sys.stdout, sys.stderr)],
    ),
    "time zone": (_time_zone, lambda: time.tzname),
    "exit handlers": (lambda: atexit.register(os.getpid), lambda: atexit._ncallbacks()),
    "temporary directory": (
        lambda: setattr(tempfile, "tempdir", "/isolation"),
        lambda: tempfile.gettempdir() == os.environ["TMPDIR"],
    ),
    "place": (lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}), _told_place),
    "standard input": (lambda: os.close(0), lambda: os.read(0, 1).decode()),
    "words": (lambda: sys.argv.append("more"), lambda: len(sys.argv)),
}


def pollute(aspects: list[str]) -> None:
    """Change these in this process."""
    for aspect in aspects:
        ASPECTS[aspect][0]()


def report(file: str) -> None:
    """Write how this process is."""
    told = {name: tell() for name, (_, tell) in ASPECTS.items()}
    Path(file).write_text(json.dumps(told))


def draw(file: str, seed: int | None = None) -> None:
    """Write what the global generators give, first seeded if asked."""
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed)
    Path(file).write_text(
        json.dumps([random.random(), float(np.random.rand()), float(np.random.default_rng().random())])
    )


def pollute_and_report(aspect: str, file: str) -> None:
    """Change this, and write how the process is then."""
    pollute([aspect])
    report(file)


def draw_with_torch(file: str) -> None:
    """Write what the global generator of torch gives."""
    import torch

    Path(file).write_text(repr(torch.rand(3).tolist()))


def draw_all(folder: str) -> None:
    """Write what every source of random numbers gives that a program may use without a seed, a file for each rank."""
    drawn = {
        "random": random.random(),
        "numpy.random": float(np.random.rand()),
        "numpy.random.default_rng": float(np.random.default_rng().random()),
        "numpy.random.SeedSequence": np.random.SeedSequence().entropy,
        "numpy.random.RandomState": float(np.random.RandomState().rand()),
        "random.Random": random.Random().random(),
        "uuid1": uuid.uuid1().hex,
        "uuid4": uuid.uuid4().hex,
        "secrets": secrets.token_hex(8),
        "os.urandom": os.urandom(8).hex(),
        "tempfile": Path(tempfile.mktemp()).name,
        "set_seed": set_seed(),
    }
    Path(folder, f"drawn-{os.getpid()}").write_text(json.dumps(drawn))


def draw_seeded(folder: str, seed: int) -> None:
    """Write what the generators give that `set_seed` seeds."""
    set_seed(seed)
    drawn = [random.random(), float(np.random.rand()), np.random.permutation(9).tolist()]
    Path(folder, f"drawn-{os.getpid()}").write_text(json.dumps(drawn))
