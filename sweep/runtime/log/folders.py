"""A folder that is replaced by another in one instant, so that nobody meets half of one, or none."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.runtime.snapshots.commit import fsync_directory, sync_below

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_TEMPORARY = ".tmp"


def write_folder(path: Path, write: Callable[[Path], object]) -> None:
    """Make a folder with what is in it, durably; one that is there is replaced at once.

    Args:
        write: is called with a path at which nothing is yet, and makes the folder there.
    """
    with _beside(path) as made:
        write(made)
        sync_below(made)
        if path.is_dir():
            _exchange(made, path)
        else:
            made.rename(path)
        fsync_directory(path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a free path beside another; what is there in the end is removed, and what others left there before."""
    for left in path.parent.glob(f".{path.name}.*{_TEMPORARY}"):
        shutil.rmtree(left, ignore_errors=True)
    made = path.parent / f".{path.name}.{os.getpid()}-{time.monotonic_ns()}{_TEMPORARY}"
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders swap their names in one instant; where the file system cannot, one after the other."""
    import ctypes  # few save such folders, and all have a logger

    libc = ctypes.CDLL(None, use_errno=True)
    words = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if hasattr(libc, "renameat2") and libc.renameat2(*words) == 0:
        return
    aside = one.with_name(f"{one.name}.old{_TEMPORARY}")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)
