"""A ranking over several tasks as a table for terminals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sweep.results.parameters import ABSENT
from sweep.results.statistics.ranking import BEST, UNRESOLVED, WORSE
from sweep.results.table.page import span
from sweep.results.tasks.ranked import INCOMPLETE, TaskRanked
from sweep.results.tasks.ranking import TaskRanking
from sweep.results.text.cell import Cell, cell
from sweep.results.text.numbers import number, value_text
from sweep.results.text.table import Column, TextTable

_MARK_STYLES = {BEST: "bold green", UNRESOLVED: "yellow", WORSE: "", INCOMPLETE: "bright_black"}
LEGEND = (
    "P(> best): how often a run of it beats one of the best, the mean over tasks, with its 95% interval · worse: that "
    "interval lies below 0.5 · unresolved: it does not · lacks: no score there, so not ranked"
)
GAP = "gap: what is missing to 1 on the average, where no score counts for more than 1"
MEANS = "under a task: the mean of its scores as they are, not normalised"


def legend(found: TaskRanking, by_task: bool) -> str:
    """Return what stands below the table."""
    return " · ".join([LEGEND, *([GAP] if found.has_gap else []), *([MEANS] if by_task else [])])


def tasks_table(found: TaskRanking, by_task: bool = False) -> TextTable:
    """Return a row a setting: the complete ones, the best first, then the others.

    Args:
        by_task: a column for each task too, with the mean of the scores as they are.
    """
    named = _is_named(found)
    columns = [
        Column("#", "right", 0),
        *(Column(key, "right", 0, min_width=6) for key in found.keys),
        *([Column("setting", "left", 0, min_width=8)] if named else []),
        Column("n", "right", 0),
        *(Column(task, "right", 5) for task in (found.tasks if by_task else ())),
        Column("IQM", "right", 0),
        Column("95% interval", "left", 1),
        *([Column("gap", "right", 3)] if found.has_gap else []),
        Column("P(> best)", "left", 2),
        Column("mark", "left", 0),
    ]
    rows = zip(found.places(), found.rows, strict=True)
    return TextTable(columns, [_row(place, row, found, named, by_task) for place, row in rows])


def _is_named(found: TaskRanking) -> bool:
    """Say whether settings need their names, as their parameters alone do not tell them apart."""
    texts = {tuple(_params(row, found.keys)) for row in found.rows}
    return not found.keys or len(texts) < len(found.rows)


def _params(row: TaskRanked, keys: Sequence[str]) -> list[str]:
    return [value_text(row.setting.params.get(key, ABSENT)) for key in keys]


def _row(place: int | None, row: TaskRanked, found: TaskRanking, named: bool, by_task: bool) -> list[Cell]:
    means = [one["mean"] for one in row.by_task(found.tasks, found.scale)] if by_task else []
    return [
        cell(place or ABSENT),
        *map(cell, _params(row, found.keys)),
        *([cell(row.setting.label)] if named else []),
        cell(row.setting.n),
        *(cell(number(math.nan if mean is None else mean)) for mean in means),
        cell(number(row.iqm)),
        cell(span(row.interval)),
        *([cell(number(row.gap))] if found.has_gap else []),
        cell(_chance(row)),
        cell(mark_text(row), _MARK_STYLES[row.mark]),
    ]


def _chance(row: TaskRanked) -> str:
    if math.isnan(row.p_better):
        return ""
    ends = f" [{number(row.p_interval.low)} .. {number(row.p_interval.high)}]" if row.p_interval else ""
    return f"{number(row.p_better)}{ends}"


def mark_text(row: TaskRanked) -> str:
    """Return the mark; of an incomplete setting which tasks it lacks."""
    return f"lacks {', '.join(row.lacks)}" if row.lacks else row.mark
