"""sweep: describe a grid, read the plan, run every variant as an isolated process over MPI, read the results.

The public names are imported when they are first used, so that ``import sweep`` costs nothing but this file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names for type checkers, which do not run `__getattr__`
    import sweep.memory  # noqa: F401
    from sweep.base.errors import ConfigMismatch as ConfigMismatch
    from sweep.base.errors import GridError as GridError
    from sweep.base.errors import NameClash as NameClash
    from sweep.base.errors import RunFailed as RunFailed
    from sweep.base.errors import SweepError as SweepError
    from sweep.base.text import colorize as colorize
    from sweep.front.call import call_experiment as call_experiment
    from sweep.front.call import setup_logger_kwargs as setup_logger_kwargs
    from sweep.front.check_resume import check_resume as check_resume
    from sweep.front.experiment import ExperimentGrid as ExperimentGrid
    from sweep.front.fork import fork as fork
    from sweep.front.relaunch import relaunch as relaunch
    from sweep.front.single import experiment as experiment
    from sweep.front.summary import Sweep as Sweep
    from sweep.grid.distributions import choice as choice
    from sweep.grid.distributions import loguniform as loguniform
    from sweep.grid.distributions import uniform as uniform
    from sweep.grid.parameter import fixed as fixed
    from sweep.results.load import Results as Results
    from sweep.results.load import load as load
    from sweep.results.score import Score as Score
    from sweep.runtime.context.current import current_run as current_run
    from sweep.runtime.exports.load import load_weights as load_weights
    from sweep.runtime.log.epoch_logger import EpochLogger as EpochLogger
    from sweep.runtime.log.logger import Logger as Logger
    from sweep.runtime.log.tf_saver import restore_tf_graph as restore_tf_graph
    from sweep.runtime.mpi.helpers import allreduce as allreduce
    from sweep.runtime.mpi.helpers import broadcast as broadcast
    from sweep.runtime.mpi.helpers import mpi_avg as mpi_avg
    from sweep.runtime.mpi.helpers import mpi_fork as mpi_fork
    from sweep.runtime.mpi.helpers import mpi_max as mpi_max
    from sweep.runtime.mpi.helpers import mpi_min as mpi_min
    from sweep.runtime.mpi.helpers import mpi_op as mpi_op
    from sweep.runtime.mpi.helpers import mpi_statistics_scalar as mpi_statistics_scalar
    from sweep.runtime.mpi.helpers import mpi_sum as mpi_sum
    from sweep.runtime.mpi.helpers import num_procs as num_procs
    from sweep.runtime.mpi.helpers import proc_id as proc_id
    from sweep.runtime.mpi.keras import MpiAdamOptimizer as MpiAdamOptimizer
    from sweep.runtime.mpi.keras import sync_all_params as sync_all_params
    from sweep.runtime.mpi.pytorch import mpi_avg_grads as mpi_avg_grads
    from sweep.runtime.mpi.pytorch import setup_pytorch_for_mpi as setup_pytorch_for_mpi
    from sweep.runtime.mpi.pytorch import sync_params as sync_params
    from sweep.runtime.policy.load import load_policy_and_env as load_policy_and_env
    from sweep.runtime.policy.play import run_policy as run_policy
    from sweep.runtime.seeding import set_seed as set_seed
    from sweep.runtime.snapshots.factory import Factory as Factory

__version__ = "0.1.0"

_HOMES = {
    "ExperimentGrid": "sweep.front.experiment",
    "call_experiment": "sweep.front.call",
    "setup_logger_kwargs": "sweep.front.call",
    "experiment": "sweep.front.single",
    "fork": "sweep.front.fork",
    "relaunch": "sweep.front.relaunch",
    "Sweep": "sweep.front.summary",
    "fixed": "sweep.grid.parameter",
    "uniform": "sweep.grid.distributions",
    "loguniform": "sweep.grid.distributions",
    "choice": "sweep.grid.distributions",
    "current_run": "sweep.runtime.context.current",
    "Factory": "sweep.runtime.snapshots.factory",
    "Logger": "sweep.runtime.log.logger",
    "EpochLogger": "sweep.runtime.log.epoch_logger",
    "colorize": "sweep.base.text",
    "proc_id": "sweep.runtime.mpi.helpers",
    "num_procs": "sweep.runtime.mpi.helpers",
    "broadcast": "sweep.runtime.mpi.helpers",
    "allreduce": "sweep.runtime.mpi.helpers",
    "mpi_op": "sweep.runtime.mpi.helpers",
    "mpi_sum": "sweep.runtime.mpi.helpers",
    "mpi_avg": "sweep.runtime.mpi.helpers",
    "mpi_min": "sweep.runtime.mpi.helpers",
    "mpi_max": "sweep.runtime.mpi.helpers",
    "mpi_statistics_scalar": "sweep.runtime.mpi.helpers",
    "mpi_fork": "sweep.runtime.mpi.helpers",
    "setup_pytorch_for_mpi": "sweep.runtime.mpi.pytorch",
    "sync_params": "sweep.runtime.mpi.pytorch",
    "mpi_avg_grads": "sweep.runtime.mpi.pytorch",
    "MpiAdamOptimizer": "sweep.runtime.mpi.keras",
    "sync_all_params": "sweep.runtime.mpi.keras",
    "load_policy_and_env": "sweep.runtime.policy.load",
    "run_policy": "sweep.runtime.policy.play",
    "load_weights": "sweep.runtime.exports.load",
    "restore_tf_graph": "sweep.runtime.log.tf_saver",
    "check_resume": "sweep.front.check_resume",
    "load": "sweep.results.load",
    "Results": "sweep.results.load",
    "Score": "sweep.results.score",
    "set_seed": "sweep.runtime.seeding",
    "SweepError": "sweep.base.errors",
    "ConfigMismatch": "sweep.base.errors",
    "GridError": "sweep.base.errors",
    "NameClash": "sweep.base.errors",
    "RunFailed": "sweep.base.errors",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "memory":  # a door of its own: `sweep.memory.Ring`
        return importlib.import_module("sweep.memory")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sweep' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
