"""Which files a launch runs: those of the working copy, or of the folder, that its functions come from."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.base.git import Checkout, checkout_of
from sweep.rundir.naming import OWN

_SUFFIXES = (".py", ".pyi", ".pyx", ".yaml", ".yml", ".toml", ".json", ".cfg", ".ini", ".txt", ".sh")
# Where no git says what belongs to a program, so many entries of its folder are looked at.
_MOST_ENTRIES = 20_000
_NEVER = frozenset(("__pycache__", "node_modules", "site-packages"))


@dataclass(frozen=True)
class Home:
    """Where the functions of a launch come from.

    Attributes:
        path: the folder from which they are imported; the working directory if they are nobody's own code.
        main: the script, if it is one, relative to `path`.
    """

    path: Path
    main: str = ""


@dataclass(frozen=True)
class CodeFiles:
    """The files of a launch.

    Attributes:
        root: of them all.
        names: relative to it, what is most likely needed first.
        checkout: if git knows them.
        note: what is not as one would expect; empty if nothing.
    """

    root: Path
    names: Sequence[str]
    checkout: Checkout | None = None
    note: str = ""


def home_of(functions: Iterable[Callable[..., Any]]) -> Home:
    """Return where the first function comes from that is of no installed package."""
    found = (_home(function) for function in functions)
    return next((home for home in found if home is not None), Home(Path.cwd()))


def _home(function: Callable[..., Any]) -> Home | None:
    while isinstance(function, functools.partial):
        function = function.func
    module = sys.modules.get(getattr(function, "__module__", None) or type(function).__module__)
    file = getattr(module, "__file__", None)
    if module is None or not file or _is_installed(Path(file).resolve()):
        return None
    path, spec = Path(file).resolve(), getattr(module, "__spec__", None)
    if module.__name__ == "__main__" and spec is None:
        return Home(path.parent, path.name)
    name = spec.name if spec is not None else module.__name__
    up = name.count(".") + (path.name == "__init__.py")
    home = path.parents[min(up, len(path.parents) - 1)]
    return Home(home, path.relative_to(home).as_posix() if module.__name__ == "__main__" else "")


def _is_installed(file: Path) -> bool:
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return any(file.is_relative_to(folder) for folder in folders if folder)


def code_files(home: Path, data_dir: Path) -> CodeFiles:
    """Return the files that belong to the code in a folder; nothing of a data directory does.

    In a working copy they are those that git tracks, or would; elsewhere those that look like code or configuration.
    """
    checkout = checkout_of(home, ignored=[data_dir])
    if checkout is None:
        names, whole = _beside(home, data_dir)
        note = "" if whole else f"{home} has more than {_MOST_ENTRIES:,} entries; only these were looked at"
        return CodeFiles(home, names, note=note)
    untracked = _no_results(checkout.untracked)
    checkout = Checkout(**{**vars(checkout), "untracked": tuple(untracked)})
    here = home.relative_to(checkout.root).as_posix() if home.is_relative_to(checkout.root) else "."
    names = sorted((*checkout.tracked, *untracked), key=lambda name: _importance(name, here))
    return CodeFiles(checkout.root, names, checkout)


def _importance(name: str, here: str) -> tuple[bool, bool, str]:
    beside = here == "." or name.startswith(f"{here}/")
    return not beside, not name.endswith(_SUFFIXES), name


def _no_results(names: Sequence[str]) -> list[str]:
    """Leave out what is in data directories: those are told by what is sweep's own in them."""
    own = f"/{OWN}/"
    results = {name.partition(own)[0] + "/" for name in names if own in name}
    return [name for name in names if not any(name.startswith(folder) for folder in results)]


def _beside(home: Path, data_dir: Path) -> tuple[list[str], bool]:
    """Return the files of a folder that look like code, those near its top first, and whether that is all."""
    deep, seen, found = not _is_shared(home), 0, []
    folders, start = deque([str(home)]), len(str(home).rstrip("/")) + 1
    while folders and seen < _MOST_ENTRIES:
        for entry in _entries(folders.popleft()):
            seen += 1
            if entry.name.endswith(_SUFFIXES):
                found.append(entry.path[start:])
            elif deep and entry.is_dir(follow_symlinks=False) and _may_hold_code(Path(entry.path), data_dir):
                folders.append(entry.path)
    return found, not folders


def _is_shared(folder: Path) -> bool:
    """Say whether a folder holds much besides one program."""
    return folder in (Path("/"), Path.home().resolve(), Path(tempfile.gettempdir()).resolve())


def _may_hold_code(folder: Path, data_dir: Path) -> bool:
    if folder.name in _NEVER or folder.name.startswith(".") or folder == data_dir.resolve():
        return False
    return not ((folder / "pyvenv.cfg").exists() or (folder / OWN).exists())


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:  # not for us to read
        return
