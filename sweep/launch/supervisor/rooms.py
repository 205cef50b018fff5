"""Directories for the temporary files of runs (TMPDIR), used again while they stay empty."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path


class Rooms:
    """Gives a directory to each run and takes it back.

    Args:
        folder: where they are made; it must be this process's own.
    """

    def __init__(self, folder: Path) -> None:
        self._names = (folder / f"t{number}" for number in count())
        self._free: list[Path] = []

    def take(self) -> Path:
        if self._free:
            return self._free.pop()
        room = next(self._names)
        room.mkdir(mode=0o700)
        return room

    def give_back(self, room: Path, clear: bool) -> None:
        """Take a directory back from a run that has ended.

        Args:
            clear: remove what is in it; else that is left to whom the run left it for.
        """
        if clear:
            shutil.rmtree(room, ignore_errors=True)
        elif _is_empty(room):
            self._free.append(room)


def _is_empty(room: Path) -> bool:
    try:
        with os.scandir(room) as entries:
            return next(entries, None) is None
    except OSError:  # the run has removed it
        return False
