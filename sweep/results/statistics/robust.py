"""What summarises runs of several tasks: interquartile mean, optimality gap, profile, probability of improvement.

Source of all: Agarwal, Schwarzer, Castro, Courville & Bellemare 2021, "Deep Reinforcement Learning at the Edge of the
Statistical Precipice" (arXiv 2108.13264), as rliable 1.2 computes them. Scores of several tasks go together only if
they were normalised to one scale before.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from sweep.results.statistics.scores import Floats, Tasks, by_task, finite


def iqm_of_rows(rows: Floats) -> Floats:
    """Return the interquartile mean along the last axis, see `iqm`; shape (..., N) becomes (...), N > 0.

    What a `Statistic` of the bootstrap is.
    """
    total = rows.shape[-1]
    cut = total // 4
    ordered = np.sort(rows, axis=-1)
    kept = ordered[..., cut : total - cut]
    with np.errstate(over="ignore"):  # of the largest numbers; the clip takes it back
        middle: Floats = np.clip(kept.mean(axis=-1), kept[..., 0], kept[..., -1])
    return middle


def iqm(values: ArrayLike) -> float:
    """Return the interquartile mean: of all N scores, of any tasks, the mean without the floor(N/4) lowest and highest.

    N = 5 leaves the middle 3, N = 4 the middle 2; below N = 4 it is the plain mean. It is `scipy.stats.trim_mean` with
    0.25; the other interquartile mean, which weighs the scores at the quartiles by fractions, differs.

    Args:
        values: N = runs x tasks scores, in any shape.

    Returns:
        NaN if there are none.

    Raises:
        ValueError: a score is not finite.
    """
    scores = finite(values)
    return float(iqm_of_rows(scores)) if len(scores) else math.nan


def optimality_gap(values: ArrayLike, gamma: float = 1.0) -> float:
    """Return gamma - mean(min(score, gamma)): how far runs stay below a score that counts as solved; 0 is best.

    Args:
        values: scores in any shape, of which more is better.
        gamma: the score above which nothing is gained, in the unit of the scores.

    Returns:
        NaN if there are none.

    Raises:
        ValueError: a score is not finite.
    """
    scores = finite(values)
    return float(gamma - np.minimum(scores, gamma).mean()) if len(scores) else math.nan


def performance_profile(values: ArrayLike, taus: ArrayLike) -> Floats:
    """Return the share of runs with a score above tau (strictly), for each of k taus; NaN if there are no runs.

    Args:
        values: N scores in any shape.
        taus: k thresholds, in the unit of the scores.

    Returns:
        k shares from 0 to 1.

    Raises:
        ValueError: a score is not finite.
    """
    scores, thresholds = np.sort(finite(values)), np.asarray(taus, dtype=np.float64)
    if not len(scores):
        return np.full(thresholds.shape, math.nan)
    above: Floats = (len(scores) - np.searchsorted(scores, thresholds, side="right")) / len(scores)
    return above


def probability_of_improvement(x: Tasks, y: Tasks) -> float:
    """Return how likely a run of X is better than one of Y: the mean over tasks of (#(x > y) + #(x = y)/2) / (n_x n_y).

    That is Mann and Whitney's U over the number of pairs; 0.5 is no difference. It says nothing of how much better.

    Args:
        x: an array of scores for each task, or the scores of the only one; more is better.
        y: likewise for the same tasks in the same order; the number of runs may differ.

    Raises:
        ValueError: the numbers of tasks differ, a task has no scores, or one is not finite.
    """
    return float(np.mean([table.mean() for table in win_tables(x, y)]))


def win_tables(x: Tasks, y: Tasks) -> list[Floats]:
    """Return for each task the n_x x n_y table of 1 where x > y, 1/2 where x = y, and 0 elsewhere.

    Raises:
        ValueError: as `probability_of_improvement`.
    """
    ours, theirs = by_task(x), by_task(y)
    if len(ours) != len(theirs):
        raise ValueError(f"scores of {len(ours)} and of {len(theirs)} tasks; both settings need the same tasks.")
    return [_wins(a[:, None], b[None, :]) for a, b in zip(ours, theirs, strict=True)]


def _wins(a: Floats, b: Floats) -> Floats:
    wins: Floats = (a > b) + 0.5 * (a == b)
    return wins
