"""What is below a directory: its runs, and who is at work on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.rundir.lock import Owner, holder
from sweep.rundir.paths import RunDir

_OWN = RunDir(Path()).own.name
# Between two looks at locks: quick at first, as most things end soon.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


def runs_under(directory: Path) -> list[RunDir]:
    """Return the runs at or below a directory, in the order of their paths.

    Raises:
        UsageError: there is no such directory.
    """
    return [run for run in map(RunDir, _homes(_checked(directory))) if run.variant.is_file()]


def data_dir_of(run: RunDir) -> Path:
    """Return the data directory of a run: DATA/NAME, or DATA/NAME/INNER."""
    above, further = run.path.absolute().parents[:2]
    return further if (further / run.own.name).is_dir() else above


def owners_under(directory: Path) -> dict[Path, Owner]:
    """Return who holds the locks of runs and of launches at or below a directory.

    Raises:
        UsageError: there is no such directory.
        LaunchError: its file system has no locks.
    """
    return owners_of(lock for home in _homes(_checked(directory)) for lock in _locks(RunDir(home)))


def owners_of(locks: Iterable[Path]) -> dict[Path, Owner]:
    return {lock: owner for lock in locks if (owner := holder(lock)) is not None}


def pauses(sleep: Callable[[float], None]) -> Iterator[None]:
    """Pause before each item, a little longer every time, up to a second."""
    pause_s = _FIRST_PAUSE_S
    while True:
        sleep(pause_s)
        yield
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)


def _checked(directory: Path) -> Path:
    if not directory.is_dir():
        what = "is a file" if directory.exists() else "is not there"
        raise UsageError(f"{str(directory)!r} {what}; name a run's directory, a data directory, or one above runs.")
    return directory


def _locks(run: RunDir) -> list[Path]:
    """Return the lock of a run, or those of the launches into a data directory: both keep them in the same folder."""
    return [file for file in (run.lock, *sorted(run.own.glob("*.lock"))) if file.is_file()]


def _homes(folder: Path, inside_run: bool = False) -> Iterator[Path]:
    """Yield the folders that sweep has something of its own in. Of a run's folders only those that are runs count."""
    names = _folders(folder)
    is_home = _OWN in names
    if is_home:
        yield folder
    elif inside_run:
        return
    is_run = is_home and RunDir(folder).variant.is_file()
    for name in names:
        if not name.startswith("."):
            yield from _homes(folder / name, is_run)


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:  # not for us to read, or just removed
        return []
