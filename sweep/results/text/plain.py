"""A table as lines of plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sweep.results.text.cell import Cell, cell, fitted, text_width
from sweep.results.text.table import GAP, Column, TextTable, fit


def table_lines(table: TextTable, width: int | None = None) -> Iterator[str]:
    """Yield the lines of a table: its heading, then its rows.

    Args:
        width: of the place; None is one without an end.
    """
    widths = fit(table, width)
    if table.has_names:
        yield from _lines(table, [cell(column.name) for column in table.columns], widths)
    for row in table.rows:
        yield from _lines(table, row, widths)


def _lines(table: TextTable, row: Sequence[Cell], widths: dict[int, int]) -> Iterator[str]:
    pieces = [_pieces(table.columns[index], row[index].text, width) for index, width in widths.items()]
    for parts in zip_longest(*pieces, fillvalue=""):
        padded = (
            _padded(part, width, table.columns[index].align)
            for part, (index, width) in zip(parts, widths.items(), strict=True)
        )
        yield (" " * table.indent + (" " * GAP).join(padded)).rstrip()


def _pieces(column: Column, text: str, width: int) -> list[str]:
    if column.wraps and text_width(text) > width:
        return [fitted(one, width) for one in textwrap.wrap(text, width, break_long_words=False)]
    return [fitted(text, width)]


def _padded(text: str, width: int, align: str) -> str:
    space = " " * (width - text_width(text))
    return space + text if align == "right" else text + space
