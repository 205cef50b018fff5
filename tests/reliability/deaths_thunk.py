"""The function whose ranks die, and all the ways in which one can."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deaths_bench import note_segments

# Others are inside a collective by then.
_HEAD_START_S = 0.05
_PATIENCE_S = 5.0


def _raise(error: BaseException) -> None:
    raise error


def _mpi() -> Any:
    from mpi4py import MPI

    return MPI


WAYS: dict[str, Callable[[], object]] = {
    "ValueError": lambda: _raise(ValueError("on purpose")),
    "MemoryError": lambda: _raise(MemoryError("on purpose")),
    "KeyboardInterrupt": lambda: _raise(KeyboardInterrupt()),
    "exit 0": lambda: sys.exit(0),
    "exit 3": lambda: sys.exit(3),
    "return": lambda: None,
    "_exit 0": lambda: os._exit(0),
    "_exit 3": lambda: os._exit(3),
    "SEGV": lambda: ctypes.string_at(0),
    "KILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "TERM": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "Abort": lambda: _mpi().COMM_WORLD.Abort(3),
    "STOP": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "C exit": lambda: ctypes.CDLL(None).exit(0),
}


class Bomb:
    """An argument that goes off when the rank that it is meant for unpickles it."""

    def __init__(self, way: str, rank: int) -> None:
        self.way, self.rank = way, rank

    def __reduce__(self) -> Any:
        return _go_off, (self.way, self.rank)


def _go_off(way: str, rank: int) -> bool:
    """Return whether this was the rank; the warm process, where MPI is not running, never is."""
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is None or not mpi.Is_initialized() or not _is(mpi.COMM_WORLD, rank):
        return False
    note_segments()
    WAYS[way]()
    return True


def _is(world: Any, rank: int) -> bool:
    return bool(world.Get_rank() == rank % world.Get_size())


def train(way: str, rank: int, phase: str, bomb: object = False) -> None:
    """Die in one rank; the others compute together.

    Args:
        rank: -1 for the last one.
        phase: 'import', 'before', 'in', 'save' or 'after', see `PHASES`.
        bomb: an argument that dies while it is unpickled, or tells that this rank is to return.
    """
    note_segments()
    world = _mpi().COMM_WORLD
    if bomb is True:
        return
    if phase in PHASES and PHASES[phase](world, _is(world, rank), way):
        return
    world.allreduce(1)


def _before(world: Any, chosen: bool, way: str) -> bool:
    return chosen and _die(way)


def _in(world: Any, chosen: bool, way: str) -> bool:
    world.allreduce(1)
    if chosen:
        time.sleep(_HEAD_START_S)
    return chosen and _die(way)


def _save(world: Any, chosen: bool, way: str) -> bool:
    world.allreduce(1)
    if not chosen:
        return False
    with (Path(os.environ["SWEEP_RUN_DIR"]) / "weights.bin").open("wb") as file:
        file.write(bytes(100_000))
        file.write(b"some that are still in memory")
        return _die(way)


def _after(world: Any, chosen: bool, way: str) -> bool:
    if chosen:
        atexit.register(_die_when_done, Path(os.environ["SWEEP_RUN_DIR"]) / "status.json", way)
    return False


def _die_when_done(status: Path, way: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while '"done"' not in status.read_text():
        if time.monotonic() > deadline:
            raise TimeoutError("the run was never done")
        time.sleep(0.005)
    _die(way)


def _die(way: str) -> bool:
    WAYS[way]()
    return True


PHASES: dict[str, Callable[[Any, bool, str], bool]] = {
    "before": _before,
    "in": _in,
    "save": _save,
    "after": _after,
}
