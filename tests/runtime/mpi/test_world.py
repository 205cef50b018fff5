"""The ranks of a run: joined, and left in order."""

from __future__ import annotations

import subprocess
import sys
import time
import types
from collections.abc import Callable
from typing import Any

import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import Launcher
from sweep.runtime.mpi.world import Ranks, join

Outcome = subprocess.CompletedProcess[str]


def test_a_run_of_one_rank_needs_no_mpi() -> None:
    ranks = join(1)
    assert ranks == Ranks(0, None)
    ranks.barrier()
    ranks.abort()
    assert "mpi4py.MPI" not in sys.modules


class Communicator:
    """One whose other ranks arrive at the goodbye after so many looks, or never."""

    def __init__(self, looks: float = float("inf")) -> None:
        self.looks = looks
        self.aborted: list[int] = []

    def Ibarrier(self) -> Communicator:
        return self

    def Test(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def Abort(self, code: int) -> None:
        self.aborted.append(code)


@pytest.fixture
def finalized(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Pretend that an MPI library is loaded, and that the thunk has finalized it or not."""

    def pretend(is_finalized: bool) -> None:
        fake: Any = types.ModuleType("mpi4py.MPI")
        fake.Is_finalized = lambda: is_finalized
        monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)

    return pretend


def test_the_goodbye_ends_as_soon_as_every_rank_is_there(finalized: Callable[[bool], None]) -> None:
    finalized(False)
    Ranks(0, None, goodbye=Communicator(looks=0)).barrier(0)
    Ranks(0, None, goodbye=Communicator(looks=3)).barrier(60)


def test_a_goodbye_that_the_others_never_reach_is_an_error_that_names_rank_and_limit(
    finalized: Callable[[bool], None],
) -> None:
    finalized(False)
    started = time.monotonic()
    with pytest.raises(MpiError, match=r"^rank 1 returned, but other ranks were still running 0\.2 s later"):
        Ranks(1, None, goodbye=Communicator()).barrier(0.2)
    assert 0.2 <= time.monotonic() - started < 2


def test_the_goodbye_looks_often_at_first_and_seldom_later(
    finalized: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    finalized(False)
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    Ranks(0, None, goodbye=Communicator(looks=20)).barrier(60)
    assert slept == sorted(slept)
    assert slept[0] <= 0.001
    assert slept[-1] == 0.05


def test_where_the_thunk_has_finalized_mpi_barrier_and_abort_do_nothing(finalized: Callable[[bool], None]) -> None:
    world = Communicator()
    ranks = Ranks(0, world, goodbye=Communicator())
    finalized(True)
    ranks.barrier(0)
    ranks.abort()
    assert world.aborted == []
    finalized(False)
    ranks.abort()
    assert world.aborted == [1]


@pytest.mark.mpi
def test_a_rank_that_waits_in_a_collective_of_its_own_does_not_hold_the_other_for_ever(
    run_ranks: Callable[..., Outcome],
) -> None:
    outcome = run_ranks(
        """
        from mpi4py import MPI
        from sweep.runtime.mpi.world import join
        ranks = join(2)
        if ranks.rank == 1:
            MPI.COMM_WORLD.Barrier()  # not the goodbye, though it is a barrier too
        ranks.barrier(0.5)
        """
    )
    assert outcome.returncode != 0
    assert "rank 0 returned, but other ranks were still running 0.5 s later" in outcome.stderr


@pytest.mark.mpi
def test_every_rank_finalizes_mpi_before_it_leaves(run_ranks: Callable[..., Outcome], launcher: Launcher) -> None:
    """A rank that leaves without it counts as crashed: now and then the launcher then kills the others (exit 9)."""
    if launcher.family != "mpich":
        pytest.skip("only Hydra's -v shows what the ranks say to their manager")
    outcome = run_ranks("from sweep.runtime.mpi.world import join\njoin(2).barrier()\n", flags=["-v"])
    assert outcome.returncode == 0
    assert (outcome.stdout + outcome.stderr).count("cmd=finalize\n") == 2


@pytest.mark.mpi
def test_a_world_of_another_size_is_an_error(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks("from sweep.runtime.mpi.world import join\njoin(3)\n")
    assert "the run has 3 ranks, but its launcher started 2" in outcome.stderr
    assert MpiError.__name__ in outcome.stderr
