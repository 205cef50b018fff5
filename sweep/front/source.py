"""The recorded source of a run, unpacked for as long as it is run again from it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sweep.base.errors import LaunchError, UsageError
from sweep.base.files import write_text
from sweep.base.text import paint, plural
from sweep.front.screen import say
from sweep.rundir.origin import read_origin
from sweep.rundir.paths import RunDir
from sweep.rundir.source import unpack_source
from sweep.rundir.variant_file import read_variant

_PREFIX = "sweep-source-"
# Beside the unpacked files: the folder that they were recorded in.
_HOME = ".sweep_home"


def recorded_source(run: str | os.PathLike[str], exact: bool) -> Context[Path | None]:
    """Return a context in which imports, also those of the runs, find the source that a run was started with.

    It gives the folder of that source, or None where everything is to be as it is.

    Args:
        exact: if not, everything is as it is.

    Raises:
        UsageError: it is no run's directory, or what it runs is imported already, from elsewhere.
        SweepError: no source is recorded, or it is damaged.
    """
    if not exact:
        return nullcontext()
    if not Path(run).is_dir():
        raise UsageError(f"{os.fspath(run)!r} is no run's directory, so it has no source that --exact could run.")
    return _unpacked(RunDir(Path(run)))


@contextmanager
def _unpacked(run: RunDir) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        root = Path(folder).resolve()
        source = unpack_source(run, root)
        say(paint(f"running the recorded source: {plural(source.files, 'file')}", "cyan"))
        if source.left_out_count:
            left_out = ", ".join(name for name, _ in source.left_out[:5])
            say(paint(f"note: {plural(source.left_out_count, 'file')} were not recorded: {left_out}", "yellow"))
        recorded = _where(run)
        _check_not_imported(run)
        write_text(root / _HOME, _home_of(run), durable=False)
        before = list(sys.path)
        sys.path[:] = _searched(root, recorded, before)
        try:
            yield root
        finally:
            sys.path[:] = before


def original_home(home: Path) -> str:
    """Return the folder that a function was found from when it was recorded, if `home` is an unpacked source.

    That folder is there for one launch only: a run that is made from it says where its own source is to be looked for.
    """
    for folder in (home, *home.parents):
        if folder.name.startswith(_PREFIX) and (file := folder / _HOME).is_file():
            return file.read_text() or str(home)
    return str(home)


def _home_of(run: RunDir) -> str:
    record = read_variant(run)
    return "" if record is None else record.story.home


def _where(run: RunDir) -> Mapping[str, str]:
    origin = read_origin(run)
    found = origin.get("source") if origin else None
    return found if isinstance(found, dict) else {}


def _searched(root: Path, recorded: Mapping[str, str], before: list[str]) -> list[str]:
    """Return the import path: the unpacked source before all, what it was taken from not at all.

    The working directory comes last: it would be put first by who looks a name up, were it not there.
    """
    old = Path(recorded.get("root") or root)
    home = (root / recorded.get("path", ".")).resolve()
    homes = [home if home.is_relative_to(root) else root, root]
    here = Path.cwd()
    rest = [one for one in before if one and not _is_of(Path(one), old) and Path(one).absolute() != here]
    return [*dict.fromkeys(map(str, homes)), *rest, str(here)]


def _is_of(folder: Path, root: Path) -> bool:
    """Say whether a folder of the import path belongs to a tree; an environment inside it does not."""
    inside = folder.absolute().is_relative_to(root)
    return inside and not any((one / "pyvenv.cfg").exists() for one in (folder, *folder.absolute().parents))


def _check_not_imported(run: RunDir) -> None:
    """Refuse where the function's module is imported already: Python would not look for it again.

    Raises:
        UsageError
    """
    record = read_variant(run)
    if record is None:
        raise LaunchError(f"{run.variant} is not there, or damaged; name a run's directory.")
    module = record.thunk.partition(":")[0]
    if module in sys.modules:
        file = getattr(sys.modules[module], "__file__", None)
        raise UsageError(
            f"{module!r} is imported already, from {file}: in a process of its own it is the recorded one. Use the "
            f"command: sweep relaunch --exact {run.path}"
        )
