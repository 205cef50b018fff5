"""The usual summary of a setting: what the number of its tasks calls for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sweep.results.statistics.bootstrap import REPEATS, stratified_interval
from sweep.results.statistics.interval import Interval, mean, t_interval
from sweep.results.statistics.robust import iqm
from sweep.results.statistics.scores import Tasks, by_task


@dataclass(frozen=True)
class Summary:
    """A middle and its interval.

    Attributes:
        value: the middle, in the unit of the scores.
        low, high: ends of the interval, NaN where there is none.
        n: how many runs it is of.
        tasks: how many tasks those are of.
        label: what it is, in words.
    """

    value: float
    low: float
    high: float
    n: int
    tasks: int
    label: str


def summarise(tasks: Tasks, confidence: float = 0.95, repeats: int = REPEATS, seed: int = 0) -> Summary:
    """Return mean and t interval of one task; interquartile mean and stratified bootstrap interval of several.

    Args:
        tasks: an array of scores for each task, of one scale; or the scores of the only task.
        confidence: between 0 and 1.
        repeats, seed: of the bootstrap, see `bootstrap.stratified_interval`.

    Raises:
        ValueError: there is no task, one has no scores, or one of them is not finite.
    """
    rows = by_task(tasks)
    n = sum(map(len, rows))
    if len(rows) == 1:
        value, ends, words = mean(rows[0]), t_interval(rows[0], confidence), ("mean", "t interval")
    else:
        value = iqm(rows)
        ends = stratified_interval(rows, repeats=repeats, confidence=confidence, seed=seed)
        words = ("interquartile mean", "stratified bootstrap interval")
    low, high = ends or Interval(math.nan, math.nan)
    return Summary(value, low, high, n, len(rows), _label(words, ends, confidence, [len(row) for row in rows]))


def _label(words: tuple[str, str], ends: Interval | None, confidence: float, counts: list[int]) -> str:
    few, many = min(counts), max(counts)
    over = f"{many} seed{'' if many == 1 else 's'}" if few == many else f"{few} to {many} seeds"
    tasks = f" on each of {len(counts)} tasks" if len(counts) > 1 else ""
    interval = f"{100 * confidence:g}% {words[1]}" if ends else "no interval"
    return f"{words[0]}, {interval} over {over}{tasks}"
