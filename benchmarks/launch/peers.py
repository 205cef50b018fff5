"""The peers, as their documentation shows them, with one slot where they have such a thing.

Each function does `count` empty runs and returns the times at which they were completed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import thunks


def hydra(count: int, folder: Path) -> list[float]:
    """Multirun with the launcher that comes with Hydra: every job in this one process."""
    import hydra

    marks = []

    @hydra.main(version_base=None, config_path=str(folder))
    def main(config: Any) -> None:
        marks.append(thunks.empty(config.i))

    sys.argv = [sys.argv[0], "--multirun", f"+i=range(0,{count})", f"hydra.sweep.dir={folder / 'multirun'}"]
    main()
    return marks


def submitit_array(count: int, folder: Path) -> list[float]:
    """All jobs are started at once, so the first mark is the call and the cost is that of the whole array."""
    import submitit

    called = time.time()
    jobs = submitit.LocalExecutor(folder=folder / "jobs").map_array(thunks.empty, list(range(count)))
    return [called, *sorted(job.result() for job in jobs)]


def submitit_each(count: int, folder: Path) -> list[float]:
    import submitit

    executor, marks = submitit.LocalExecutor(folder=folder / "jobs"), []
    for i in range(count):
        executor.submit(thunks.empty, i).result()
        marks.append(time.time())
    return marks


def executorlib(count: int, folder: Path) -> list[float]:
    return _executorlib(thunks.empty, count, cores=1)


def executorlib_ranks(count: int, folder: Path) -> list[float]:
    return _executorlib(thunks.allreduce, count, cores=2)


def _executorlib(thunk: Any, count: int, cores: int) -> list[float]:
    """Return when each result was there; with several cores a result is the list of the ranks' results."""
    from executorlib import SingleNodeExecutor

    with SingleNodeExecutor(max_cores=cores, resource_dict={"cores": cores}, block_allocation=False) as executor:
        results = [future.result() for future in [executor.submit(thunk, i) for i in range(count)]]
    return sorted(result if cores == 1 else max(result) for result in results)


def ray_tune(count: int, folder: Path) -> list[float]:
    """One trial at a time, each in a new actor; a function's return value is its last report."""
    import ray
    from ray import tune

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    tuner = tune.Tuner(
        lambda config: {"ended": thunks.empty(config["i"])},
        param_space={"i": tune.grid_search(list(range(count)))},
        tune_config=tune.TuneConfig(max_concurrent_trials=1, reuse_actors=False),
        run_config=tune.RunConfig(storage_path=str(folder / "ray"), verbose=0),
    )
    marks = sorted(result.metrics["ended"] for result in tuner.fit())
    ray.shutdown()
    return marks
