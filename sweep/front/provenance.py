"""Where the runs of a launch come from: looked up once, before the first of them, and handed on to all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sweep.base.git import Checkout
from sweep.base.text import paint
from sweep.front.code_files import Home, code_files, home_of
from sweep.front.screen import say
from sweep.rundir.origin import read_origin, write_origin
from sweep.rundir.paths import RunDir
from sweep.rundir.source import SOURCES, printable_name, save_source
from sweep.rundir.supervised import ORIGIN_VARIABLE

_UNTRACKED_NAMED = 1000


def origin_environ(data_dir: Path, functions: Iterable[Callable[..., Any]]) -> dict[str, str]:
    """Return the environment of a launch's engine: this process's, with the record of what the launch comes from.

    Commit, diff and one archive of the source go into the data directory's own `.sweep/`. What fails is said, and
    then the runs have no such record; they run all the same.
    """
    return _environ(data_dir, lambda: home_of(functions))


def environ_again(data_dir: Path, runs: Iterable[RunDir]) -> dict[str, str]:
    """Return the same for runs that are tried again without their grid: their code is looked up where it was."""
    known = next(filter(None, map(_recorded_home, runs)), None)
    return _environ(data_dir, lambda: known) if known else _without_origin()


def _recorded_home(run: RunDir) -> Home | None:
    source = (read_origin(run) or {}).get("source")
    if not isinstance(source, dict):
        return None
    path = Path(str(source.get("root", "")), str(source.get("path", "")))
    return Home(path.resolve(), str(source.get("main", ""))) if path.is_absolute() and path.is_dir() else None


def _without_origin() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != ORIGIN_VARIABLE}


def _environ(data_dir: Path, find_home: Callable[[], Home]) -> dict[str, str]:
    environ = _without_origin()
    try:
        file = write_origin(data_dir, _origin(data_dir, find_home()))
    except Exception as error:  # a record is never a reason for a launch to fail
        say(paint(f"note: no record of the source: {type(error).__name__}: {error}", "yellow"))
        return environ
    return {**environ, ORIGIN_VARIABLE: str(file.absolute())}


def _origin(data_dir: Path, home: Home) -> dict[str, Any]:
    files = code_files(home.path, data_dir)
    source = save_source(files.root, files.names, RunDir(data_dir).own / SOURCES)
    where = {"root": str(files.root), "path": os.path.relpath(home.path, files.root), "main": home.main}
    return {
        "command": list(sys.orig_argv),
        "directory": str(Path.cwd()),
        "git": None if files.checkout is None else git_facts(files.checkout),
        "source": {**source.as_json(), **where} if source.digest else None,
        "notes": [files.note] if files.note else [],
    }


def git_facts(checkout: Checkout) -> dict[str, Any]:
    """Return what a launch records of a working copy."""
    untracked = checkout.untracked[:_UNTRACKED_NAMED]
    return {
        "root": str(checkout.root),
        "commit": checkout.commit,
        "dirty": checkout.dirty,
        "diff": printable_name(checkout.diff),
        "diff_bytes": checkout.diff_bytes,
        "untracked": [printable_name(name) for name in untracked],
        "untracked_count": len(checkout.untracked),
    }
