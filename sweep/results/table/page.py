"""A ranking, and the main effects of a parameter, as pages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sweep.results.parameters import ABSENT
from sweep.results.statistics.effects import Level
from sweep.results.statistics.ranking import BEST, CLOSE, UNRESOLVED, WORSE
from sweep.results.table.ranked import Ranked
from sweep.results.text.cell import Cell, cell, joined
from sweep.results.text.glyphs import Glyphs, style_of
from sweep.results.text.numbers import number, value_text
from sweep.results.text.table import Column, TextTable

_MARK_STYLES = {BEST: "bold green", CLOSE: "green", UNRESOLVED: "yellow", WORSE: "", "none": "bright_black"}
LEGEND = "best · close: as good as far as it matters · unresolved: needs more seeds · worse: told apart from the best"


def ranking_table(rows: Sequence[Ranked], keys: Sequence[str], glyphs: Glyphs) -> TextTable:
    """Return a row a setting, the best first; what matters least is left out first where there is no room.

    Args:
        keys: the parameters that vary; without any, settings are shown by their names.
    """
    columns = [
        Column("#", "right", 0),
        *(Column(key, "right", 0, min_width=6) for key in keys or ["setting"]),
        Column("seeds", "left", 6, min_width=4),
        Column("n", "right", 0),
        Column("mean", "right", 0),
        Column("95% t interval", "left", 1),
        Column("IQM", "right", 5),
        Column("worst", "right", 3),
        Column("to the best", "left", 2),
        Column("P(> best)", "right", 4),
        Column("mark", "left", 0),
    ]
    return TextTable(columns, [_row(place, row, keys, glyphs) for place, row in enumerate(rows, 1)])


def paragraphs(lines: Sequence[Cell], indent: int = 0) -> TextTable:
    """Return lines that are broken between words where there is no room."""
    return TextTable([Column("", min_width=20, wraps=True)], [[one] for one in lines], indent)


def _row(place: int, row: Ranked, keys: Sequence[str], glyphs: Glyphs) -> list[Cell]:
    params = [value_text(row.setting.params.get(key, ABSENT)) for key in keys]
    return [
        cell(place),
        *map(cell, params if keys else [row.setting.label]),
        joined(cell(glyphs.mark(run.state), style_of(run.state)) for run in row.setting.runs),
        cell(row.n),
        cell(number(row.mean)),
        cell(span(row.interval)),
        cell(number(row.iqm)),
        cell(number(row.worst)),
        cell(_gap(row)),
        cell(number(row.p_better) if math.isfinite(row.p_better) else ""),
        cell(row.mark, _MARK_STYLES.get(row.mark, "")),
    ]


def span(interval: tuple[float, float] | None) -> str:
    """Return the two ends of an interval; '-' for none."""
    return "-" if interval is None else f"{number(interval[0])} .. {number(interval[1])}"


def _gap(row: Ranked) -> str:
    gap = row.difference
    if gap is None:
        return ""
    ends = f" [{number(gap.low)} .. {number(gap.high)}]" if gap.has_interval else ""
    return f"{number(gap.mean)}{ends}{'' if gap.paired else ' unpaired'}"


def effects_table(levels: Mapping[str, Sequence[Level]], shares: Mapping[str, float]) -> TextTable:
    """Return a row for each value of some parameters: the mean of all settings that have it."""
    rows = [
        [cell(key if not at else ""), cell(_percent(shares, key) if not at else ""), cell(value_text(level.value)),
         cell(number(level.mean)), cell(level.n)]
        for key, values in levels.items()
        for at, level in enumerate(values)
    ]  # fmt: skip
    columns = [
        Column("parameter"),
        Column("share", "right"),
        Column("value", "right", min_width=6),
        Column("mean", "right"),
        Column("settings", "right"),
    ]
    return TextTable(columns, rows)


def _percent(shares: Mapping[str, float], key: str) -> str:
    share = shares.get(key, math.nan)
    return f"{100 * share:.0f}%" if math.isfinite(share) else "-"
