"""A page: lines and tables one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sweep.results.text.cell import Cell, cell
from sweep.results.text.plain import table_lines
from sweep.results.text.table import TextTable

Page = Sequence[Cell | TextTable]


def line(text: object = "", style: str = "") -> Cell:
    """Return a line of a page."""
    return cell(text, style)


def plain_lines(page: Page, width: int | None = None) -> Iterator[str]:
    """Yield a page as plain text; a line too long for a terminal is left to it."""
    for block in page:
        if isinstance(block, Cell):
            yield block.text
        else:
            yield from table_lines(block, width)
