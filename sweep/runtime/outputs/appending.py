"""A file that grows by whole records, and can go back to an earlier length."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from sweep.rundir.paths import RunDir


class AppendFile:
    """A file opened for appending; what was appended is with the system when `append` returns.

    Attributes:
        path: where it is.
        size: its length in bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.size = os.fstat(self._descriptor).st_size

    def append(self, data: bytes) -> None:
        """Write a record; if that fails the file has none of it, as far as the system allows.

        Raises:
            OSError: the disk is full, and the like.
        """
        try:
            written = os.write(self._descriptor, data)
            while written < len(data):  # a full disk takes a part, and says why only when asked again
                written += os.write(self._descriptor, data[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def sync(self) -> None:
        """Have everything on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the file; twice is fine."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def set_aside(path: Path, called: Path | None = None) -> Path | None:
    """Move a file that holds something under `.sweep/orphans/`.

    Args:
        path: the file; its directory is the run's.
        called: what its name there is made from, if not its own.

    Returns:
        Where it is now; None where there was nothing to keep.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    aside = RunDir(path.parent).next_orphan(called or path)
    path.rename(aside)
    return aside


def cut(path: Path, size: int, warn: Callable[[str], object], called: Path | None = None) -> None:
    """Shorten a file to an earlier length; what is behind it is kept under `.sweep/orphans/`.

    Args:
        path: the file; where it is shorter than it should be its whole lines stay, and that is told.
        size: the length in bytes.
        warn: is called with a sentence if something is missing.
        called: what the name of the part behind is made from, if not the file's own.
    """
    there = path.read_bytes() if path.exists() else b""
    if len(there) < size:
        warn(f"{path} was {size} bytes long when its run was saved, and has {len(there)}; what it lacks stays lost.")
        size = there.rfind(b"\n") + 1
    if behind := there[size:]:
        RunDir(path.parent).next_orphan(called or path).write_bytes(behind)
        os.truncate(path, size)
