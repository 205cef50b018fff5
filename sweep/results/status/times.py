"""Times of a run: when it began and ended, since when it is silent, and how long its rows take."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from sweep.results.run import Run
from sweep.results.table_file import read_table
from sweep.rundir.activity import activity
from sweep.rundir.paths import RunDir

# The column of the time that a run has taken, in Spinning Up's tables.
_TIME = "Time"
# So many of the newest rows say how long a row takes.
_ROWS = 200


def started(run: Run) -> float | None:
    """Return when the newest attempt began, in seconds since the epoch; None if that is not known."""
    return None if run.status is None else run.status.started


def ended(run: Run) -> float | None:
    """Return when it ended, likewise."""
    return None if run.status is None else run.status.ended


def duration_s(run: Run) -> float | None:
    """Return how long the newest attempt took; None if it has not ended, or that is not known."""
    first, last = started(run), ended(run)
    return None if first is None or last is None or last < first else last - first


def last_written(run: Run) -> float | None:
    """Return when anything of a run was written last, in seconds since the epoch; None if there is nothing."""
    times = (time_ns for _, _, time_ns in _prints(run) if time_ns > 0)
    newest = max(times, default=0)
    return newest / 1e9 if newest else None


def row_interval_s(run: Run) -> float | None:
    """Return the median time between two rows of a run.

    Where the table has no column `Time`, the mean of the first attempt instead: from its start to the last row. None
    for fewer than two rows.
    """
    columns = read_table(run, (_TIME,)).columns if run.table is not None else {}
    if _TIME in columns:
        times = [float(value) for value in columns[_TIME][-_ROWS:]]
        gaps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
        return statistics.median(gaps) if gaps else None
    return _mean_interval_s(run)


def _mean_interval_s(run: Run) -> float | None:
    first = started(run)
    if run.table is None or run.status is None or run.status.attempt != 1 or first is None:
        return None
    with suppress(OSError):
        rows = _lines(run.table) - 1  # without the heading
        last = run.table.stat().st_mtime
        return (last - first) / rows if rows >= 2 and last > first else None
    return None


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _prints(run: Run) -> Iterable[tuple[str, int, int]]:
    return activity(RunDir(run.path))  # type: ignore[return-value]
