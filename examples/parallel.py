"""Runs side by side, two MPI ranks each: what fails, what hangs, and what the same command does the next time.

    python examples/parallel.py                   10 runs are done, one fails, one hangs and is ended after 3 seconds
    python examples/parallel.py                   nothing starts; the two are listed
    python examples/parallel.py --retry-failed    only the two run, and now they are done

On two cores one run goes at a time; on a machine with more, as many as there is room for.
"""

import sys
import time
from pathlib import Path
from typing import Any

from sweep import EpochLogger, ExperimentGrid, mpi_avg, proc_id


def estimate_pi(points: int, seed: int = 0, logger_kwargs: Any = None) -> None:
    """Throw points at a square, on every rank, and average what they say of the circle in it."""
    import numpy as np

    logger = EpochLogger(**logger_kwargs)
    trouble(points, seed, Path(logger_kwargs["output_dir"], f"tried_by_rank{proc_id()}"))
    random = np.random.default_rng([seed, proc_id()])
    for epoch in range(3):
        inside = (random.random((points, 2)) ** 2).sum(axis=1) < 1
        logger.log_tabular("Epoch", epoch)
        logger.log_tabular("Pi", mpi_avg(4 * inside.mean()))
        logger.dump_tabular()


def trouble(points: int, seed: int, tried: Path) -> None:
    """Let two of the runs meet a disk that is not mounted and a server that does not answer, when tried first."""
    if points != 1000 or tried.exists():
        return
    tried.touch()
    if seed == 1 and proc_id() == 0:
        raise FileNotFoundError("the data set is not mounted")
    if seed == 2 and proc_id() == 1:
        time.sleep(3600)


if __name__ == "__main__":
    grid = ExperimentGrid(name="parallel")
    grid.add("points", [10, 100, 1000, 10_000])
    grid.add("seed", [0, 1, 2])
    sys.exit(grid.run(estimate_pi, num_cpu=2, timeout="3s", retry_failed="--retry-failed" in sys.argv).exit_code)
