"""Whether a process may be forked, and what a forked child must do first to be as a fresh process would be."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from io import IOBase
from pathlib import Path

from sweep.rundir.supervised import RUN_VARIABLE
from sweep.runtime.process.child import flush
from sweep.runtime.process.finalizers import removes_at_exit
from sweep.runtime.process.generators import seed_again

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
# Modules whose libraries finish their work in an exit handler of the C library.
_NEED_AN_END = {"mpi4py.MPI", "h5py", "netCDF4", "tables"}
# Py_TPFLAGS_HEAPTYPE
_MADE_BY_A_CLASS_STATEMENT = 1 << 9
_TASKS = Path("/proc/self/task")
_DESCRIPTORS = "/proc/self/fd"


def objection() -> str:
    """Return why a fork of this process would not be as a fresh one; empty if it would.

    It forks once: libraries that know about forks (OpenBLAS) end their threads for it and start new ones when they
    need them, so that only the threads of those that do not are left to be counted.
    """
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is not None and mpi.Is_initialized():
        return "MPI is running after the import"
    threads = sum(1 for _ in _TASKS.iterdir()) - 1
    if threads:
        return f"{threads} other thread{'s' * (threads > 1)} alive after the import"
    if _holds_a_gpu():
        return "a GPU is in use after the import"
    return "the import makes a temporary directory, which the first run would remove" if removes_at_exit() else ""


def descriptors() -> dict[str, str]:
    """Return what each descriptor of this process stands for."""
    found = {}
    for descriptor in os.scandir(_DESCRIPTORS):
        with suppress(OSError):  # the listing's own descriptor
            found[descriptor.name] = os.readlink(descriptor.path)  # noqa: PTH115 - no paths for a hundred descriptors
    return found


def _holds_a_gpu() -> bool:
    """CUDA cannot be used in a forked child once it is initialised, and that opens its devices."""
    return any(target.startswith("/dev/nvidia") for target in descriptors().values())


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, even if that has happened already."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def begin_alone(parent: int) -> None:
    """Do what every forked process does first, whichever run it will be."""
    die_with_parent(parent)
    os.setsid()
    tempfile.tempdir = None  # found again, as TMPDIR may differ
    seed_again()


def become_a_run(output: int, environ: Mapping[str, str], cores: Sequence[int], directory: str) -> None:
    """Make this forked process a run's own.

    Args:
        output: a descriptor for what it prints.
        environ: variables that differ from the parent's.
        cores: those it may use.
    """
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.sched_setaffinity(0, cores)
    show_environment(RUN_VARIABLE, environ[RUN_VARIABLE])
    os.environ.update(environ)
    sys.argv[:] = [sys.argv[0], directory]


def show_environment(name: str, value: str) -> None:
    """Write over a variable in the memory that /proc shows as this process's environment; never over its end."""
    room, new = len(os.environ.get(name, "").encode()), os.fsencode(value)
    _LIBC.getenv.restype = ctypes.c_void_p
    if len(new) <= room:
        ctypes.memmove(_LIBC.getenv(name.encode()), new.ljust(room, b"\0"), room)


def open_files() -> list[IOBase]:
    """Return the file objects of this process that the collector knows, as the one of a fork's parent does not."""
    return [thing for thing in gc.get_objects() if isinstance(thing, IOBase)]


def _finalize_own() -> None:
    """Call the finalizers that an interpreter would call at its end: an archive writes its last part in its own.

    Not those of Python's files themselves: one that is closed layer by layer, the lowest first, loses what it holds.
    """
    for thing in gc.get_objects():
        kind = type(thing)
        made_by_a_class = kind.__flags__ & _MADE_BY_A_CLASS_STATEMENT and kind.__module__ != "_io"
        if made_by_a_class and hasattr(kind, "__del__"):
            with suppress(Exception):
                kind.__del__(thing)


def leave(code: int, finalize: bool, files: Iterable[IOBase], before: Mapping[str, str]) -> None:
    """End this forked process: run its exit handlers, write what is held back, and go, as multiprocessing's forks do.

    Objects are not taken apart one by one, nor does the C library run its exit handlers, which with torch take ten
    times as long as the fork: only where a library needs them.

    Args:
        finalize: end MPI too, if it runs; not after a failure, as it would wait for the other ranks. What libraries
            do at their end follows MPI's: a launcher takes a rank that leaves otherwise for a crashed one.
        files: those that the parent had open; what they and this process's own hold back is written.
        before: the descriptors before the run; if they are the same now, it has no files of its own.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    mpi = sys.modules.get("mpi4py.MPI")
    running = mpi is not None and mpi.Is_initialized() and not mpi.Is_finalized()
    if mpi is not None and running and finalize:
        mpi.Finalize()
    own = []
    if descriptors() != before:
        _finalize_own()
        own = open_files()
    for file in (*files, *own, sys.stdout, sys.stderr):
        flush(file)
    _LIBC.fflush(None)
    if not (running and not finalize) and _NEED_AN_END.intersection(sys.modules):
        _LIBC.exit(code)
    os._exit(code)
