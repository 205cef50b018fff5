"""Settings beside one another over all tasks: interquartile mean, optimality gap, and how they stand to the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.results.export.columns import plain
from sweep.results.statistics.bootstrap import improvement_interval, stratified_interval
from sweep.results.statistics.interval import Interval, mean, t_interval
from sweep.results.statistics.ranking import BEST, UNRESOLVED, WORSE
from sweep.results.statistics.robust import iqm, optimality_gap, probability_of_improvement
from sweep.results.statistics.scores import Floats
from sweep.results.table.ranked import known
from sweep.results.tasks.grouping import TaskSetting
from sweep.results.tasks.scale import Scale

INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class TaskRanked:
    """A setting and what is known of it over all tasks; one that lacks a task has no numbers.

    Attributes:
        setting: its runs on each task.
        mark: best; worse, if a run of the best is the better one more often than not, for certain; unresolved; or
            incomplete.
        lacks: the tasks on which it has no score.
        scores: on the scale, a row for each task; none if it is incomplete.
        iqm: interquartile mean of all of them.
        interval: its 95% stratified bootstrap interval; None with fewer than two scores on a task.
        gap: optimality gap; NaN where the scale has no 1 to reach.
        gap_interval: its 95% stratified bootstrap interval.
        p_better: the probability that a run of it is better than one of the best; NaN for the best itself.
        p_interval: the 95% stratified bootstrap interval of that.
    """

    setting: TaskSetting
    mark: str
    lacks: tuple[str, ...] = ()
    scores: tuple[Floats, ...] = ()
    iqm: float = math.nan
    interval: Interval | None = None
    gap: float = math.nan
    gap_interval: Interval | None = None
    p_better: float = math.nan
    p_interval: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values; what is not known is None."""
        low, high = self.interval or (math.nan, math.nan)
        gap_low, gap_high = self.gap_interval or (math.nan, math.nan)
        p_low, p_high = self.p_interval or (math.nan, math.nan)
        numbers = {"iqm": self.iqm, "low": low, "high": high}
        numbers |= {"gap": self.gap, "gap_low": gap_low, "gap_high": gap_high}
        chances = {"p_better": self.p_better, "p_better_low": p_low, "p_better_high": p_high}
        return {
            "label": self.setting.label,
            "params": {key: _in_json(value) for key, value in self.setting.params.items()},
            "mark": self.mark,
            "lacks": list(self.lacks),
            "n": self.setting.n,
            "runs": len(self.setting.runs),
            **{name: known(value) for name, value in (numbers | chances).items()},
        }

    def by_task(self, tasks: Sequence[str], scale: Scale) -> list[dict[str, Any]]:
        """Return for each task n, the mean of the scores as they are with its t interval, and the mean on the scale."""
        return [_on_task(task, self.setting.scores(task), scale) for task in tasks]


def _in_json(value: object) -> object:
    return known(value) if isinstance(value, float) else plain(value)


def _on_task(task: str, scores: Floats, scale: Scale) -> dict[str, Any]:
    low, high = t_interval(scores) or (math.nan, math.nan)
    told = {"mean": mean(scores), "low": low, "high": high, "scaled": mean(scale.of(task, scores))}
    return {"task": task, "n": len(scores), **{name: known(value) for name, value in told.items()}}


def ranked(settings: Sequence[TaskSetting], tasks: Sequence[str], scale: Scale, is_capped: bool) -> list[TaskRanked]:
    """Return what is known of some settings: the complete ones, the best first, then those that lack a task.

    Args:
        tasks: the names of all of them.
        is_capped: whether 1 is what can be reached, so that there is an optimality gap.
    """
    sign = -1.0 if scale.higher_is_better else 1.0
    order = sorted(settings, key=lambda one: (one.label, one.key))
    rows = [tuple(scale.of(task, one.scores(task)) for task in tasks) for one in order]
    complete = [(one, own) for one, own in zip(order, rows, strict=True) if all(map(len, own))]
    complete.sort(key=lambda pair: sign * iqm(pair[1]))
    told = [_ranked(one, own, complete[0][1], scale, is_capped) for one, own in complete]
    return [*told, *(TaskRanked(one, INCOMPLETE, lacks) for one in order if (lacks := _lacks(one, tasks)))]


def _lacks(one: TaskSetting, tasks: Sequence[str]) -> tuple[str, ...]:
    return tuple(task for task in tasks if not len(one.scores(task)))


def _ranked(
    one: TaskSetting, rows: tuple[Floats, ...], best: tuple[Floats, ...], scale: Scale, is_capped: bool
) -> TaskRanked:
    is_best = rows is best
    chance, around = (math.nan, None) if is_best else improvement(rows, best, scale.higher_is_better)
    is_worse = around is not None and around.high < 0.5
    return TaskRanked(
        one,
        BEST if is_best else WORSE if is_worse else UNRESOLVED,
        (),
        rows,
        iqm(rows),
        stratified_interval(rows),
        optimality_gap(rows) if is_capped else math.nan,
        stratified_interval(rows, _gaps) if is_capped else None,
        chance,
        around,
    )


def _gaps(resamples: Floats) -> Floats:
    gaps: Floats = 1.0 - np.minimum(resamples, 1.0).mean(axis=-1)
    return gaps


def improvement(
    x: Sequence[Floats], y: Sequence[Floats], higher_is_better: bool = True
) -> tuple[float, Interval | None]:
    """Return the probability that a run of X is better than one of Y, and its 95% stratified bootstrap interval."""
    pair = (x, y) if higher_is_better else (y, x)
    return probability_of_improvement(*pair), improvement_interval(*pair)
