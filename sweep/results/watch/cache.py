"""What was read of a file stays known until the file changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from sweep.results.run import Run

T = TypeVar("T")
# Read files that are remembered: more than any terminal has rows for.
_MOST = 20_000


class Remembered(Generic[T]):
    """Reads something of a run's table, once for each state of the file.

    Args:
        read: reads it.
    """

    def __init__(self, read: Callable[[Run], T]) -> None:
        self._read = read
        self._known: dict[Path, tuple[tuple[int, int], T]] = {}

    def __call__(self, run: Run) -> T:
        state = _state(run)
        known = self._known.get(run.path)
        if known is not None and known[0] == state:
            return known[1]
        if len(self._known) >= _MOST:
            self._known.clear()
        found = self._read(run)
        self._known[run.path] = (state, found)
        return found


def _state(run: Run) -> tuple[int, int]:
    """Return what changes when a table is written; a missing one is like an empty one."""
    try:
        found = None if run.table is None else run.table.stat()
    except OSError:
        found = None
    return (0, 0) if found is None else (found.st_mtime_ns, found.st_size)
