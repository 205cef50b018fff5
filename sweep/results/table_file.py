"""The rows of a run as columns of numbers. Nothing that stands in a table makes reading it fail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sweep.base.text import plural
from sweep.results.cells import Cells, last_line, lines_named, names_in, row_of, split_table
from sweep.results.files import TABLE_LIMIT, read_bytes, read_ends
from sweep.results.foreign import is_monitor
from sweep.results.monitor import read_monitors
from sweep.results.numbers import Column as Column
from sweep.results.numbers import number, numbers
from sweep.results.run import Run

_ENDS = 16384  # bytes that hold a header, and a last row


@dataclass(frozen=True)
class Table:
    """The rows of a run, column by column.

    Attributes:
        columns: equally long arrays of float64; nan where there is no number.
        notes: what was left out or is no number, in words.
    """

    columns: Mapping[str, Column]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read_table(run: Run, columns: Collection[str] | None = None) -> Table:
    """Return the rows of a run, also of one that is being written; no file is no rows.

    Args:
        columns: those that are wanted, which takes less time; one that is not there is left out. All by default.

    A line that is not whole is left out; a column that came late is nan before, an empty cell is nan, and so is a text,
    with a note; nan and inf stay; a header that comes again is no row.
    """
    if run.table is None:
        return Table({})
    if is_monitor(run.table.name):
        found, notes = read_monitors(run.table.parent)
        return Table({name: found[name] for name in found if columns is None or name in columns}, notes)
    data = read_bytes(run.table, TABLE_LIMIT)
    if data is None:
        return Table({}, _why_none(run.table))
    return _table(split_table(data, _is_csv(run.table), columns))


def column_names(run: Run) -> list[str]:
    """Return the columns of a run's table, reading its beginning alone."""
    if run.table is not None and is_monitor(run.table.name):
        return list(read_table(run).columns)
    ends = None if run.table is None else read_ends(run.table, _ENDS, 0)
    if run.table is None or ends is None:
        return []
    return names_in(ends[0], _is_csv(run.table)) or list(read_table(run).columns)


def last_row(run: Run) -> Mapping[str, float]:
    """Return the last whole row of a run, reading the ends of its file alone; empty if there is none."""
    if run.table is None or (ends := read_ends(run.table, _ENDS, _ENDS)) is None:
        return {}
    head, tail, size = ends
    names, cells = names_in(head, _is_csv(run.table)), row_of(last_line(tail), _is_csv(run.table))
    values = list(map(number, cells))
    is_plain = len(names) == len(values) and names and values[0] == values[0] and not is_monitor(run.table.name)
    is_all = size <= len(tail)
    headers = lines_named(tail, names[0], _is_csv(run.table)) if is_plain else 0
    if is_plain and headers == is_all and (is_all or tail.count(b"\n") > 1):
        return dict(zip(names, values, strict=True))
    table = read_table(run)  # a header that came again, a line that is longer than what was read, a row without x
    return {name: float(column[-1]) for name, column in table.columns.items() if len(column)}


def _table(cells: Cells) -> Table:
    columns: dict[str, Column] = {}
    notes = list(cells.notes)
    for name, texts in cells.columns.items():
        columns[name], wrong = numbers(texts)
        notes += [f"{plural(wrong, 'cell')} of {name} without a number"] if wrong else []
    return Table(columns, tuple(notes))


def _why_none(table: Path) -> tuple[str, ...]:
    return (f"{table.name} cannot be read, or is no plain file",) if table.exists() else ()


def _is_csv(path: Path) -> bool:
    return path.suffix == ".csv"
