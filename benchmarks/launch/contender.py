"""One contender, once: in a process of its own, with a hard time limit, and nothing of it left behind."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
PR_SET_CHILD_SUBREAPER = 36


class NotMeasured(Exception):
    """A contender gave no figure; says why."""


@dataclass(frozen=True)
class Contender:
    """Who is measured.

    Attributes:
        label: its name in the table.
        call: ``module.function`` of this folder, which does the runs.
        own_process: whether every run has a process of its own: yes or no.
        record: whether every run leaves a record on disk: yes or no.
        python: the interpreter, with the packages that it needs.
        count: how many runs; 0 for as many as the time allows.
        left_out: why it is not measured; empty if it is.
    """

    label: str
    call: str
    own_process: str = "yes"
    record: str = "no"
    python: Path = Path(sys.executable)
    count: int = 0
    left_out: str = ""


@dataclass(frozen=True)
class Measured:
    """One contender in one round.

    Attributes:
        count: the runs.
        per_run_s: seconds from the first mark to the last, over the runs between them.
        runs_s: seconds from the first mark to the last.
        whole_s: seconds of the whole contender, from the start of its interpreter to its last result.
        cpu_s: processor seconds, user and system, of the contender and of all that it started.
        note: what it says of itself.
    """

    count: int
    per_run_s: float
    runs_s: float
    whole_s: float
    cpu_s: float
    note: str

    @property
    def apart_s(self) -> float:
        """Seconds beside the runs: imports, planning, start-up, summary."""
        return self.whole_s - self.count * self.per_run_s


def run(contender: Contender, count: int, limit_s: float) -> Measured:
    """Run a contender once, for at most `limit_s` seconds.

    Raises:
        NotMeasured: it failed, took too long, or did not do all its runs.
    """
    if contender.left_out:
        raise NotMeasured(contender.left_out)
    if not contender.python.exists():
        raise NotMeasured(f"there is no {contender.python}")
    with tempfile.TemporaryDirectory(prefix="sweep-bench-", ignore_cleanup_errors=True) as name, adopting_orphans():
        folder, started, cpu_s = Path(name), time.time(), _cpu_of_ended()
        why = _wait(_start(contender, count, folder), limit_s)
        if why:
            raise NotMeasured(f"{why}: {_last_line(folder / 'log')}")
        return _read(folder, count, started, _cpu_of_ended() - cpu_s)


def environment(python: Path, folder: Path) -> dict[str, str]:
    """Return the variables of a contender: its environment's programs first, this folder's modules, no waiting."""
    chosen = {
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "SWEEP_WAIT_BEFORE_LAUNCH": "0",
        "HYDRA_FULL_ERROR": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": str(folder),
    }
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if os.geteuid() == 0 else {}
    return {**os.environ, **chosen, **as_root}


def _start(contender: Contender, count: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [contender.python, HERE / "one.py", contender.call, str(count), folder]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=environment(contender.python, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> str:
    """Return what went wrong with a contender; nothing of it is left afterwards."""
    try:
        code = process.wait(limit_s)
        return f"exit code {code}" if code else ""
    except subprocess.TimeoutExpired:
        return f"not finished after {limit_s:.0f} s"
    finally:
        _end_all()
        process.poll()


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """Become the parent of what a contender leaves behind, so that it can be ended and its time be counted."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def _end_all() -> None:
    """Kill every process below this one, and those that they leave, until there is none."""
    while left := psutil.Process().children(recursive=True):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _cpu_of_ended() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _read(folder: Path, count: int, started: float, cpu_s: float) -> Measured:
    result = json.loads((folder / "result.json").read_text())
    marks, note = result["marks"], folder / "note"
    if len(marks) < max(count, 2):
        raise NotMeasured(f"{len(marks)} of {count} runs were completed")
    runs_s = marks[-1] - marks[0]
    how = note.read_text() if note.exists() else ""
    return Measured(count, runs_s / (len(marks) - 1), runs_s, result["finished"] - started, cpu_s, how)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip()[:160] if lines else "it said nothing"
