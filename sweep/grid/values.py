"""Values: how one is written in a name, which ones can be changed in place, and a fresh copy of those."""

from __future__ import annotations

import copy
import re
from collections import UserDict, UserList, deque
from dataclasses import is_dataclass
from typing import Any

from sweep.base.jsonable import stable_str

_UNSAFE = re.compile(r"[^a-z0-9_-]")
_ATOMS = frozenset((type(None), bool, int, float, str))
_CONTAINERS = (list, dict, set, bytearray, deque, UserDict, UserList)
_SAME = re.compile(r"bool|int64|float64|<U\d+")


def clean(value: Any) -> str:
    """Return a value as it stands in a name: lower case, only ``a-z 0-9 _ -``.

    A function or class gives its name, a list or tuple its elements joined by dashes, a set its elements sorted;
    anything else its text, with every other character as a dash and without memory addresses.
    """
    name = getattr(value, "__name__", None)
    if isinstance(name, str):
        return clean(name)
    if isinstance(value, (list, tuple)):
        return "-".join(clean(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return "-".join(sorted(clean(item) for item in value))
    return _UNSAFE.sub("-", stable_str(value).lower())


def is_mutable(value: Any) -> bool:
    """Say whether a value, or one inside it, is a container that a run could change in place."""
    if isinstance(value, tuple):
        return any(is_mutable(item) for item in value)
    return isinstance(value, _CONTAINERS) or _is_array(value) or _is_dataclass(value)


def fresh(value: Any) -> Any:
    """Return a value whose lists, dicts, sets, arrays and dataclasses belong to nobody else.

    Other objects are handed on as they are: what they hold may be neither cheap nor possible to copy.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is list:
        return [fresh(item) for item in value]
    if kind is dict:
        return {key: fresh(item) for key, item in value.items()}
    if kind is tuple:
        return tuple(fresh(item) for item in value) if is_mutable(value) else value
    return _copied(value) if is_mutable(value) else value


def _copied(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:  # a field that cannot be copied, such as a lock
        return value


def plain(value: Any) -> Any:
    """Return a value with numpy's scalars as Python's own where these are the same: bool, int64, float64, str.

    What ``list(np.linspace(0, 1, 3))`` gives is then what one would have typed, in type, name and identity.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if kind is tuple:
        return tuple(plain(item) for item in value)
    same = kind.__module__ == "numpy" and hasattr(value, "item") and hasattr(value, "dtype") and value.ndim == 0
    return value.item() if same and not _is_array(value) and _SAME.fullmatch(str(value.dtype)) else value


def is_array(value: Any, dimensions: int) -> bool:
    """Say whether a value is a numpy array of so many dimensions, without importing numpy."""
    return type(value).__module__ == "numpy" and type(value).__name__ == "ndarray" and value.ndim == dimensions


def _is_array(value: Any) -> bool:
    """Say whether a value is a numpy array, subclasses (matrix, masked array) included."""
    return hasattr(value, "__array_finalize__") and not isinstance(value, type)


def _is_dataclass(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)
