"""Every run below some folders, without going in circles and without opening more than is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from sweep.results.identify import identify
from sweep.results.run import Run

DEPTH_LIMIT = 24
# Below a run only what is a run of the same name: a name without a seed may hold those with one.
_RUN_INSIDE_RUN = re.compile(r"_s-?\d+$")


def walk(folders: Iterable[str]) -> Iterator[Run]:
    """Yield the runs at and below some folders, each once, in no order.

    Links to folders are looked at when all else has been, and only if they lead to something new: what leads upwards
    would never end.
    """
    seen: set[str] = set()
    links: list[str] = []
    for real, folder in sorted(
        ((os.path.realpath(folder), folder) for folder in folders), key=lambda pair: len(pair[0])
    ):
        if seen.isdisjoint(upwards(real)):
            seen.add(real)
            yield from _below(folder, links)
    while links:
        link = links.pop(0)
        real = os.path.realpath(link)
        if seen.isdisjoint(upwards(real)) and not any(real in upwards(other) for other in seen):
            seen.add(real)
            yield from _below(link, links)


def upwards(real: str) -> list[str]:
    """Return a real path and all those above it."""
    parts = real.split("/")
    return ["/".join(parts[:count]) or "/" for count in range(len(parts), 0, -1)]


def _below(root: str, links: list[str]) -> Iterator[Run]:
    """Yield the runs below a folder, and add the links that are met."""
    waiting = [(root, 0)]
    while waiting:
        path, depth = waiting.pop()
        entries = _entries(path)
        run = identify(path, {entry.name for entry in entries})
        if run is not None:
            yield run
        for entry in entries if depth < DEPTH_LIMIT else ():
            if _is_to_enter(entry, inside_run=run is not None):
                if entry.is_symlink():
                    links.append(entry.path)
                else:
                    waiting.append((entry.path, depth + 1))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # not a folder, not for us to read, or gone meanwhile
        return []


def _is_to_enter(entry: os.DirEntry[str], inside_run: bool) -> bool:
    if entry.name.startswith(".") or (inside_run and not _RUN_INSIDE_RUN.search(entry.name)):
        return False
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
