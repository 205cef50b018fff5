"""The ranks of one run: joined at its start, checked, and ended together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import MpiError
from sweep.base.mpi_command import world_from_environment


@dataclass(frozen=True)
class Ranks:
    """This process among the ranks of its run.

    Attributes:
        communicator: of all ranks; None in a run of one rank, which needs no MPI.
    """

    rank: int = 0
    communicator: Any = None

    def barrier(self) -> None:
        """Wait until every rank is here."""
        if self.communicator is not None:
            self.communicator.Barrier()

    def abort(self) -> None:
        """End every rank at once, this one included."""
        if self.communicator is not None:
            self.communicator.Abort(1)


def join(num_cpu: int) -> Ranks:
    """Return this process's place among `num_cpu` ranks.

    Raises:
        MpiError: MPI sees another number of ranks, which happens when launcher and library are of different
            families: each process then believes that it is alone.
    """
    if num_cpu == 1:
        return Ranks()
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    if world.Get_size() != num_cpu:
        raise MpiError(_mismatch(num_cpu, world.Get_size(), MPI.Get_library_version()))
    return Ranks(world.Get_rank(), world)


def _mismatch(num_cpu: int, size: int, library: str) -> str:
    started = world_from_environment(os.environ)
    launcher = f"the launcher (which sets {started.launcher_variable})" if started else "the launcher"
    return (
        f"{launcher} started {num_cpu} ranks, but the MPI library of mpi4py sees {size}. The library is "
        f"{' '.join(library.split())[:60]!r}: use its own mpiexec, or install mpi4py for this launcher."
    )
