"""Rows as JSON, one object a line, with every digit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep.base.jsonable import to_jsonable
from sweep.runtime.outputs.appending import AppendFile, cut, set_aside
from sweep.runtime.outputs.output import Home

METRICS = "metrics.jsonl"


class JsonlOutput:
    """Appends each row to `metrics.jsonl`: strict JSON, NaN and infinities as strings, numbers with every digit.

    The file only ever grows, except to go back to a mark. A line that the end of a process has torn goes with it.
    """

    name = "metrics"
    is_record = True

    def open(self, home: Home, goes_on: bool) -> None:
        self._home = home
        path = home.file(METRICS)
        if not goes_on:
            set_aside(path)
        self._file = AppendFile(path)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self._file.append(json_line(row))

    def message(self, text: str, color: str) -> None:
        """Rows alone."""

    def mark(self) -> dict[str, int]:
        self._file.sync()
        return {"bytes": self._file.size}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        path = self._file.path
        self._file.close()
        try:
            cut(path, int(mark["bytes"]), self._home.warn)
        finally:
            self._file = AppendFile(path)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        self._file.close()


class TrackedOutput:
    """Appends what was tracked, or written directly, to `tracked.jsonl`, which is there once something was.

    A line has the values by tag, and then `step`.
    """

    name = "tracked"
    is_record = True

    def open(self, home: Home, goes_on: bool) -> None:
        self._home, self._path = home, home.file("tracked.jsonl")
        self._file: AppendFile | None = None
        if not goes_on:
            set_aside(self._path)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        """Rows are in `metrics.jsonl`."""

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        if self._file is None:
            self._file = AppendFile(self._path)
        self._file.append(json_line({**values, "step": step}))

    def message(self, text: str, color: str) -> None:
        """Values alone."""

    def mark(self) -> dict[str, int]:
        if self._file is None:
            return {"bytes": self._path.stat().st_size if self._path.exists() else 0}
        self._file.sync()
        return {"bytes": self._file.size}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        self.close("")
        cut(self._path, int(mark["bytes"]), self._home.warn)
        if not mark["bytes"]:
            self._path.unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file up to the first that is none; nothing where there is no such file."""
    found: list[dict[str, Any]] = []
    for line in path.read_bytes().splitlines(keepends=True) if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            break
        if not isinstance(row, dict) or not line.endswith(b"\n"):
            break
        found.append(row)
    return found


def json_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of strict JSON in ASCII, with its newline."""
    try:
        text = _ENCODE(row)
    except (TypeError, ValueError):  # NaN, an infinity, a number of numpy's own, or one too long for a text
        text = _ENCODE({key: to_jsonable(_plain(value)) for key, value in row.items()})
    return f"{text}\n".encode()


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and not getattr(value, "ndim", 1) else value


_ENCODE = json.JSONEncoder(allow_nan=False).encode
