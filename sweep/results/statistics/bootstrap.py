"""Percentile bootstrap intervals of runs of several tasks, resampled within each task; the tasks stay as they are.

Source: the stratified bootstrap of Agarwal et al. 2021 (arXiv 2108.13264), as in rliable 1.2 without `task_bootstrap`.
Where all different resamples are no more than the repeats that were asked for, they are enumerated: the interval is
then exact, and nothing is random. Few runs make it too narrow: a task alone is better served by `interval.t_interval`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sweep.results.statistics.interval import Interval
from sweep.results.statistics.resamples import (
    Stratum,
    counts,
    distinct,
    every_resample,
    quantiles,
    random_resamples,
)
from sweep.results.statistics.robust import iqm_of_rows, win_tables
from sweep.results.statistics.scores import Floats, Tasks, by_task

# Takes resamples, (repeats, N), to one number for each, along the last axis.
Statistic = Callable[[Floats], Floats]

REPEATS, FEW_REPEATS = 50_000, 2_000
# Numbers in a block of resamples: so few that its memory is used again instead of asked for anew.
_BLOCK = 2**15
_MOST_EXACT = 1_000_000


@dataclass(frozen=True)
class Distribution:
    """All values that a statistic can take over resamples, ascending, and how likely each is."""

    values: Floats
    chances: Floats

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return its percentile interval: as much is cut off at both ends."""
        low, high = quantiles(self.values, self.chances, _levels(confidence))
        return Interval(float(low), float(high))


def exact_distribution(tasks: Tasks, statistic: Statistic = iqm_of_rows) -> Distribution:
    """Return the distribution of a statistic over all resamples, each task's within itself; nothing is random.

    Resamples that differ in order alone are one here, with the chance of all; n runs have (2n - 1)! / n! / (n - 1)! of
    them, 126 for 5, and several tasks the product of theirs.

    Args:
        tasks: an array of scores for each task, or the scores of the only one.
        statistic: of all resampled scores, N of them in a row; the order in a row must not matter to it.

    Raises:
        ValueError: there are more than a million different resamples, or the scores are none.
    """
    rows = by_task(tasks)
    if (total := _distinct(rows)) > _MOST_EXACT:
        raise ValueError(f"{total} different resamples are too many to enumerate; take stratified_interval.")
    scores, chances = np.empty((1, 0)), np.ones(1)
    for row in rows:
        indices, more = every_resample(len(row))
        left = np.repeat(scores, len(more), axis=0)
        scores = np.hstack([left, np.tile(row[indices], (len(scores), 1))])
        chances = np.outer(chances, more).ravel()
    values = statistic(scores)
    order = np.argsort(values, kind="stable")
    return Distribution(values[order], chances[order])


def stratified_interval(
    tasks: Tasks,
    statistic: Statistic = iqm_of_rows,
    repeats: int = REPEATS,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval | None:
    """Return the percentile interval of a statistic over resamples of the runs, within each task.

    Args:
        tasks: an array of scores for each task, or the scores of the only one; the numbers of runs may differ.
        statistic: of all resampled scores of all tasks, N = sum of the runs in a row; the order in a row must not
            matter to it.
        repeats: how many resamples are drawn, if there are more than that.
        confidence: between 0 and 1.
        seed: of the generator, which is this call's own: the same scores give the same interval, in any order.

    Returns:
        None if a task has fewer than two runs: it would count as if its score were known.

    Raises:
        ValueError: there is no task, one has no scores, one of them is not finite, or `tasks` is a matrix.
    """
    rows = by_task(tasks)
    levels = _levels(confidence)
    if min(map(len, rows)) < 2:
        return None
    if _distinct(rows) <= repeats:
        return exact_distribution(rows, statistic).interval(confidence)
    drawn = _drawn(rows, statistic, repeats, np.random.default_rng(seed))
    low, high = np.quantile(drawn, levels)
    return Interval(float(low), float(high))


def _drawn(rows: list[Floats], statistic: Statistic, repeats: int, draw: np.random.Generator) -> Floats:
    strata = [Stratum.of([row for row in rows if len(row) == n]) for n in sorted({len(row) for row in rows})]
    at_once = max(1, _BLOCK // sum(map(len, rows)))
    sizes = [min(at_once, repeats - start) for start in range(0, repeats, at_once)]
    return np.concatenate([statistic(_resampled(strata, size, draw)) for size in sizes])


def _resampled(strata: list[Stratum], repeats: int, draw: np.random.Generator) -> Floats:
    parts = [stratum.drawn(repeats, draw) for stratum in strata]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _distinct(rows: list[Floats]) -> int:
    return math.prod(distinct(len(row)) for row in rows)


def _levels(confidence: float) -> tuple[float, float]:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1.")
    return (1 - confidence) / 2, (1 + confidence) / 2


def profile_interval(
    tasks: Tasks, taus: ArrayLike, repeats: int = FEW_REPEATS, confidence: float = 0.95, seed: int = 0
) -> tuple[Floats, Floats] | None:
    """Return the lower and the upper end of a performance profile: a percentile interval at each tau by itself.

    Args:
        tasks: an array of scores for each task, or the scores of the only one.
        taus: k thresholds, in the unit of the scores.
        repeats, confidence, seed: as in `stratified_interval`; always drawn.

    Returns:
        Two arrays of k shares from 0 to 1; None if a task has fewer than two runs.

    Raises:
        ValueError: as `stratified_interval`.
    """
    rows, thresholds = [np.sort(row) for row in by_task(tasks)], np.asarray(taus, dtype=np.float64)
    levels, draw = _levels(confidence), np.random.default_rng(seed)
    if min(map(len, rows)) < 2:
        return None
    above = sum(_counts(len(row), repeats, draw) @ (row[:, None] > thresholds) for row in rows)
    low, high = np.quantile(above / sum(map(len, rows)), levels, axis=0)
    return low, high


def improvement_interval(
    x: Tasks, y: Tasks, repeats: int = FEW_REPEATS, confidence: float = 0.95, seed: int = 0
) -> Interval | None:
    """Return the percentile interval of `probability_of_improvement`, of X and Y resampled apart within each task.

    Args:
        x, y: as in `probability_of_improvement`.
        repeats, confidence, seed: as in `stratified_interval`; always drawn.

    Returns:
        None if X or Y has fewer than two runs of a task.

    Raises:
        ValueError: as `probability_of_improvement`.
    """
    tables = win_tables([np.sort(row) for row in by_task(x)], [np.sort(row) for row in by_task(y)])
    levels, draw = _levels(confidence), np.random.default_rng(seed)
    if min(min(table.shape) for table in tables) < 2:
        return None
    low, high = np.quantile(np.mean([_improvements(table, repeats, draw) for table in tables], axis=0), levels)
    return Interval(float(low), float(high))


def _improvements(table: Floats, repeats: int, draw: np.random.Generator) -> Floats:
    ours, theirs = (_counts(n, repeats, draw) for n in table.shape)
    wins: Floats = ((ours @ table) * theirs).sum(axis=1) / table.size
    return wins


def _counts(n: int, repeats: int, draw: np.random.Generator) -> Floats:
    return counts(random_resamples(n, repeats, draw), n).astype(np.float64)
