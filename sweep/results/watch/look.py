"""One look at a sweep, as data: settings with their seeds, scores and curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.jsonable import to_jsonable
from sweep.results.parameters import varying
from sweep.results.run import QUEUED, UNKNOWN, Run
from sweep.results.score import Score, default_x
from sweep.results.statistics.interval import mean, t_interval
from sweep.results.status.pace import Headway, Pace
from sweep.results.status.survey import Survey, survey
from sweep.results.status.times import started
from sweep.results.table_file import Table, last_row, read_table
from sweep.results.text.numbers import by_size
from sweep.results.watch.cache import Remembered
from sweep.results.watch.curve import mean_curve
from sweep.rundir.status import State

CURVE = 14
# Of so many runs at most the columns are looked at.
_SAMPLE = 20
_COUNTING = (State.DONE, State.RUNNING, UNKNOWN)
_URGENCY: Mapping[str, int] = {State.RUNNING: 0, State.PENDING: 2, QUEUED: 2, State.DONE: 3}


@dataclass(frozen=True)
class Row:
    """One setting.

    Attributes:
        label: its name.
        params: its values of what varies.
        seeds: (seed, state, how far from 0 to 1 or None) of its runs, by seed.
        scores: of its runs that are done, or going on as far as they are.
        curve: the metric's course, mean over seeds.
        left_s: until those are over that are going on; None if there are none, or that is not known.
    """

    label: str
    params: Mapping[str, object]
    seeds: tuple[tuple[int | None, str, float | None], ...]
    scores: tuple[float, ...] = ()
    curve: tuple[float, ...] = ()
    left_s: float | None = None

    @property
    def mean(self) -> float:
        return mean(self.scores)

    @property
    def half(self) -> float:
        """Half the width of the 95 % t interval of the mean; nan for fewer than two scores."""
        interval = t_interval(self.scores)
        return math.nan if interval is None else interval.width / 2


@dataclass(frozen=True)
class Look:
    """What there was to be seen.

    Attributes:
        rows: of the settings that there is room for, in the order of what varies.
        more: how many settings there was no room for.
        score: what scores and curves are of; None if no run has rows yet.
    """

    survey: Survey
    rows: tuple[Row, ...]
    more: int
    score: Score | None

    @property
    def metric(self) -> str:
        """The column of scores and curves; '' if no run has rows yet."""
        return "" if self.score is None else self.score.metric

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        told = self.survey.as_json()
        rows = [
            {
                "setting": row.label,
                "params": to_jsonable(dict(row.params)),
                "seeds": [{"seed": seed, "state": str(state), "fraction": part} for seed, state, part in row.seeds],
                "n": len(row.scores),
                "score": _finite(row.mean),
                "half_width": _finite(row.half),
                "left_s": row.left_s,
            }
            for row in self.rows
        ]
        told["score"] = None if self.score is None else str(self.score)
        return {"time": self.survey.now, **told, "metric": self.metric, "rows": rows}


class Watcher:
    """Looks at a sweep again and again, reading only what has changed.

    Args:
        metric: the column to show; '' is the one that one would look at first.
        how, better: what of it is the score, see `Score`.

    Raises:
        UsageError: `how` or `better` is none.
    """

    def __init__(self, metric: str = "", how: str = "last10%", better: str = "max") -> None:
        self._score = Score(metric, how, better)
        self._last_row: Remembered[Mapping[str, float]] = Remembered(last_row)
        self._tables: Remembered[Table] = Remembered(read_table)

    def look(self, runs: Sequence[Run], now: float | None = None, room: int | None = None) -> Look:
        """Look at some runs.

        Args:
            now: seconds since the epoch; the clock's by default.
            room: how many settings can be shown: those that are going on first, then those with trouble, then those to
                come. None is all.

        Raises:
            UnknownMetric: no run has the column that was asked for.
        """
        found = survey(runs, now, rows=self._last_row)
        score, x = self._columns(runs)
        keys = varying(runs)
        groups = _groups(runs, keys)
        shown = _urgent(groups, room)
        pace = Pace(runs, found.now, self._last_row)
        rows = tuple(self._row(group, pace, keys, score, x) for group in shown)
        return Look(found, rows, len(groups) - len(shown), score)

    def _columns(self, runs: Sequence[Run]) -> tuple[Score | None, str]:
        """Return the score, and the column that counts how far a run is; None and '' where there are no rows yet."""
        with_rows = [run for run in runs if run.state != State.PENDING][:: max(1, len(runs) // _SAMPLE)]
        columns = list(dict.fromkeys(name for run in with_rows for name in self._last_row(run)))
        return (self._score.resolved(columns), default_x(columns)) if columns else (None, "")

    def _row(self, group: Sequence[Run], pace: Pace, keys: Sequence[str], score: Score | None, x: str) -> Row:
        ways = {run: pace.of(run) for run in group}
        tables = [self._tables(run) for run in group if run.state in _COUNTING]
        scores = [] if score is None else [score.of(table, x) for table in tables]
        return Row(
            group[0].label,
            {key: group[0].config[key] for key in keys if key in group[0].config},
            tuple(_seed(run, ways[run]) for run in sorted(group, key=_by_seed)),
            tuple(score for score in scores if math.isfinite(score)),
            () if score is None else tuple(mean_curve(tables, score.metric, x, CURVE)),
            max((way.left_s for way in ways.values() if way.left_s is not None), default=None),
        )


def _groups(runs: Sequence[Run], keys: Sequence[str]) -> list[list[Run]]:
    """Return the runs of each setting, in the order of what varies."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.setting, []).append(run)
    return sorted(groups.values(), key=lambda group: [by_size(group[0].config.get(key)) for key in keys])


def _urgent(groups: list[list[Run]], room: int | None) -> list[list[Run]]:
    """Return the groups that there is room for, in their order."""
    if room is None or len(groups) <= room:
        return groups
    order = sorted(range(len(groups)), key=lambda index: (*_urgency(groups[index]), index))
    return [groups[index] for index in sorted(order[: max(room, 0)])]


def _urgency(group: Sequence[Run]) -> tuple[int, float]:
    """Return what is least for a setting that one wants to see; of equal ones the one begun last."""
    newest = max((moment for run in group if (moment := started(run)) is not None), default=0.0)
    return min(_URGENCY.get(run.state, 1) for run in group), -newest


def _seed(run: Run, way: Headway) -> tuple[int | None, str, float | None]:
    return run.seed, run.state, way.fraction


def _by_seed(run: Run) -> tuple[bool, int, str]:
    return run.seed is None, run.seed or 0, run.name


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
