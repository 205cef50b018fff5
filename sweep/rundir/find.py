"""What a data directory holds, read once: its names, and its runs by what they are instead of what they are called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sweep.rundir.naming import OWN
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import VariantRecord, read_variant


@dataclass(frozen=True)
class Listing:
    """The names in a data directory and in its folders, as they were when they were read.

    Attributes:
        names: ``NAME`` and ``NAME/INNER`` of everything that is there, but for what is sweep's own.
        files: the names of the first kind that are no folders.
    """

    data_dir: Path
    names: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def has(self, relative: str) -> bool:
        """Say whether a path is there, or a file is where its folder would be."""
        return relative in self.names or (bool(self.files) and relative.partition("/")[0] in self.files)

    def run(self, relative: str) -> RunDir:
        return RunDir(self.data_dir / relative)


def read_listing(data_dir: Path) -> Listing:
    """Return the names in a data directory; one that is not there is empty. One reading of each folder, no `stat`."""
    found = Listing(data_dir)
    for entry in _entries(data_dir):
        if entry.name == OWN:
            continue
        found.names.add(entry.name)
        if entry.is_dir():
            found.names.update(f"{entry.name}/{inner.name}" for inner in _entries(entry.path) if inner.name != OWN)
        else:
            found.files.add(entry.name)
    return found


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # not there, not a folder, or not for us to read
        return []


def find_runs(data_dir: Path) -> Iterator[RunDir]:
    """Yield every run directory below a data directory that sweep has made: NAME before NAME/INNER, each in order."""
    listing = read_listing(data_dir)
    return (run for run in map(listing.run, _ordered(listing.names)) if run.variant.is_file())


def by_identity(
    listing: Listing,
    relatives: Iterable[str],
    wanted: Callable[[VariantRecord], bool] = lambda record: True,
    identities: Callable[[VariantRecord], Iterable[str]] = lambda record: (record.identity,),
) -> dict[str, str]:
    """Return identity to path of the runs at some paths, in the order of names (so of dates the earliest counts).

    Args:
        relatives: paths in the data directory; where there is no run nothing is returned.
        wanted: whether a run counts.
        identities: by which a run is found.
    """
    found: dict[str, str] = {}
    for relative in _ordered(relatives):
        record = read_variant(listing.run(relative))
        if record is not None and wanted(record):
            for identity in identities(record):
                found.setdefault(identity, relative)
    return found


def _ordered(relatives: Iterable[str]) -> list[str]:
    return sorted(relatives, key=lambda path: (path.count("/"), path.split("/")))
