"""The ranks of a run: joined, and left in order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import Launcher
from sweep.runtime.world import Ranks, join

Outcome = subprocess.CompletedProcess[str]


def test_a_run_of_one_rank_needs_no_mpi() -> None:
    ranks = join(1)
    assert ranks == Ranks(0, None)
    ranks.barrier()
    ranks.abort()
    assert "mpi4py.MPI" not in sys.modules


@pytest.mark.mpi
def test_every_rank_finalizes_mpi_before_it_leaves(run_ranks: Callable[..., Outcome], launcher: Launcher) -> None:
    """A rank that leaves without it counts as crashed: now and then the launcher then kills the others (exit 9)."""
    if launcher.family != "mpich":
        pytest.skip("only Hydra's -v shows what the ranks say to their manager")
    outcome = run_ranks("from sweep.runtime.world import join\njoin(2).barrier()\n", flags=["-v"])
    assert outcome.returncode == 0
    assert (outcome.stdout + outcome.stderr).count("cmd=finalize\n") == 2


@pytest.mark.mpi
def test_a_world_of_another_size_is_an_error(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks("from sweep.runtime.world import join\njoin(3)\n")
    assert "the run has 3 ranks, but its launcher started 2" in outcome.stderr
    assert MpiError.__name__ in outcome.stderr
