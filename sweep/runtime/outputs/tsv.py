"""The metrics file: tab-separated text, a header line, then one line a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from sweep.base.files import write_atomic
from sweep.rundir.paths import RunDir
from sweep.runtime.outputs.cells import tsv_line


class TsvOutput:
    """Appends each row to a file, in Spinning Up's format; see `cells.tsv_line` for what is escaped.

    The first row makes the header. A row without one of its columns has an empty cell there. A row with a new column
    replaces the file by one with the longer header and empty cells in the earlier rows, atomically, so a reader
    sees either. Each row is one `write` of the system, flushed before `write` returns.
    """

    def __init__(self, path: Path, warn: Callable[[str], object]) -> None:
        """Open the file, after setting aside one that holds something.

        Args:
            path: the file; its directory must exist.
            warn: is called with a sentence if there were earlier rows.
        """
        self._path = path
        self._columns: list[str] = []
        if path.exists() and path.stat().st_size:
            aside = RunDir(path.parent).next_orphan(path)
            path.rename(aside)
            warn(f"{path} held earlier rows; they are kept in {aside}.")
        self._file = self._open()

    def write(self, row: Mapping[str, Any]) -> None:
        if list(row) == self._columns:  # as nearly always
            self._append(list(row.values()))
            return
        new = [key for key in row if key not in self._columns]
        if new:
            self._widen(new)
        self._append([row.get(key, "") for key in self._columns])

    def close(self) -> None:
        self._file.close()

    def _open(self) -> IO[bytes]:
        return self._path.open("ab")

    def _append(self, cells: list[Any]) -> None:
        self._file.write(_encoded(cells))
        self._file.flush()

    def _widen(self, new: list[str]) -> None:
        columns = [*self._columns, *new]
        if self._columns:
            self._replace(columns, padding=b"\t" * len(new) + b"\n")
        else:
            self._append(columns)
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
            self._file = self._open()


def _encoded(cells: list[Any]) -> bytes:
    # Half of a surrogate pair, which no encoding holds, is written as its escape instead of ending the run.
    return f"{tsv_line(cells)}\n".encode(errors="backslashreplace")
