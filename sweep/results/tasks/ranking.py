"""From a ranking of settings, each on one task, to one over all tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.base.errors import listed
from sweep.base.text import plural
from sweep.results.parameters import ABSENT
from sweep.results.settings import Setting
from sweep.results.statistics.scores import Floats
from sweep.results.table.ranked import FEW_SEEDS
from sweep.results.table.ranking import Ranking
from sweep.results.tasks.grouping import TaskSetting, check_task, grouped
from sweep.results.tasks.ranked import TaskRanked, ranked
from sweep.results.tasks.scale import Scale, on_one_scale, scale_of


@dataclass(frozen=True)
class TaskRanking:
    """Settings over several tasks: those with scores on all of them, the best first, then the others.

    Attributes:
        rows: what is known of each.
        task: the parameters that say what the task is.
        tasks: the names of all tasks.
        keys: the parameters that vary, but the task.
        scale: how scores were normalised.
        ranking: the settings apart for each task, and how a run was scored.
        warnings: what must be known first.
    """

    rows: tuple[TaskRanked, ...]
    task: tuple[str, ...]
    tasks: tuple[str, ...]
    keys: tuple[str, ...]
    scale: Scale
    ranking: Ranking
    warnings: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the numbers are, over how many runs and tasks."""
        counts = [row.setting.n for row in self.complete()]
        each = f", {_range(counts)} for each setting" if len(counts) > 1 else ""
        over = f"{plural(sum(counts), 'run')} on {plural(len(self.tasks), 'task')}"
        return f"interquartile mean (IQM), 95% stratified bootstrap interval, over {over}{each}"

    @property
    def told_tasks(self) -> str:
        """The tasks, in words."""
        return f"tasks ({', '.join(self.task)}): {listed(self.tasks)}"

    def complete(self) -> list[TaskRanked]:
        """Return the settings that have scores on all tasks, the best first."""
        return [row for row in self.rows if not row.lacks]

    @property
    def has_gap(self) -> bool:
        return any(np.isfinite(row.gap) for row in self.rows)

    def plain_rows(self) -> list[dict[str, Any]]:
        """Return the settings as flat rows: parameters by ``config/`` and their name, means by ``task/`` and theirs."""
        found = []
        for place, row in zip(self.places(), self.rows, strict=True):
            told = row.as_json()
            del told["params"]
            params = {f"config/{key}": row.setting.params.get(key, ABSENT) for key in self.keys}
            means = {f"task/{one['task']}": one["mean"] for one in row.by_task(self.tasks, self.scale)}
            found.append({"place": place, **params, **told, "lacks": ", ".join(row.lacks), **means})
        return found

    def places(self) -> list[int | None]:
        """Return the place of each row; None for one that is not ranked."""
        return [None if row.lacks else place for place, row in enumerate(self.rows, 1)]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        score, fixed = self.ranking.score, self.ranking.fixed
        return {
            "title": self.title,
            "score": vars(score) | {"x": self.ranking.x},
            "task": list(self.task),
            "tasks": list(self.tasks),
            "normalise": self.scale.as_json(),
            "settings": [row.as_json() | {"by_task": row.by_task(self.tasks, self.scale)} for row in self.rows],
            "fixed": {key: str(value) for key, value in fixed.items()},
            "warnings": list(self.warnings),
            "notes": list(self.ranking.notes),
        }


def _range(counts: Sequence[int]) -> str:
    few, many = min(counts), max(counts)
    return f"{few}" if few == many else f"{few} to {many}"


def rank_tasks(ranking: Ranking, task: Sequence[str], normalise: Sequence[str] = ()) -> TaskRanking:
    """Rank settings over all tasks.

    Args:
        ranking: of the settings apart for each task.
        task: the parameters that say what a setting's task is; the first names it.
        normalise: see `scale_of`.

    Raises:
        UsageError: no such parameter, one task alone, a scale that is none, or settings that cannot be told apart.
    """
    apart = [row.setting for row in ranking.rows]
    check_task([run for one in apart for run in one.runs], task)
    together, names = grouped(apart, task)
    tasks = tuple(names.values())
    scores = {name: _every(together, name) for name in tasks}
    higher = ranking.score.higher_is_better
    scale = scale_of(normalise, scores, higher)
    is_capped = bool(scale.ends) or (higher and _are_shares(scores))
    rows = ranked(together, tasks, scale, is_capped)
    keys = tuple(key for key in ranking.keys if key not in task)
    told = _warnings(apart, rows, scale, scores, task)
    return TaskRanking(tuple(rows), tuple(task), tasks, keys, scale, ranking, tuple(told))


def _every(settings: Sequence[TaskSetting], task: str) -> Floats:
    """Return the scores of all settings on a task."""
    return np.concatenate([one.scores(task) for one in settings])


def _are_shares(scores: Mapping[str, Floats]) -> bool:
    return all(one.min(initial=0.0) >= 0 and one.max(initial=1.0) <= 1 for one in scores.values())


def _warnings(
    apart: Sequence[Setting],
    rows: Sequence[TaskRanked],
    scale: Scale,
    scores: Mapping[str, Floats],
    task: Sequence[str],
) -> Iterator[str]:
    total, there = sum(len(one.runs) for one in apart), sum(len(row.setting.runs) for row in rows)
    if there < total:
        yield f"{total - there} of {total} runs have no parameter {task[0]!r} and are left out"
    missing = there - sum(row.setting.n for row in rows)
    if missing:
        yield f"{missing} of {there} runs have no score: failed, unfinished, or without this metric"
    yield from _incomplete(rows, task)
    few = sum(len(one) < FEW_SEEDS for row in rows for one in row.scores)
    if few:
        yield f"{few} times a ranked setting has fewer than {FEW_SEEDS} seeds with a score on a task"
    if not scale.kind and not on_one_scale(list(scores.values())):
        ranges = ", ".join(f"{name} {one.min():.4g} .. {one.max():.4g}" for name, one in scores.items() if len(one))
        yield (
            f"the tasks' scores are not on one scale ({ranges}), so those with large scores decide; say --normalise "
            "minmax, or what is 0 and what is 1 on each task"
        )


def _incomplete(rows: Sequence[TaskRanked], task: Sequence[str]) -> Iterator[str]:
    lacking = [row for row in rows if row.lacks]
    if not lacking:
        return
    names = Counter(name for row in lacking for name in row.lacks)
    told = listed(f"{name}: {count}" for name, count in names.items())
    yield f"{len(lacking)} of {plural(len(rows), 'setting')} cannot be ranked: no score on some task ({told})"
    go_along = _go_along(rows) if len(lacking) == len(rows) else []
    if go_along:
        more = " ".join([*task, *go_along])
        yield f"{', '.join(go_along)} has one value on each task; if that is a part of the task, say --task {more}"


def _go_along(rows: Sequence[TaskRanked]) -> list[str]:
    """Return the parameters that have one value on each task."""
    values: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        for task in row.setting.members:
            for key, value in row.setting.params.items():
                values.setdefault((key, task), set()).add(repr(value))
    keys = dict.fromkeys(key for key, _ in values)
    own = {key: [found for (name, _), found in values.items() if name == key] for key in keys}
    return [key for key in keys if all(len(one) == 1 for one in own[key]) and len(set().union(*own[key])) > 1]
