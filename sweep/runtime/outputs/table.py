"""The table on the console."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import IO, Any

from sweep.base.text import printable
from sweep.runtime.outputs.cells import table_cell

_WIDTH = 15
_NUMBER = "\0"  # stands for a number in the making of a format; no name can hold it once it is printable


class TableOutput:
    """Prints each row as a table of two columns, in Spinning Up's layout.

    A rule as wide as the table, then ``| key | value |`` with both sides right-aligned, the keys to the longest (15 or
    more), the values to 15; then the rule again. A column that an earlier row had and this one lacks stays, empty.
    """

    def __init__(self, stream: IO[str] | None = None) -> None:
        """Args: stream: where to print; standard output, as it is when a row is written, by default."""
        self._stream = stream
        self._columns: list[str] = []
        self._heads: list[str] = []
        self._rule = ""
        self._numbers = ""

    def write(self, row: Mapping[str, Any]) -> None:
        stream = self._stream or sys.stdout
        stream.write(self.text(row))
        stream.flush()

    def close(self) -> None:
        """Nothing is held."""

    def text(self, row: Mapping[str, Any]) -> str:
        """Return the table of a row, with its last newline; its columns stay for later rows."""
        if list(row) != self._columns:
            return self._table_of(row)
        try:
            return self._numbers % tuple(row.values())
        except (TypeError, OverflowError):  # not all of them are numbers
            return self._table_of(row)

    def _table_of(self, row: Mapping[str, Any]) -> str:
        new = [key for key in row if key not in self._columns]
        if new:
            self._widen(new)
        return self._table(f"{table_cell(row.get(key, '')):>{_WIDTH}}" for key in self._columns)

    def _table(self, cells: Iterable[str]) -> str:
        lines = [f"{head}{cell} |" for head, cell in zip(self._heads, cells, strict=True)]
        return "\n".join([self._rule, *lines, self._rule, ""])

    def _widen(self, new: list[str]) -> None:
        self._columns += new
        names = list(map(printable, self._columns))
        width = max(_WIDTH, *map(len, names))
        self._heads = [f"| {name:>{width}} | " for name in names]
        self._rule = "-" * (22 + width)
        # Nearly every row is numbers: one format for all of them costs a third of one for each.
        self._numbers = self._table([_NUMBER] * len(names)).replace("%", "%%").replace(_NUMBER, f"%{_WIDTH}.3g")
