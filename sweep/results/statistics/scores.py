"""What every statistic is given: finite scores, one for each seed, and those of several tasks apart from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# One array of scores for each task; or the scores of the only task.
Tasks = Sequence[ArrayLike] | Floats


def finite(values: ArrayLike) -> Floats:
    """Return scores as one row of float64.

    Args:
        values: scores in any shape, a number for each run; a list of arrays may have arrays of different lengths.

    Raises:
        ValueError: one is NaN or infinite.
    """
    if isinstance(values, list | tuple) and any(np.ndim(value) for value in values):
        values = np.concatenate([np.ravel(value) for value in values])
    scores = np.asarray(values, dtype=np.float64).ravel()
    bad = ~np.isfinite(scores)
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} of {len(scores)} scores are not finite, the first is {scores[bad][0]}; "
            "leave such runs out and say how many they were."
        )
    return scores


def by_task(tasks: Tasks) -> list[Floats]:
    """Return one row of scores for each task; a row of numbers alone is the only task.

    A matrix is refused, as it would be open which of its axes is the runs: taking tasks or episodes for runs makes
    intervals far too small.

    Raises:
        ValueError: a matrix, no task, a task without scores, or a score that is not finite.
    """
    if isinstance(tasks, np.ndarray) and tasks.ndim > 1:
        raise ValueError(f"scores have the shape {tasks.shape}; give a list with one array of runs for each task.")
    if all(np.ndim(task) == 0 for task in tasks):
        rows = [finite(np.asarray(tasks, dtype=np.float64))]
    else:
        rows = [finite(_one_row(task)) for task in tasks]
    if not all(len(row) for row in rows):
        raise ValueError("a task has no scores; leave it out and say so.")
    return rows


def _one_row(task: ArrayLike) -> ArrayLike:
    if np.ndim(task) != 1:
        raise ValueError(f"the scores of a task have the shape {np.shape(task)}; give one number for each run.")
    return task
