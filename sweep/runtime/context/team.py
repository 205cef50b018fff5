"""The ranks of a run at one of its boundaries, where all of them come: agreed on what is done, and done together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sweep.base.errors import SweepError
from sweep.runtime.mpi.helpers import num_procs, proc_id
from sweep.runtime.mpi.world import start_mpi

_Answer = tuple[Any, Exception | None]


class Team:
    """All ranks, with a communicator of their own, so that nothing here meets a collective of the user's.

    Making one is collective, as is every method: each rank calls it, at the same place.

    Attributes:
        rank: of this process; 0 outside MPI.
        size: how many there are.
    """

    def __init__(self) -> None:
        self.rank, self.size = proc_id(), num_procs()
        self._communicator = start_mpi().COMM_WORLD.Dup() if self.size > 1 else None

    def gathered(self, mine: Any) -> list[Any]:
        """Return what each rank gave, in their order."""
        return [mine] if self._communicator is None else list(self._communicator.allgather(mine))

    def first(self, act: Callable[[], Any]) -> Any:
        """Have rank 0 do something; return its result on every rank, or raise its error there."""
        answer = _tried(act) if self.rank == 0 else (None, None)
        if self._communicator is not None:
            answer = self._communicator.bcast(answer)
        return _result(answer)

    def each(self, act: Callable[[], Any]) -> list[Any]:
        """Have every rank do something; return all results, or raise the first error on all of them."""
        return list(map(_result, self.gathered(_tried(act))))


def _tried(act: Callable[[], Any]) -> _Answer:
    try:
        return act(), None
    except (SweepError, OSError) as error:  # those that have an explanation, and can be sent to other ranks
        return None, error


def _result(answer: _Answer) -> Any:
    value, error = answer
    if error is not None:
        raise error
    return value
