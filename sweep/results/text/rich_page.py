"""A page through `rich`; imported only where that is there. What it shows is `Text`, never markup."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

from sweep.results.text.cell import Cell
from sweep.results.text.page import Page
from sweep.results.text.table import GAP, TextTable, fit

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.text import Text


def console_for(stream: IO[Any]) -> Console:
    """Return a console that writes to a stream and makes nothing of what it is given."""
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def rich_text(page: Page, stream: IO[Any]) -> str:
    """Return a page as text with the colours of the terminal that a stream is."""
    from rich.console import Console

    there = console_for(stream)
    system: Any = there.color_system
    aside = Console(
        file=io.StringIO(), width=there.width, color_system=system, force_terminal=True, no_color=there.no_color,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    with aside.capture() as captured:
        for block in page:
            shown = _text(block) if isinstance(block, Cell) else _table(block, there.width)
            aside.print(shown, soft_wrap=isinstance(block, Cell))
    return captured.get()


def renderable(page: Page, width: int) -> Group:
    """Return a page as one thing that `rich` shows; lines are cut at the edge, for a place that is redrawn."""
    from rich.console import Group

    return Group(*(_cut(_text(block)) if isinstance(block, Cell) else _table(block, width) for block in page))


def _cut(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _text(cell: Cell) -> Text:
    from rich.text import Text

    return Text.assemble(*cell.spans)


def _table(table: TextTable, width: int) -> Any:
    from rich.padding import Padding
    from rich.table import Table

    widths = fit(table, width)
    made = Table(box=None, show_header=table.has_names, header_style="bold", padding=(0, GAP, 0, 0), pad_edge=False)
    for index, wide in widths.items():
        column = table.columns[index]
        justify: Any = column.align
        made.add_column(
            column.name, justify=justify, width=wide, style=column.style, no_wrap=not column.wraps, overflow="ellipsis"
        )
    for row in table.rows:
        made.add_row(*(_text(row[index]) for index in widths))
    return Padding(made, (0, 0, 0, table.indent), expand=False) if table.indent else made
