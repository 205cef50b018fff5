"""What the operating system, the standard library and the MPI launcher cost by themselves.

Each function does `count` empty runs, one after the other, and returns the times at which they were completed.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

RANK = (
    "import numpy; from mpi4py import MPI; total = numpy.zeros(1); "
    "MPI.COMM_WORLD.Allreduce(numpy.ones(1), total); assert total[0] == 2"
)


def fork(count: int, folder: Path) -> list[float]:
    import thunks

    return [_wait(_forked(thunks.empty)) for _ in range(count)]


def fork_torch(count: int, folder: Path) -> list[float]:
    import thunks_torch

    return [_wait(_forked(thunks_torch.empty)) for _ in range(count)]


def forkserver(count: int, folder: Path) -> list[float]:
    import thunks

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "thunks"])
    marks = []
    for _ in range(count):
        process = context.Process(target=thunks.empty)
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"a process ended with {process.exitcode}")
        marks.append(time.time())
    return marks


def fresh_numpy(count: int, folder: Path) -> list[float]:
    return _commands(count, [sys.executable, "-c", "import numpy"])


def fresh_torch(count: int, folder: Path) -> list[float]:
    return _commands(count, [sys.executable, "-c", "import torch"])


def mpiexec(count: int, folder: Path) -> list[float]:
    return _commands(count, [*launcher(), sys.executable, "-c", RANK])


def mpiexec_alone(count: int, folder: Path) -> list[float]:
    return _commands(count, [*launcher(), "true"])


def burning(count: int, folder: Path) -> list[float]:
    """Fork as many processes at once as there are cores; the first mark is the start of the first."""
    import thunks

    marks, running = [time.time()], 0
    for _ in range(count):
        if running == len(os.sched_getaffinity(0)):
            marks.append(_wait(-1))
            running -= 1
        _forked(thunks.burn)
        running += 1
    return marks + [_wait(-1) for _ in range(running)]


def launcher() -> list[str]:
    """Return the `mpiexec` that stands beside this interpreter, asked for two ranks and nothing else."""
    return [str(Path(sys.executable).with_name("mpiexec")), "-n", "2"]


def _forked(thunk: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        thunk()
        os._exit(0)
    return pid


def _wait(pid: int) -> float:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise RuntimeError(f"a process ended with {code}")
    return time.time()


def _commands(count: int, command: list[str]) -> list[float]:
    marks = []
    for _ in range(count):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        marks.append(time.time())
    return marks
