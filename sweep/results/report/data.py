"""The numbers of a report as CSV, for other programs."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from sweep.results.parameters import ABSENT
from sweep.results.report.values import is_number
from sweep.results.run import Run
from sweep.results.status.times import duration_s
from sweep.results.table.ranked import Ranked
from sweep.results.table.ranking import Ranking
from sweep.results.text.cell import inert

# A spreadsheet would take a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t")


def runs_csv(ranking: Ranking) -> str:
    """Return a row for each run: its setting, seed, state, score, duration in seconds, parameters and directory."""
    keys = ranking.keys
    head = ["setting", "seed", "state", "score", "duration_s", *keys, "path"]
    return _csv([head, *(_run(row, run, keys) for row in ranking.rows for run in row.setting.runs)])


def _run(row: Ranked, run: Run, keys: Sequence[str]) -> list[object]:
    score = row.setting.scores.get(run.seed, math.nan) if run.seed is not None else math.nan
    values = [run.config.get(key, ABSENT) for key in keys]
    return [run.label, run.seed, run.state, score if run.counts else math.nan, duration_s(run), *values, run.path]


def settings_csv(ranking: Ranking) -> str:
    """Return a row for each setting, the best first."""
    return _csv([["place", "setting", *ranking.keys, *_NUMBERS], *_settings(ranking)])


_NUMBERS = (
    "runs", "n", "mean", "low", "high", "iqm", "worst", "difference", "difference_low", "difference_high", "p_better",
    "mark",
)  # fmt: skip


def _settings(ranking: Ranking) -> Iterator[list[object]]:
    for place, row in enumerate(ranking.rows, 1):
        plain = row.as_json()
        values = [row.setting.params.get(key, ABSENT) for key in ranking.keys]
        yield [place, row.setting.label, *values, *(plain[name] for name in _NUMBERS)]


def _csv(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_plain(value) for value in row] for row in rows)
    return out.getvalue()


def _plain(value: object) -> object:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if is_number(value):
        return value
    text = inert(str(value))
    return f"'{text}" if text.startswith(_FORMULA) and text != ABSENT else text


def as_link(text: str) -> str:
    """Return the address of a link that holds a CSV itself."""
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"
