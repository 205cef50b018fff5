"""Launches that are going on above some runs: they may have more in store than has left anything behind yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.results.run import Run
from sweep.rundir.lock import Owner, holder
from sweep.rundir.paths import RunDir

_SUFFIX = ".lock"


def launches_of(runs: Sequence[Run]) -> list[Owner]:
    """Return who is launching sweeps to which some of the runs belong, by the beginning of their names."""
    labels: dict[Path, set[str]] = {}
    for run in runs:
        for parent in run.path.absolute().parents[:2]:
            labels.setdefault(parent, set()).add(run.label)
    owners = {owner for parent, names in labels.items() for owner in _owners(parent, names)}
    return sorted(owners, key=lambda owner: (owner.since, owner.pid))


def _owners(data_dir: Path, labels: set[str]) -> Iterator[Owner]:
    for lock in _locks(data_dir):
        if any(label.startswith(lock.name.removesuffix(_SUFFIX)) for label in labels):
            owner = _holder(lock)
            if owner is not None:
                yield owner


def _locks(data_dir: Path) -> list[Path]:
    own = RunDir(data_dir).own  # it is called the same in a data directory
    try:
        return sorted(path for path in own.iterdir() if path.suffix == _SUFFIX)
    except OSError:  # there is none, or it is not for us to read
        return []


def _holder(lock: Path) -> Owner | None:
    try:
        return holder(lock)
    except (LaunchError, OSError):  # a file system without locks, where no launch can be
        return None
