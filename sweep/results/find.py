"""Which runs a person means by a directory, a glob or the beginning of a name."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.settings import load_settings
from sweep.base.text import printable, shown
from sweep.results.foreign import kind_of
from sweep.results.run import Run
from sweep.results.walk import upwards, walk
from sweep.rundir.naming import Place

_SHOWN = 6  # names in a message
_NUMBERS = re.compile(r"(\d+)")


class NoRunsFound(UsageError):
    """What was named is no run and holds none; the message says what there is instead."""


class SeveralSweeps(UsageError):
    """The beginning of a name is that of several sweeps, whose runs are not to be mixed by accident."""


def find_runs(*patterns: str | Path) -> list[Run]:
    """Return every run that one of the patterns means, sorted by path (numbers in it by size).

    Args:
        patterns: each a run's directory, a folder anywhere above runs, a glob, or the beginning of names as in Spinning
            Up's plotter: `data/ppo` finds `data/ppo_lr1e-3/...`. By default the settings' data directory.

    Raises:
        NoRunsFound: a pattern means no run.
        SeveralSweeps: the beginning of a name is that of several sweeps.

    Runs are those of sweep, Spinning Up, garage and Stable-Baselines3 (see `sweep.results.foreign`). Nothing below a
    run's directory is opened but what says what it is and how far it has come.
    """
    wanted = [_home(str(one)) for one in patterns] or [load_settings().default_data_dir]
    folders = [(pattern, _folders(pattern)) for pattern in wanted]
    runs = list(walk(path for _, found in folders for path in found))
    _check(folders, runs)
    return sorted(runs, key=lambda run: _natural(str(run.path)))


def _home(pattern: str) -> str:
    """Return a pattern with ``~`` filled in, and a slash at its end kept."""
    return f"{Path.home()}{pattern[1:]}" if pattern == "~" or pattern.startswith("~/") else pattern


def _natural(text: str) -> list[tuple[bool, float, str]]:
    """Return a key that sorts names by the numbers in them; the dash of ``0-03`` is a point, as names have none."""
    parts = _NUMBERS.split(text)
    return [(True, _number(part), part) if i % 2 else (False, 0, part) for i, part in enumerate(parts)]


def _number(digits: str) -> float:
    return float(f"0.{digits}") if digits.startswith("0") and len(digits) > 1 else float(digits)


def _folders(pattern: str) -> list[str]:
    """Return the folders that a pattern means."""
    if "\0" in pattern:
        raise NoRunsFound(f"{shown(pattern)} is no path: there is a null character in it.")
    if _is(Path(pattern).is_dir):
        return [pattern]
    if _is_of_a_run(Path(pattern)):
        return [str(Path(pattern).parent)]
    if glob.has_magic(pattern):
        return _globbed(pattern)
    return _beginning_with(pattern)


def _is_of_a_run(path: Path) -> bool:
    """Say whether a path is one of the files by which a run is known."""
    return (kind_of([path.name]) is not None or path.name in ("config.json", "status.json")) and _is(path.is_file)


def _is(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (OSError, ValueError):  # a name that is too long, or a folder that is not for us to read
        return False


def _globbed(pattern: str) -> list[str]:
    path = Path(pattern)
    relative = path.relative_to(path.anchor)
    try:
        matches = list(Path(path.anchor).glob(str(relative)))
        found = {
            match if match.is_dir() else match.parent for match in matches if _is(match.is_dir) or _is_of_a_run(match)
        }
    except (OSError, ValueError, NotImplementedError) as error:
        raise NoRunsFound(f"the pattern {shown(pattern)} cannot be read: {error}.") from None
    if not found:
        raise _nothing(pattern, f"no folder matches {shown(pattern)}")
    return sorted(map(str, found))


def _beginning_with(pattern: str) -> list[str]:
    parent, start = os.path.split(pattern)
    names = [name for name in _folder_names(parent) if start and name.startswith(start)]
    if not names:
        raise _nothing(pattern, f"there is no run at {shown(pattern)}")
    sweeps = sorted(_sweeps(parent, start, names))
    if len(sweeps) > 1:
        raise SeveralSweeps(
            f"{shown(pattern)} begins the names of several sweeps: {_named(sweeps)}. Name one of them, or take all "
            f"with the glob {shown(pattern + '*')}."
        )
    return [str(Path(parent, name)) for name in names]


def _sweeps(parent: str, start: str, names: Sequence[str]) -> set[str]:
    """Return the sweeps that directories are of: by the locks of their launches, else by the first word of the name."""
    locks = [file.stem for file in Place(Path(parent)).own.glob("*.lock")]
    found = {max((lock for lock in locks if f"{name}_".startswith(f"{lock}_")), key=len, default="") for name in names}
    if "" not in found:
        return found
    return {name.partition("_")[0] for name in names} if "_" not in start else {start}


def _folder_names(parent: str) -> list[str]:
    try:
        with os.scandir(parent or ".") as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith(".") and _is(entry.is_dir))
    except OSError:
        return []


def _nothing(pattern: str, what: str) -> NoRunsFound:
    parent, start = os.path.split(pattern.rstrip("/"))
    while parent and not _is(Path(parent).is_dir):
        parent, start = os.path.split(parent)
    names = _folder_names(parent)
    there = f"there are {_named(names)}" if names else "there are no folders"
    where = shown(parent) if parent else "the working directory"
    return NoRunsFound(f"{what}; in {where} {there}.{printable(did_you_mean(start, names))}")


def _named(names: Sequence[str]) -> str:
    return listed([printable(name) for name in names], _SHOWN)


def _check(folders: Sequence[tuple[str, Sequence[str]]], runs: Sequence[Run]) -> None:
    """Raise if there is no run in what a pattern means."""
    if len(folders) == 1 and runs:
        return
    above = {path for run in runs for path in upwards(os.path.realpath(run.path))}
    for pattern, found in folders:
        if above.isdisjoint(map(os.path.realpath, found)):
            raise NoRunsFound(
                f"there is no run in {shown(pattern)}: no folder in it holds .sweep/variant.json, progress.txt, "
                "progress.csv or monitor.csv. Name a data directory, or launch something first."
            )
