"""The table of a row: on the console, and in `log.txt` with the messages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import IO, Any

from sweep.base.text import paint, printable
from sweep.runtime.outputs.appending import AppendFile, cut, set_aside
from sweep.runtime.outputs.cells import table_cell
from sweep.runtime.outputs.output import Home

_WIDTH = 15
_NUMBER = "\0"  # stands for a number in the making of a format; no name can hold it once it is printable


class Table:
    """Turns each row into a table of two columns, in Spinning Up's layout.

    A rule as wide as the table, then ``| key | value |`` with both sides right-aligned, the keys to the longest (15 or
    more), the values to 15; then the rule again. A column that an earlier row had and this one lacks stays, empty.

    Attributes:
        columns: the names so far.
    """

    def __init__(self) -> None:
        self.columns: list[str] = []
        self._heads: list[str] = []
        self._rule = ""
        self._numbers = ""

    def back_to(self, columns: Iterable[str]) -> None:
        """Have these columns and no others."""
        self.columns = []
        if names := [str(name) for name in columns]:
            self._widen(names)

    def text(self, row: Mapping[str, Any]) -> str:
        """Return the table of a row, with its last newline; its columns stay for later rows."""
        if list(row) != self.columns:
            return self._table_of(row)
        try:
            return self._numbers % tuple(row.values())
        except (TypeError, OverflowError):  # not all of them are numbers
            return self._table_of(row)

    def _table_of(self, row: Mapping[str, Any]) -> str:
        new = [key for key in row if key not in self.columns]
        if new:
            self._widen(new)
        return self._table(f"{table_cell(row.get(key, '')):>{_WIDTH}}" for key in self.columns)

    def _table(self, cells: Iterable[str]) -> str:
        lines = [f"{head}{cell} |" for head, cell in zip(self._heads, cells, strict=True)]
        return "\n".join([self._rule, *lines, self._rule, ""])

    def _widen(self, new: list[str]) -> None:
        self.columns += new
        names = list(map(printable, self.columns))
        width = max(_WIDTH, *map(len, names))
        self._heads = [f"| {name:>{width}} | " for name in names]
        self._rule = "-" * (22 + width)
        # Nearly every row is numbers: one format for all of them costs a third of one for each.
        self._numbers = self._table([_NUMBER] * len(names)).replace("%", "%%").replace(_NUMBER, f"%{_WIDTH}.3g")


class ConsoleOutput:
    """Prints messages, and each row as a table."""

    name = "console"

    def __init__(self, stream: IO[str] | None = None) -> None:
        """Args: stream: where to print; standard output, as it is when something is printed, by default."""
        self._stream = stream
        self._table = Table()

    def open(self, home: Home, goes_on: bool) -> None:
        """There is nothing to open."""

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self._print(self._table.text(row))

    def message(self, text: str, color: str) -> None:
        self._print((paint(text, color, stream=self._stream) if color else text) + "\n")

    def mark(self) -> dict[str, list[str]]:
        return {"columns": list(self._table.columns)}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        self._table.back_to(mark["columns"])

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        """Nothing is held."""

    def _print(self, text: str) -> None:
        stream = self._stream or sys.stdout
        stream.write(text)
        stream.flush()


class LogOutput:
    """Appends messages and tables, without colours, to `log.txt`."""

    name = "log"

    def __init__(self) -> None:
        self._table = Table()

    def open(self, home: Home, goes_on: bool) -> None:
        self._home = home
        path = home.file("log.txt")
        if not goes_on:
            set_aside(path)
        self._file = AppendFile(path)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self._append(self._table.text(row))

    def message(self, text: str, color: str) -> None:
        self._append(text + "\n")

    def mark(self) -> dict[str, Any]:
        self._file.sync()
        return {"bytes": self._file.size, "columns": list(self._table.columns)}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        path = self._file.path
        self._file.close()
        try:
            cut(path, int(mark["bytes"]), self._home.warn)
            self._table.back_to(mark["columns"])
        finally:
            self._file = AppendFile(path)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        self._file.close()

    def _append(self, text: str) -> None:
        self._file.append(text.encode(errors="backslashreplace"))
