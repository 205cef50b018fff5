"""Runs that differ in their seed alone, put together, scored and ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sweep.base.errors import UsageError
from sweep.results.numbers import Column
from sweep.results.parameters import ABSENT, varying
from sweep.results.run import Run
from sweep.results.score import Score, default_x
from sweep.results.statistics.interval import mean
from sweep.results.table_file import Table, column_names, read_table

Tables = Mapping[Run, Table] | Callable[[Run], Table]


@dataclass(frozen=True)
class Setting:
    """The runs of one setting.

    Attributes:
        key: `Run.setting` of all of them.
        label: its readable name.
        params: only those that vary in this selection; `ABSENT` where it has none.
        runs: all, whatever their state, by path.
        scores: seed to score, of the runs that count, by seed; nan where a run has none. Of several runs with one seed
            the last by path counts. Runs without a seed stand under None; if there are several, under -1, -2 and so on.
    """

    key: str
    label: str
    params: Mapping[str, object] = field(hash=False)
    runs: tuple[Run, ...]
    scores: Mapping[int | None, float] = field(hash=False)

    @property
    def values(self) -> Column:
        """The scores that are finite, by seed."""
        values = np.array(list(self.scores.values()), dtype=np.float64)
        return values[np.isfinite(values)]

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        """The mean of `values`; nan if there are none."""
        return mean(self.values) if self.n else float("nan")

    @property
    def without_end(self) -> int:
        """How many of the runs that count have no number for a score: they diverged, or never came so far."""
        return len(self.scores) - self.n

    @property
    def left_out(self) -> int:
        """How many of the runs are not in `values`: not done yet, failed, or without a number."""
        return len(self.runs) - self.n


def settings(runs: Sequence[Run], score: Score, tables: Tables | None = None, which: str = "done") -> list[Setting]:
    """Return the settings of some runs, the best first; a rank never depends on the order of the runs.

    Args:
        score: how a run is scored; its metric may be a name that means a column.
        tables: has the rows of a run; they are read by default.
        which: 'done' counts the runs that are done, and those of which nothing tells the state; 'all' counts every run
            that has rows.

    Raises:
        UnknownMetric: there are rows, but no such column.
        UsageError: `which` is neither.
    """
    if which not in ("done", "all"):
        raise UsageError(f"which={which!r} is neither 'done' nor 'all'.")
    counting = [run for run in runs if which == "all" or run.counts]
    given = None if tables is None else {run: _given(tables, run) for run in counting}
    columns = list(
        dict.fromkeys(name for run in counting for name in (given[run].columns if given else column_names(run)))
    )
    if columns:
        score = score.resolved(columns)
    x = default_x(columns)
    scores = {run: score.of(given[run] if given else read_table(run, {score.metric, x}), x) for run in counting}
    return ranked(_grouped(runs, scores), score)


def _given(tables: Tables, run: Run) -> Table:
    return tables[run] if isinstance(tables, Mapping) else tables(run)


def _grouped(runs: Sequence[Run], scores: Mapping[Run, float]) -> list[Setting]:
    keys = varying(runs)
    groups: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: str(run.path)):
        groups.setdefault(run.setting, []).append(run)
    return [
        Setting(
            key,
            group[0].label,
            {name: group[0].config.get(name, ABSENT) for name in keys},
            tuple(group),
            _by_seed([run for run in group if run in scores], scores),
        )
        for key, group in groups.items()
    ]


def _by_seed(runs: Sequence[Run], scores: Mapping[Run, float]) -> dict[int | None, float]:
    seedless = [run for run in runs if run.seed is None]
    found: dict[int | None, float] = {run.seed: scores[run] for run in runs if run.seed is not None}
    if len(seedless) == 1:
        return {**dict(sorted(found.items(), key=_seed)), None: scores[seedless[0]]}
    found.update({-number: scores[run] for number, run in enumerate(seedless, 1)})
    return dict(sorted(found.items(), key=_seed))


def _seed(item: tuple[int | None, float]) -> int:
    return item[0] or 0


def ranked(found: Iterable[Setting], score: Score) -> list[Setting]:
    """Return settings by the mean of their scores, the best first; those without any score are last.

    Before them stand those of which a run that counts has no number: a mean of those that did not diverge flatters.
    """
    sign = -1.0 if score.higher_is_better else 1.0

    def place(one: Setting) -> tuple[bool, bool, float, str, str]:
        return one.n == 0, one.without_end > 0, sign * one.mean if one.n else 0.0, one.label, one.key

    return sorted(found, key=place)
