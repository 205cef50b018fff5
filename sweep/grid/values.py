"""Values: how one is written in a name, which ones can be changed in place, and a fresh copy of those."""

from __future__ import annotations

import re
from typing import Any

from sweep.base.jsonable import stable_str

_UNSAFE = re.compile(r"[^a-z0-9_-]")


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
    return type(value) in (list, dict, set) or _is_array(value)


def fresh(value: Any) -> Any:
    """Return a value whose lists, dicts, sets and arrays belong to nobody else."""
    kind = type(value)
    if kind is list:
        return [fresh(item) for item in value]
    if kind is dict:
        return {key: fresh(item) for key, item in value.items()}
    if kind is tuple and is_mutable(value):
        return tuple(fresh(item) for item in value)
    if kind is set or _is_array(value):
        return value.copy()
    return value


def is_array(value: Any, dimensions: int) -> bool:
    """Say whether a value is a numpy array of so many dimensions, without importing numpy."""
    return _is_array(value) and value.ndim == dimensions


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"
