"""One look at a sweep as a page that fits a terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from sweep.base.text import plural
from sweep.results.parameters import ABSENT
from sweep.results.run import DEAD, NOT_KNOWN
from sweep.results.status.survey import Survey
from sweep.results.text.cell import Cell, cell, joined
from sweep.results.text.glyphs import Glyphs, style_of
from sweep.results.text.naming import which
from sweep.results.text.numbers import ago, number, value_text
from sweep.results.text.page import Page, line
from sweep.results.text.table import Column, TextTable
from sweep.results.watch.look import Look, Row
from sweep.rundir.status import State

# More parameters than these stand together, as the setting's name.
_MOST_PARAMS = 6
# More seeds than these are counted by state, not drawn.
_MOST_SEEDS = 40
# So many lines of trouble at most.
_TROUBLE = 3


def watch_page(look: Look, title: str, glyphs: Glyphs, hint: str = "") -> Page:
    """Return what `sweep watch` shows.

    Args:
        title: where the runs are.
        hint: a last line.
    """
    more = [line(f" ... {plural(look.more, 'more setting')}", "dim")] if look.more else []
    closing = [*_trouble(look.survey), *([line(hint, "dim")] if hint else [])]
    return [
        _header(look.survey, title),
        _counts(look.survey, glyphs),
        line(),
        _table(look, glyphs),
        *more,
        *([line()] if closing else []),
        *closing,
    ]


def lines_around(look: Look, hint: str = "") -> int:
    """Return how many lines of a page are not rows of its table, where it has to leave some out."""
    closing = len(list(_trouble(look.survey))) + bool(hint)
    return 5 + closing + bool(closing)


def _header(survey: Survey, title: str) -> Cell:
    runs = f"{plural(len(survey.runs), 'run')} of {plural(survey.settings, 'setting')}"
    left = "" if survey.left_s is None else f", about {ago(survey.left_s)} left"
    more = "; more may follow" if survey.launches else ""
    return joined([cell(f"{title}: {runs}", "bold"), cell(f"{left}{more}")])


def _counts(survey: Survey, glyphs: Glyphs) -> Cell:
    told = (
        (cell("   " if number else " "), cell(f"{glyphs.mark(state)} {count:,} {state}", style_of(state)))
        for number, (state, count) in enumerate(survey.counts.items())
    )
    return joined(one for pair in told for one in pair)


def _table(look: Look, glyphs: Glyphs) -> TextTable:
    keys = list(dict.fromkeys(key for row in look.rows for key in row.params))
    names = _are_named(look.rows, keys)
    head = [Column("setting", min_width=14)] if names else [_parameter(key, keys) for key in keys]
    columns = [
        *head,
        Column("seeds"),
        Column("n", "right", priority=6),
        Column(look.metric or "score", "right", priority=1, min_width=10),
        Column(glyphs.plus_minus, "right", priority=4),
        Column("course", priority=3, style="cyan"),
        Column("left", "right", priority=5),
    ]
    rows = [[*_head(row, [] if names else keys), *_cells(row, glyphs)] for row in look.rows]
    return TextTable(columns, rows, indent=1)


def _are_named(rows: Sequence[Row], keys: Sequence[str]) -> bool:
    """Say whether settings stand by name: there are no parameters that tell them apart in few columns."""
    told = {tuple(repr(row.params.get(key, ABSENT)) for key in keys) for row in rows}
    return not keys or len(keys) > _MOST_PARAMS or len(told) < len(rows)


def _parameter(key: str, keys: Sequence[str]) -> Column:
    """Return a parameter's column: called by the last part of its key, if no other is called so."""
    short = key.rpartition(":")[2]
    is_clear = sum(other.rpartition(":")[2] == short for other in keys) == 1
    return Column(short if is_clear else key, priority=2, min_width=5)


def _head(row: Row, keys: Sequence[str]) -> list[Cell]:
    if not keys:
        return [line(row.label)]
    return [line(value_text(row.params[key]) if key in row.params else ABSENT) for key in keys]


def _cells(row: Row, glyphs: Glyphs) -> list[Cell]:
    return [
        _seeds(row, glyphs),
        line(len(row.scores)),
        line(number(row.mean)),
        line("" if math.isnan(row.half) else number(row.half)),
        line(glyphs.curve(row.curve)),
        line("" if row.left_s is None else ago(row.left_s)),
    ]


def _seeds(row: Row, glyphs: Glyphs) -> Cell:
    if len(row.seeds) <= _MOST_SEEDS:
        return joined(cell(glyphs.mark(state, part), style_of(state)) for _, state, part in row.seeds)
    counts = Counter(state for _, state, _ in row.seeds)
    return joined(cell(f"{glyphs.mark(state)}{count} ", style_of(state)) for state, count in counts.items())


def _trouble(survey: Survey) -> Iterator[Cell]:
    """Yield a line for each kind of trouble: the last failures by cause, what is stalled, what is dead."""
    told = [*_failed(survey), *_silent(survey), *_gone(survey), *_cut_off(survey), *_not_known(survey)]
    yield from told[:_TROUBLE]
    if len(told) > _TROUBLE:
        yield line(f"... {len(told) - _TROUBLE:,} more: sweep status", "dim")


def _failed(survey: Survey) -> Iterator[Cell]:
    for failure in survey.failures:
        who = " ".join(which(failure.runs, 1))
        yield line(f"failed: {who}: {failure.cause or 'of an unknown cause'}", style_of(State.FAILED))


def _silent(survey: Survey) -> Iterator[Cell]:
    if survey.stalled:
        who = ", ".join(which([one.run for one in survey.stalled], 2))
        yield line(f"stalled: {who}: silent for {ago(survey.stalled[0].silent_s)}", style_of(State.INTERRUPTED))


def _gone(survey: Survey) -> Iterator[Cell]:
    if dead := [run for run in survey.by_state.get(DEAD, []) if run.handed is None]:
        yield line(f"dead: {', '.join(which(dead, 2))}: nobody is at work there", style_of(DEAD))


def _cut_off(survey: Survey) -> Iterator[Cell]:
    for one in survey.gone:
        yield line(f"cut off: {' '.join(which(one.runs, 1))}: {one.cause}", style_of(State.INTERRUPTED))


def _not_known(survey: Survey) -> Iterator[Cell]:
    for one in survey.not_known:
        yield line(f"not known: {', '.join(which(one.runs, 2))}: {one.cause}", style_of(NOT_KNOWN))
