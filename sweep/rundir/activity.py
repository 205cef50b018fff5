"""Whether a run writes anything: a fingerprint of its files that changes when one of them does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sweep.rundir.paths import RunDir


def activity(run: RunDir) -> tuple[object, ...]:
    """Return names, sizes and times of what a run has written; equal ones mean that it has written nothing in between.

    Looked at are the run's directory, the folders in it (snapshots, exports), and the part of its output that is still
    in `.sweep`. A directory that is gone gives an empty one.
    """
    return tuple(sorted(_written(run)))


def _written(run: RunDir) -> Iterator[tuple[str, int, int]]:
    for entry in _entries(run.path):
        if entry.name == run.own.name:
            yield from (_print(one) for one in _entries(run.own) if one.name.startswith(run.output_ring.name))
            continue
        yield _print(entry)
        if entry.is_dir(follow_symlinks=False):
            yield from map(_print, _entries(Path(entry.path)))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _print(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:  # it has just been replaced
        return entry.path, -1, 0
    return entry.path, found.st_size, found.st_mtime_ns
