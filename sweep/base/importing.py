"""From text to the object it names: ``package.module:attribute`` or ``folder/script.py:function``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from sweep.base.errors import UsageError, did_you_mean
from sweep.base.text import shorten


def import_object(path: str, beside: Path | None = None) -> Any:
    """Import what a text names.

    Args:
        path: ``module:attribute`` (dots allowed on both sides), or ``script.py:function``.
        beside: a folder to search after the working directory, for a module next to a YAML file.

    Raises:
        UsageError: the text has no colon, the module cannot be imported, or has no such attribute.
    """
    module_name, colon, attribute = path.rpartition(":")
    if not colon or not module_name or not attribute:
        raise UsageError(f"{path!r} does not name a function: write module:function, for example my_module:train.")
    if module_name.endswith(".py"):
        return _attribute(_script(_found(Path(module_name), beside), path), attribute, path)
    for folder in (beside, Path.cwd()):
        if folder is not None:
            _search(str(folder))
    return _attribute(_module(module_name, path), attribute, path)


def _found(script: Path, beside: Path | None) -> Path:
    for candidate in (script, (beside or Path()) / script):
        if candidate.is_file():
            return candidate.resolve()
    raise UsageError(f"{str(script)!r} is not a file; the path is taken from {Path.cwd()}.")


def _script(script: Path, path: str) -> Any:
    """Import a script under its own name, from its own folder before any other."""
    _search(str(script.parent), first=True)
    module = _module(script.stem, path)
    file = getattr(module, "__file__", None)
    if file is None or Path(file).resolve() != script:
        raise UsageError(
            f"{path!r}: another module called {script.stem!r} is loaded already ({file or 'built in'}); "
            "rename the script."
        )
    return module


def _search(folder: str, first: bool = False) -> None:
    if first and folder in sys.path:
        sys.path.remove(folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _module(name: str, path: str) -> Any:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever a user's module does while it is imported
        missing = isinstance(error, ModuleNotFoundError) and error.name in (name, name.split(".")[0])
        step = " Modules are looked for in the working directory and where Python finds packages." if missing else ""
        reason = shorten(f"{type(error).__name__}: {error}", 500)
        raise UsageError(f"{path!r} cannot be imported: {reason}.{step}") from error


def _attribute(module: Any, attribute: str, path: str) -> Any:
    found = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            hint = did_you_mean(name, (n for n in dir(found) if not n.startswith("_")))
            raise UsageError(f"{path!r}: {getattr(found, '__name__', found)} has no {name!r}.{hint}")
        found = getattr(found, name)
    return found
