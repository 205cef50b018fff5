"""The MPI helpers: alone, in worlds that an environment pretends, and on real ranks."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import Launcher
from sweep.runtime.mpi import helpers as mpi

Outcome = subprocess.CompletedProcess[str]


@pytest.fixture(autouse=True)
def without_mpi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def pretend(rank: int, size: int) -> None:
        monkeypatch.setenv("PMI_RANK", str(rank))
        monkeypatch.setenv("PMI_SIZE", str(size))

    return pretend


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that an MPI library is loaded, running, and sees a world."""

    def pretend(rank: int, size: int) -> None:
        fake = types.ModuleType("mpi4py.MPI")
        communicator = types.SimpleNamespace(Get_rank=lambda: rank, Get_size=lambda: size)
        running = {"Is_initialized": lambda: True, "Is_finalized": lambda: False}
        vars(fake).update(COMM_WORLD=communicator, Get_library_version=lambda: "MPICH 5", **running)
        monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)

    return pretend


# Alone


def test_one_process_is_rank_0_of_1() -> None:
    assert (mpi.proc_id(), mpi.num_procs()) == (0, 1)


def test_a_scalar_comes_back_as_a_python_float() -> None:
    for operation in (mpi.mpi_sum, mpi.mpi_avg, mpi.mpi_min, mpi.mpi_max):
        for given in (3, np.float32(3), np.array(3)):
            found = operation(given)
            assert type(found) is float
            assert found == 3.0


@pytest.mark.parametrize(
    ("given", "dtype"), [("float64", "float64"), ("float32", "float32"), ("float16", "float16"), ("int32", "float64")]
)
def test_an_array_keeps_its_floating_type(given: str, dtype: str) -> None:
    local = np.ones((2, 3), given)
    found = mpi.mpi_sum(local)
    assert (found.dtype, found.shape) == (np.dtype(dtype), (2, 3))
    found[:] = 5
    assert (local == 1).all()


def test_a_list_becomes_an_array_in_double_precision() -> None:
    assert mpi.mpi_avg([1, 16777217]).tolist() == [1.0, 16777217.0]


def test_alone_broadcast_leaves_and_allreduce_copies() -> None:
    here, there = np.arange(3.0), np.zeros(3)
    mpi.broadcast(here)
    mpi.allreduce(here, there, "max")
    assert there.tolist() == here.tolist() == [0.0, 1.0, 2.0]


def test_an_unknown_operation_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(MpiError, match="'avg' is not an operation; use one of sum, min, max, prod"):
        mpi.mpi_op(1.0, "avg")


def test_statistics_of_numbers_of_any_shape() -> None:
    assert mpi.mpi_statistics_scalar([[1, 2], [3, 4]]) == (2.5, math.sqrt(1.25))
    assert mpi.mpi_statistics_scalar(np.array([1, 3], "float32"), with_min_and_max=True) == (2.0, 1.0, 1.0, 3.0)


def test_statistics_of_nothing_are_not_numbers() -> None:
    found = mpi.mpi_statistics_scalar([], with_min_and_max=True)
    assert len(found) == 4
    assert all(map(math.isnan, found))


def test_a_message_names_the_rank(capsys: pytest.CaptureFixture[str]) -> None:
    mpi.msg(5, "five")
    assert capsys.readouterr().out == "Message from 0: five\t 5\n"


# Who says what the world is


def test_rank_and_size_come_from_the_launcher_without_loading_mpi(world: Callable[..., None]) -> None:
    world(1, 2)
    assert (mpi.proc_id(), mpi.num_procs()) == (1, 2)
    assert "mpi4py.MPI" not in sys.modules


def test_a_running_library_knows_better_than_the_environment(
    world: Callable[..., None], library: Callable[..., None]
) -> None:
    world(0, 2)
    library(3, 4)
    assert (mpi.proc_id(), mpi.num_procs()) == (3, 4)


def test_a_launcher_of_another_family_than_the_library_is_an_error_and_not_many_first_ranks(
    world: Callable[..., None], library: Callable[..., None]
) -> None:
    world(1, 2)
    library(0, 1)
    with pytest.raises(MpiError, match=r"2 ranks and is of another family \(it sets PMI_\w+\), but the MPI library"):
        mpi.proc_id()


# mpi_fork


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record what this process would be replaced by."""
    calls: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *call: calls.append(call))
    monkeypatch.setattr(mpi, "find_launcher", lambda *_: Launcher(Path("/bin/mpiexec"), "mpich"))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-u", "train.py", "--lr", "1"])
    return calls


@pytest.mark.parametrize("n", [1, 0, -1])
def test_fork_of_one_rank_or_less_does_nothing(replaced: list[Any], n: int) -> None:
    mpi.mpi_fork(n)
    assert replaced == []


@pytest.mark.parametrize("n", ["auto", "2", 1.5, 2.0, 0.5, True, False, None, np.float64(2), np.bool_(True), [2]])
def test_fork_of_what_is_no_whole_number_is_an_error_in_one_line(replaced: list[Any], n: Any) -> None:
    with pytest.raises(MpiError, match="is not a whole number") as caught:
        mpi.mpi_fork(n)
    assert f"mpi_fork({n!r})" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert replaced == []


def test_fork_takes_numpys_whole_numbers(replaced: list[Any]) -> None:
    mpi.mpi_fork(np.int64(2))  # type: ignore[arg-type]
    assert replaced[0][1][:3] == ["/bin/mpiexec", "-n", "2"]


def test_fork_replaces_the_process_by_the_launcher(replaced: list[Any]) -> None:
    mpi.mpi_fork(2, bind_to_core=True)
    ((program, argv, environ),) = replaced
    own = [sys.executable, "-u", "-m", "mpi4py", "train.py", "--lr", "1"]
    assert program == "/bin/mpiexec"
    assert argv == ["/bin/mpiexec", "-n", "2", "-bind-to", "core", *own]
    assert (environ["IN_MPI"], environ["OMP_NUM_THREADS"]) == ("1", "1")
    assert "IN_MPI" not in os.environ


def test_fork_takes_launcher_and_flags_from_the_settings(replaced: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpi, "find_launcher", lambda setting, _: Launcher(Path(setting), "mpich"))
    monkeypatch.setenv("SWEEP_MPIEXEC", "/opt/my/mpiexec")
    monkeypatch.setenv("SWEEP_MPIEXEC_FLAGS", "['-ppn', '2']")
    mpi.mpi_fork(2)
    assert replaced[0][1][:6] == ["/opt/my/mpiexec", "-n", "2", "-ppn", "2", sys.executable]


def test_fork_inside_a_world_of_that_size_goes_on(
    replaced: list[Any], world: Callable[..., None], library: Callable[..., None]
) -> None:
    world(1, 2)
    library(1, 2)
    mpi.mpi_fork(2)
    assert replaced == []


@pytest.mark.parametrize("size", [1, 3])
def test_fork_inside_a_world_of_another_size_is_an_error(
    replaced: list[Any], world: Callable[..., None], library: Callable[..., None], size: int
) -> None:
    world(0, size)
    library(0, size)
    with pytest.raises(MpiError, match=rf"mpi_fork\(2\) was called in a world of {size} \(PMI_SIZE\)"):
        mpi.mpi_fork(2)
    assert replaced == []


def test_a_left_over_mark_is_an_error_and_neither_one_process_nor_ever_more(
    replaced: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IN_MPI", "1")
    with pytest.raises(MpiError, match="run it with IN_MPI unset"):
        mpi.mpi_fork(2)
    assert replaced == []


# Real ranks


@pytest.mark.mpi
def test_a_rank_that_raises_after_fork_ends_the_others(run: Callable[..., Outcome], launcher: Launcher) -> None:
    outcome = run(
        """
        from sweep.runtime.mpi.helpers import mpi_avg, mpi_fork, proc_id
        mpi_fork(2)
        if proc_id() == 1:
            raise ValueError("rank 1 gives up")
        mpi_avg(1.0)
        print("never")
        """
    )
    assert outcome.returncode != 0
    assert "rank 1 gives up" in outcome.stderr
    assert "never" not in outcome.stdout


@pytest.mark.mpi
def test_fork_passes_options_arguments_and_the_exit_code(run: Callable[..., Outcome], launcher: Launcher) -> None:
    text = """
        import os, sys
        from sweep.runtime.mpi.helpers import mpi_fork, mpi_sum, num_procs, proc_id
        mpi_fork(2)
        total = mpi_sum(proc_id() + 1)
        if proc_id() == 0:
            print(num_procs(), total, os.environ["IN_MPI"], os.environ["OMP_NUM_THREADS"], sys.flags.optimize)
        sys.exit(0 if sys.flags.optimize else 3)
        """
    outcome = run(text, "-O")
    assert (outcome.stdout, outcome.returncode) == ("2 3.0 1 1 1\n", 0), outcome.stderr
    assert run(text).returncode == 3


@pytest.mark.mpi
def test_collectives_combine_all_ranks(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        """
        import numpy as np
        from sweep.runtime.mpi.helpers import *
        from sweep.runtime.mpi.helpers import mpi_avg, mpi_max, mpi_min, mpi_op, mpi_statistics_scalar, mpi_sum, proc_id
        from sweep.runtime.mpi.helpers import broadcast
        rank = proc_id()
        numbers = np.full(2, rank + 1, "float32")
        half = mpi_sum(np.full(2, 0.5, "float16"))
        filled = np.full(3, float(rank))
        broadcast(filled, root=1)
        empty = mpi_statistics_scalar([1.0, 3.0] if rank else [], with_min_and_max=True)
        from mpi4py import MPI
        found = [mpi_sum(16777217), mpi_avg(rank), mpi_min(rank), mpi_max(rank), mpi_op(rank + 2, MPI.PROD),
                 mpi_avg(numbers).tolist(), str(mpi_avg(numbers).dtype), half.tolist(), str(half.dtype),
                 filled.tolist(), empty]
        print(found, flush=True)
        """
    )
    assert outcome.returncode == 0, outcome.stderr
    line = (
        "[33554434.0, 0.5, 0.0, 1.0, 6.0, [1.5, 1.5], 'float32', [1.0, 1.0], 'float16', [1.0, 1.0, 1.0], "
        "(2.0, 1.0, 1.0, 3.0)]"
    )
    assert outcome.stdout.count(line) == 2


@pytest.mark.mpi
def test_rank_and_size_alone_load_no_mpi_on_a_rank(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        """
        import sys
        from sweep.runtime.log.logger import Logger
        from sweep.runtime.mpi.helpers import num_procs, proc_id
        logger = Logger("out")
        logger.log(f"{num_procs()} ranks, MPI loaded: {'mpi4py.MPI' in sys.modules}")
        """
    )
    assert outcome.stdout.splitlines()[-1] == "2 ranks, MPI loaded: False", outcome.stderr


@pytest.mark.mpi
def test_fork_in_a_world_of_another_size_ends_every_rank(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        """
        from sweep.runtime.mpi.helpers import mpi_fork
        mpi_fork(3)
        """
    )
    assert outcome.returncode != 0
    assert "mpi_fork(3) was called in a world of 2" in outcome.stderr
