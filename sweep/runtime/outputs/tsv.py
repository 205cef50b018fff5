"""The metrics file: tab-separated text, a header line, then one line a row."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from sweep.base.files import write_atomic
from sweep.rundir.paths import RunDir
from sweep.runtime.outputs.appending import AppendFile, set_aside
from sweep.runtime.outputs.cells import tsv_line
from sweep.runtime.outputs.jsonl import METRICS, read_rows
from sweep.runtime.outputs.output import Home


class TsvOutput:
    """Appends each row to a file, in Spinning Up's format; see `cells.tsv_line` for what is escaped.

    The first row makes the header. A row without one of its columns has an empty cell there. A row with a new column
    replaces the file by one with the longer header and empty cells in the earlier rows, atomically, so a reader
    sees either. Each row is one `write` of the system. Going back counts rows, not bytes: a header that has grown
    since the mark shrinks again, and rows that the file has lost since are taken from `metrics.jsonl`.
    """

    name = "progress"
    is_record = True

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._rows = 0

    def open(self, home: Home, goes_on: bool) -> None:
        self._home = home
        self._path = home.folder / home.metrics_name
        aside = None if goes_on else set_aside(self._path)
        if aside:
            home.warn(f"{self._path} held earlier rows; they are kept in {aside}.")
        self._file = AppendFile(self._path)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        if list(row) == self._columns:  # as nearly always
            self._file.append(_encoded(list(row.values())))
        else:
            new = [key for key in row if key not in self._columns]
            if new:
                self._widen(new)
            self._file.append(_encoded([row.get(key, "") for key in self._columns]))
        self._rows += 1

    def message(self, text: str, color: str) -> None:
        """A table has no place for it."""

    def mark(self) -> dict[str, Any]:
        self._file.sync()
        return {"rows": self._rows, "columns": list(self._columns)}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        columns, rows = [str(name) for name in mark["columns"]], int(mark["rows"])
        self._file.close()
        try:
            self._rows = self._shorten(columns, rows)
            self._columns = columns
        finally:
            self._file = AppendFile(self._path)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        self._file.close()

    def _shorten(self, columns: list[str], rows: int) -> int:
        """Leave the header of these columns and at most so many rows; return how many there are."""
        wanted = _encoded(columns) if columns else b""
        header, body = _parted(self._path.read_bytes())
        kept = _whole_lines(body)[:rows] if header.startswith(wanted[:-1]) else []
        behind = body[sum(map(len, kept)) :]
        again = self._written_again(columns, len(kept), rows)
        if behind:
            RunDir(self._path.parent).next_orphan(self._path).write_bytes(header + behind)
        if header == wanted and not again:
            os.truncate(self._path, len(header) + sum(map(len, kept)))
        else:
            narrow = [b"\t".join(line[:-1].split(b"\t")[: len(columns)]) + b"\n" for line in kept]
            write_atomic(self._path, lambda file: file.writelines([wanted, *narrow, *again]))
        return len(kept) + len(again)

    def _written_again(self, columns: list[str], kept: int, rows: int) -> list[bytes]:
        """Return the rows that the table lacks of those it had, from the other record of them."""
        if kept >= rows:
            return []
        again = [
            _encoded([_cell(row.get(key, "")) for key in columns])
            for row in read_rows(self._home.file(METRICS))[kept:rows]
        ]
        lost = rows - kept - len(again)
        what = [f"{len(again)} that it lacks are written again from {METRICS}"] * bool(again)
        what += [f"{lost} of them are lost"] * bool(lost)
        self._home.warn(f"{self._path} had {rows} rows when its run was saved; {', '.join(what)}.")
        return again

    def _widen(self, new: list[str]) -> None:
        columns = [*self._columns, *new]
        if self._columns:
            self._replace(columns, padding=b"\t" * len(new) + b"\n")
        else:
            self._file.append(_encoded(columns))
        self._columns = columns

    def _replace(self, columns: list[str], padding: bytes) -> None:
        def copy(new: IO[bytes]) -> None:
            new.write(_encoded(columns))
            with self._path.open("rb") as lines:
                next(lines)  # the header that is being replaced
                new.writelines(line.rstrip(b"\n") + padding for line in lines)

        self._file.close()
        try:
            write_atomic(self._path, copy)
        finally:
            self._file = AppendFile(self._path)


# As JSON has them, which knows no such numbers.
_NO_NUMBERS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def _cell(value: Any) -> Any:
    return _NO_NUMBERS.get(value, value) if isinstance(value, str) else value


def _parted(text: bytes) -> tuple[bytes, bytes]:
    """Return the header with its newline, and the rest; a header without one is part of the rest."""
    end = text.find(b"\n") + 1
    return text[:end], text[end:]


def _whole_lines(text: bytes) -> list[bytes]:
    """Return the lines that end in a newline, with it."""
    return [line + b"\n" for line in text.split(b"\n")[:-1]]


def _encoded(cells: list[Any]) -> bytes:
    # Half of a surrogate pair, which no encoding holds, is written as its escape instead of ending the run.
    return f"{tsv_line(cells)}\n".encode(errors="backslashreplace")
