"""The ranks of one run: joined at its start, checked, and ended together."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import MpiError
from sweep.base.mpi_command import World, world_from_environment

_FIRST_SLEEP_S, _LONGEST_SLEEP_S = 0.001, 0.05


@dataclass(frozen=True)
class Ranks:
    """This process among the ranks of its run.

    Attributes:
        communicator: of all ranks; None in a run of one rank, which needs no MPI.
        goodbye: of all ranks too, for `barrier` alone, which so never meets a collective of the thunk.
    """

    rank: int = 0
    communicator: Any = None
    goodbye: Any = None

    def barrier(self, limit_s: float = math.inf) -> None:
        """Wait until every rank has come to this, its last act; not at all where the thunk has finalized MPI.

        Args:
            limit_s: the longest wait in seconds; infinity waits for ever.

        Raises:
            MpiError: the time is over. A rank that waits in a collective for this one would wait for ever.
        """
        if self.goodbye is None or _is_finalized():
            return
        request = self.goodbye.Ibarrier()
        deadline = time.monotonic() + limit_s
        pause_s = _FIRST_SLEEP_S
        while not request.Test():
            if time.monotonic() >= deadline:
                raise MpiError(f"rank {self.rank} returned, but other ranks were still running {limit_s:g} s later")
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_SLEEP_S)

    def abort(self) -> None:
        """End every rank at once, this one included; nothing where MPI is finalized, which is past that."""
        if self.communicator is not None and not _is_finalized():
            self.communicator.Abort(1)


def _is_finalized() -> bool:
    mpi = sys.modules.get("mpi4py.MPI")
    return bool(mpi and mpi.Is_finalized())


def join(num_cpu: int) -> Ranks:
    """Return this process's place among `num_cpu` ranks.

    Raises:
        MpiError: MPI sees another number of ranks.
    """
    if num_cpu == 1:
        _start_what_is_loaded()
        return Ranks()
    mpi = start_mpi()
    world = mpi.COMM_WORLD
    if world.Get_size() != num_cpu:
        raise MpiError(f"the run has {num_cpu} ranks, but its launcher started {world.Get_size()}.")
    return Ranks(world.Get_rank(), world, world.Dup())


def start_mpi() -> Any:
    """Start MPI, if it is not running, and return the module `mpi4py.MPI`.

    Raises:
        MpiError: mpi4py is not installed, MPI has been finalized, or the launcher and the library belong to
            different families.
    """
    try:
        import mpi4py

        if "mpi4py.MPI" not in sys.modules:
            mpi4py.rc.initialize = False  # the families are compared first: a foreign library may end the process
            # Without this mpi4py would leave MPI running at exit, as it did not start it itself; a rank that leaves
            # like that is a crash to the launcher, which may kill the others and exit with 9.
            mpi4py.rc.finalize = True
        from mpi4py import MPI
    except ImportError as error:
        raise MpiError(f"A world of several ranks needs mpi4py ({error}): pip install mpi4py") from error
    if MPI.Is_finalized():
        raise MpiError("MPI is already finalized in this process; nothing can be communicated after that.")
    started, library = world_from_environment(os.environ), MPI.Get_library_version()
    if started and started.launcher_variable.startswith("OMPI_") and "Open MPI" not in library:
        raise MpiError(_mismatch(started, "Open MPI", library))
    if not MPI.Is_initialized():
        _init(MPI)
    check_world(MPI)
    return MPI


def _start_what_is_loaded() -> None:
    """Start an MPI that the warm process has loaded without starting it, for runs with more ranks than this one.

    In a fresh process importing mpi4py starts it, and a function with one rank may count on that.
    """
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is not None and not mpi.Is_initialized() and not mpi.Is_finalized():
        _init(mpi)


def _init(mpi: Any) -> None:
    """Start MPI, and take SIGUSR1 back from it: that signal asks a run to save and stop, and MPICH would swallow it."""
    before = signal.getsignal(signal.SIGUSR1)
    mpi.Init_thread()
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGUSR1, before)


def check_world(mpi: Any) -> None:
    """Refuse a running MPI that sees one rank where the launcher started several.

    Every process would take itself for rank 0, and all would write to one file.

    Raises:
        MpiError: names the launcher and the library.
    """
    started = world_from_environment(os.environ)
    if started and mpi.COMM_WORLD.Get_size() == 1 < started.size:
        raise MpiError(_mismatch(started, "another family", mpi.Get_library_version()))


def _mismatch(started: World, family: str, library: str) -> str:
    return (
        f"the launcher started {started.size} ranks and is of {family} (it sets {started.launcher_variable}), but the "
        f"MPI library of mpi4py is {' '.join(library.split())[:40]!r}: use the mpiexec of that library."
    )
