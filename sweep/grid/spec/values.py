"""Values of a grid file, both ways. What YAML has no form for is a mapping of one key:

{py: "module:name"}     an imported function, class or constant
{tuple: [32, 32]}       a tuple
{dict: {py: 1}}         a dict that would be taken for one of these three
{dict: [[1, a], ...]}   a dict with keys that are not text
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

from sweep.base.canonical import qualified_name
from sweep.base.errors import GridError
from sweep.base.importing import import_object
from sweep.base.text import shown
from sweep.grid.spec.keys import TAGS
from sweep.grid.spec.tree import Node


def is_tagged(node: Node) -> bool:
    """Say whether a mapping stands for one value of another type."""
    return node.is_mapping and len(node.value) == 1 and next(iter(node.value)) in TAGS


def decode(node: Node) -> Any:
    """Return the value that a node stands for; a list is a list, a mapping a dict.

    Raises:
        SpecError: a tagged value is wrong, or names what cannot be imported.
    """
    if is_tagged(node):
        tag, child = next(iter(node.value.items()))
        return _DECODERS[tag](child)
    if node.is_mapping:
        return {key: decode(child) for key, child in node.value.items()}
    return [decode(item) for item in node.value] if node.is_list else node.value


def _imported(node: Node) -> Any:
    path = node.text("'py'")
    with node.blamed():
        return import_object(path, node.source.folder)


def _tuple(node: Node) -> tuple[Any, ...]:
    return tuple(decode(item) for item in node.items("'tuple'"))


def _dict(node: Node) -> dict[Any, Any]:
    if node.is_mapping:
        return {key: decode(child) for key, child in node.value.items()}
    found: dict[Any, Any] = {}
    for pair in node.items("'dict', if it is not a mapping,"):
        key, value = _pair(pair)
        if key in found:
            raise pair.error(f"'dict' has the key {shown(key)} twice; keep one.")
        found[key] = value
    return found


def _pair(node: Node) -> tuple[Any, Any]:
    parts = node.items("'dict' as a list: each item")
    if len(parts) != 2:
        raise node.error(f"'dict' as a list holds pairs [key, value], not {node.shown}.")
    key = decode(parts[0])
    try:
        hash(key)
    except TypeError as error:
        raise node.error(f"'dict' has the key {shown(key)}, but a {error}.") from error
    return key, decode(parts[1])


_DECODERS = {"py": _imported, "tuple": _tuple, "dict": _dict}


def encode(value: Any, what: str) -> Any:
    """Return the plain data that stands for a value.

    Args:
        what: how a message calls it.

    Raises:
        GridError: YAML cannot hold it: an object that cannot be imported by name.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is list:
        return [encode(item, what) for item in value]
    if kind is tuple:
        return {"tuple": [encode(item, what) for item in value]}
    if kind is dict:
        return _encoded_dict(value, what)
    path = import_path(value)
    if path is None:
        raise GridError(
            f"{what}: {shown(value)} ({kind.__name__}) cannot be written to YAML; use numbers, text, lists, tuples and "
            "dicts, or a function or class that a module defines by name."
        )
    return {"py": path}


def _encoded_dict(value: dict[Any, Any], what: str) -> Any:
    if not all(type(key) is str for key in value):
        return {"dict": [[encode(key, what), encode(item, what)] for key, item in value.items()]}
    plain = {key: encode(item, what) for key, item in value.items()}
    return {"dict": plain} if len(plain) == 1 and next(iter(plain)) in TAGS else plain


def import_path(value: Any) -> str | None:
    """Return the ``module:name`` from which a function or class can be imported again, or None."""
    name, home = getattr(value, "__qualname__", getattr(value, "__name__", None)), getattr(value, "__module__", None)
    if not isinstance(name, str) or not isinstance(home, str) or isinstance(value, types.ModuleType):
        return None
    found: Any = sys.modules.get(home)
    for part in name.split("."):
        found = getattr(found, part, None)
    # A bound method is made anew at each access, so it is equal to itself and never the same.
    same = found is value or (isinstance(value, types.MethodType) and bool(found == value))
    path = qualified_name(value)
    return path if same and _has_file(home) else None


def _has_file(module: str) -> bool:
    """Say whether what a module defines can be found again: a script can, what was typed at a prompt cannot."""
    file = getattr(sys.modules[module], "__file__", None)
    return module != "__main__" or (file is not None and Path(file).is_file())
