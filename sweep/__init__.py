"""sweep: describe a grid, read the plan, run every variant as an isolated process over MPI, read the results.

The public names are imported when they are first used, so that ``import sweep`` costs nothing but this file.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "ExperimentGrid": "sweep.front.experiment",
    "call_experiment": "sweep.front.call",
    "setup_logger_kwargs": "sweep.front.call",
    "Sweep": "sweep.front.summary",
    "fixed": "sweep.grid.parameter",
    "uniform": "sweep.grid.distributions",
    "loguniform": "sweep.grid.distributions",
    "choice": "sweep.grid.distributions",
    "Logger": "sweep.runtime.logger",
    "EpochLogger": "sweep.runtime.epoch_logger",
    "colorize": "sweep.base.text",
    "proc_id": "sweep.runtime.mpi",
    "num_procs": "sweep.runtime.mpi",
    "broadcast": "sweep.runtime.mpi",
    "allreduce": "sweep.runtime.mpi",
    "mpi_op": "sweep.runtime.mpi",
    "mpi_sum": "sweep.runtime.mpi",
    "mpi_avg": "sweep.runtime.mpi",
    "mpi_min": "sweep.runtime.mpi",
    "mpi_max": "sweep.runtime.mpi",
    "mpi_statistics_scalar": "sweep.runtime.mpi",
    "mpi_fork": "sweep.runtime.mpi",
    "SweepError": "sweep.base.errors",
    "GridError": "sweep.base.errors",
    "NameClash": "sweep.base.errors",
    "RunFailed": "sweep.base.errors",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sweep' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
