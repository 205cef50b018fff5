"""A table as data, and what of it fits into a width: columns shrink first, then the least important ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sweep.results.text.cell import Cell, cell

GAP = 2


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: its heading; '' for none.
        align: 'left' or 'right'.
        priority: 0 is never left out; of the others the largest goes first, and of equal ones the rightmost.
        min_width: columns that it can shrink to, cut in the middle; 0 is as wide as it wants to be.
        wraps: whether its text may take several lines instead of being cut.
        style: of its text, where that has none of its own.
    """

    name: str
    align: str = "left"
    priority: int = 0
    min_width: int = 0
    wraps: bool = False
    style: str = ""


@dataclass(frozen=True)
class TextTable:
    """Columns, and rows of as many cells.

    Attributes:
        indent: columns left free before it.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] = field(default_factory=list)
    indent: int = 0

    def natural(self, index: int) -> int:
        """Return the width that a column wants."""
        return max([cell(self.columns[index].name).width, *(row[index].width for row in self.rows)])

    @property
    def has_names(self) -> bool:
        return any(column.name for column in self.columns)


def fit(table: TextTable, width: int | None) -> dict[int, int]:
    """Return which columns of a table are shown and how wide, so that it fits.

    Args:
        width: of the place; None is one without an end.

    Returns:
        index of the column to its width, from left to right.
    """
    wide = {index: table.natural(index) for index in range(len(table.columns))}
    if width is None:
        return wide
    room = width - table.indent
    while True:
        shrunk = _shrunk(table, wide, room - GAP * (len(wide) - 1))
        droppable = [index for index in wide if table.columns[index].priority]
        if shrunk is not None or not droppable:
            return wide if shrunk is None else shrunk
        del wide[max(droppable, key=lambda index: (table.columns[index].priority, index))]


def _shrunk(table: TextTable, wide: dict[int, int], room: int) -> dict[int, int] | None:
    """Return widths that fit, taken from the widest column that can give; None if there is no such."""
    least = {index: min(width, table.columns[index].min_width or width) for index, width in wide.items()}
    if sum(least.values()) > room:
        return None
    widths = dict(wide)
    while sum(widths.values()) > room:
        giving = max((index for index in widths if widths[index] > least[index]), key=lambda index: widths[index])
        widths[giving] -= 1
    return widths
