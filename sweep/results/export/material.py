"""What is exported: runs with names of their own, their rows and scores, and the settings that they are of."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from sweep.base.canonical import digest
from sweep.base.text import plural
from sweep.results.parameters import fixed, varying
from sweep.results.run import Run
from sweep.results.score import Score, default_x, resolve_metric
from sweep.results.score_over import ScoreOver
from sweep.results.settings import Setting, settings
from sweep.results.table_file import Table, column_names, read_table


@dataclass(frozen=True)
class Material:
    """Some runs, ready to be written elsewhere.

    Attributes:
        runs: by path.
        names: of the runs, each a name of its own, good for a folder.
        columns: the metrics that any run has, x among them.
        x: the column that counts how far a run is; '' is the number of the row.
        score: how runs were scored; its metric is a column.
        scores: of the runs that count; nan where a run has none.
        settings: the best first.
        groups: key of a setting to its name, each a name of its own.
        keys: the parameters that vary.
        fixed: those that do not, and their values.
    """

    runs: tuple[Run, ...]
    names: Mapping[Run, str] = field(repr=False)
    columns: tuple[str, ...]
    x: str
    score: Score
    scores: Mapping[Run, float] = field(repr=False)
    settings: tuple[Setting, ...]
    groups: Mapping[str, str] = field(repr=False)
    keys: tuple[str, ...]
    fixed: Mapping[str, object]

    def table(self, run: Run) -> Table:
        """Return the rows of a run."""
        return read_table(run)

    def steps(self, table: Table) -> list[int]:
        """Return a whole number for each row: x where that is whole everywhere, else the number of the row."""
        places = table.columns.get(self.x)
        if places is None or not all(value.is_integer() and abs(value) < 2**63 for value in places.tolist()):
            return list(range(table.rows))
        return [int(value) for value in places.tolist()]

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the scores."""
        missing = sum(not math.isfinite(self.scores.get(run, math.nan)) for run in self.runs)
        return [f"{missing} of {plural(len(self.runs), 'run')} have no score"] if missing else []


def gather(runs: Sequence[Run], score: Score, which: str = "done", x: str = "") -> Material:
    """Return what there is of some runs.

    Args:
        score: its metric may be a name that means a column, or ''.
        which: 'done' scores the runs that are done; 'all' every run that has rows.
        x: the column that counts how far a run is; empty takes the first of the usual ones.

    Raises:
        UsageError: an unknown metric, or `which` is neither.
    """
    columns = tuple(dict.fromkeys(name for run in runs for name in column_names(run)))
    score = score.resolved(columns) if columns or score.metric else score
    x = resolve_metric(x, columns)[0] if x else default_x(columns)
    score = ScoreOver(score.metric, score.how, score.better, x)
    tables = cache(partial(read_table, columns={score.metric, x}))  # for the settings, and then for each run
    found = settings(runs, score, tables, which)
    scores = {run: score.of(tables(run), x) for run in runs if which == "all" or run.counts}
    names = _own_names([run.name or "run" for run in runs], [digest(os.path.realpath(run.path)) for run in runs])
    groups = _own_names([one.label for one in found], [one.key for one in found])
    return Material(
        runs=tuple(runs),
        names=dict(zip(runs, names, strict=True)),
        columns=columns,
        x=x,
        score=score,
        scores=scores,
        settings=tuple(found),
        groups={one.key: name for one, name in zip(found, groups, strict=True)},
        keys=tuple(varying(runs)),
        fixed=fixed(runs),
    )


def _own_names(names: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Return names that differ: those that come more than once with the beginning of a key."""
    counts = Counter(names)
    return [name if counts[name] == 1 else f"{name}-{key[:8]}" for name, key in zip(names, keys, strict=True)]
