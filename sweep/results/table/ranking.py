"""From runs to a ranking of their settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from sweep.base.errors import UsageError
from sweep.base.text import plural
from sweep.results.export.columns import plain
from sweep.results.parameters import ABSENT, fixed, varying
from sweep.results.run import Run
from sweep.results.score import Score, default_metric, default_x, resolve_metric
from sweep.results.score_over import ScoreOver
from sweep.results.settings import settings
from sweep.results.statistics.effects import Effects, Level, effects, levels
from sweep.results.table.ranked import Ranked, known, ranked, warnings
from sweep.results.table_file import Table, column_names, read_table

# Runs whose ends differ by less than this share have come as far as one another.
_SAME_END = 0.01


@dataclass(frozen=True)
class Ranking:
    """Settings, the best first.

    Attributes:
        rows: what is known of each.
        keys: the parameters that vary.
        fixed: those that do not, and their values.
        score: how a run was scored.
        x: the column that counts how far a run is; '' is the number of the row.
        notes: what must be known of the choice of columns.
    """

    rows: tuple[Ranked, ...]
    keys: tuple[str, ...]
    fixed: Mapping[str, object]
    score: Score
    x: str
    notes: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        return list(warnings(self.rows))

    @property
    def title(self) -> str:
        """How a run was scored, in words."""
        return f"score: {self.score}"

    def scored(self) -> list[Ranked]:
        return [row for row in self.rows if row.n]

    def effects(self) -> Effects:
        """Return how much each parameter matters for the mean scores."""
        rows = self.scored()
        return effects([row.setting.params for row in rows], [row.mean for row in rows])

    def levels(self, key: str) -> list[Level]:
        """Return the mean of all settings that have each value of a parameter.

        Raises:
            UsageError: it does not vary.
        """
        if key not in self.keys:
            there = ", ".join(self.keys) or "none does"
            raise UsageError(f"the parameter {key!r} does not vary in these runs; those that do: {there}.")
        rows = self.scored()
        return levels([row.setting.params for row in rows], [row.mean for row in rows], key)

    def effect_rows(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Return the levels of some parameters as plain rows, with the share of the variance that is the parameter's.

        Raises:
            UsageError: one does not vary.
        """
        shares = self.effects().main
        return [
            {"parameter": key, "share": known(shares.get(key, math.nan)), "value": plain(one.value)}
            | {"mean": known(one.mean), "settings": one.n}
            for key in keys
            for one in self.levels(key)
        ]

    def plain_rows(self) -> list[dict[str, Any]]:
        """Return the settings as flat rows: parameters by ``config/`` and their name, then what is known."""
        found = []
        for place, row in enumerate(self.rows, 1):
            told = row.as_json()
            params = {f"config/{key}": row.setting.params.get(key, ABSENT) for key in self.keys}
            found.append({"place": place, **params, **{key: told[key] for key in told if key != "params"}})
        return found

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        found = self.effects()
        return {
            "score": vars(self.score) | {"x": self.x},
            "settings": [row.as_json() for row in self.rows],
            "fixed": {key: str(value) for key, value in self.fixed.items()},
            "effects": {key: known(value) for key, value in found.main.items()},
            "warnings": self.warnings,
            "notes": list(self.notes),
        }


def rank(
    runs: Sequence[Run], metric: str = "", how: str = "last10%", better: str = "max", which: str = "done", x: str = ""
) -> Ranking:
    """Rank the settings of some runs.

    Args:
        metric: a column; empty takes the one that would be looked at first.
        how, better: see `Score`.
        which: 'done' scores runs that are done; 'all' those too that failed or go on, by the rows they have.
        x: the column that counts how far a run is; empty takes the first of the usual ones.

    Raises:
        UsageError: an unknown metric, or nothing to rank.
    """
    columns = list(dict.fromkeys(name for run in runs for name in column_names(run)))
    if not columns:
        raise _nothing(runs)
    column, note = resolve_metric(metric, columns) if metric else (default_metric(columns), "")
    axis = resolve_metric(x, columns)[0] if x else default_x(columns)
    score = ScoreOver(column, how, better, axis)
    tables = cache(partial(read_table, columns={column, axis}))
    if not any(tables(run).rows for run in runs):
        raise _nothing(runs)
    found = settings(runs, score, tables, which)
    notes = [note, _ends([tables(run) for run in runs if which == "all" or run.counts], axis)]
    rows = ranked(found, "max" if score.higher_is_better else "min")
    return Ranking(tuple(rows), tuple(varying(runs)), fixed(runs), score, axis, tuple(filter(None, notes)))


def _nothing(runs: Sequence[Run]) -> UsageError:
    return UsageError(f"there is nothing to rank: none of {plural(len(runs), 'run')} has written a row yet.")


def _ends(tables: Sequence[Table], x: str) -> str:
    """Say whether scored runs did not all come as far."""
    ends = [float(np.nanmax(table.columns[x])) for table in tables if _has_numbers(table, x)]
    if not ends or max(ends) - min(ends) <= _SAME_END * abs(max(ends)):
        return ""
    return f"the runs that are scored end at different {x}: {min(ends):g} to {max(ends):g}"


def _has_numbers(table: Table, x: str) -> bool:
    return x in table.columns and bool(np.isfinite(table.columns[x]).any())
