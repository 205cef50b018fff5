"""The metric of the step that was just done, read where everybody reads it: the last row of the table."""

from __future__ import annotations

import math
from pathlib import Path

from sweep.base.errors import did_you_mean, listed
from sweep.base.files import last_lines
from sweep.runtime.snapshots.errors import SnapshotError

_LONGEST_ROW = 2**20


class Scores:
    """Reads one column of the rows of a file as they come.

    Args:
        progress: the table, which may not be there yet.
        metric: the column.
    """

    def __init__(self, progress: Path, metric: str) -> None:
        self._progress, self._metric = progress, metric
        self._size = self._now()

    def _now(self) -> int:
        return self._progress.stat().st_size if self._progress.exists() else 0

    def next(self) -> float | None:
        """Return the metric of the row that came since the last call; None if there was no row, or no number in it.

        Raises:
            SnapshotError: the rows have no such column.
        """
        before, self._size = self._size, self._now()
        if self._size == before:
            return None
        with self._progress.open("rb") as file:
            columns = file.readline().decode(errors="replace").rstrip("\n").split("\t")
        if self._metric not in columns:
            raise SnapshotError(
                f"metric={self._metric!r} is no column of {self._progress}; it has {listed(columns)}."
                f"{did_you_mean(self._metric, columns)}"
            )
        cells = last_lines(self._progress, 1, _LONGEST_ROW)[0].split("\t")
        return _number(cells[columns.index(self._metric)] if len(cells) == len(columns) else "")


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
