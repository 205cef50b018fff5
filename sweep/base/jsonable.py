"""Any object as strict JSON for people: the form of `config.json` and of the values in a report.

Lossy on purpose, as in Spinning Up's `convert_json`: a tuple becomes a list, a function its name. The exact
form is `sweep.base.canonical`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{6,}")
_ARRAY_LIMIT = 1000  # more elements than this are summarised by shape


def without_address(text: str) -> str:
    """Remove memory addresses, which differ in every process, from an object's printed form."""
    return _ADDRESS.sub("", text)


def stable_str(value: object) -> str:
    """Return ``str(value)`` without memory addresses; for an object that has no text of its own, its class name."""
    if isinstance(value, str):
        return value
    kind = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return kind.__name__
    return without_address(str(value))


def to_jsonable(value: Any) -> Any:
    """Return value as nested dict, list, str, int, float, bool and None that strict JSON can hold.

    NaN and infinities become the strings ``NaN``, ``Infinity`` and ``-Infinity``. An object that holds itself is
    cut with the string ``<circular>``. Nothing that was passed in is changed.
    """
    return _convert(value, ())


def _convert(value: Any, holders: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value))
    if id(value) in holders:
        return "<circular>"
    holders = (*holders, id(value))
    if isinstance(value, Mapping):
        return {_key(k): _convert(v, holders) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_convert(item, holders) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_convert(item, holders) for item in value), key=str)
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return _array(value, holders)
    return _object(value, holders)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _key(key: Any) -> str:
    name = getattr(key, "__name__", None)
    return name if isinstance(name, str) else stable_str(key)


def _array(value: Any, holders: tuple[int, ...]) -> Any:
    if getattr(value, "size", 0) and getattr(value, "ndim", 0) and value.size > _ARRAY_LIMIT:
        return f"array of {value.dtype}, shape {tuple(value.shape)}"
    plain = value.tolist()
    # A dtype that numpy cannot turn into plain Python objects gives itself back.
    return stable_str(value) if type(plain) is type(value) else _convert(plain, holders)


def _object(value: Any, holders: tuple[int, ...]) -> Any:
    name = getattr(value, "__name__", None)
    if isinstance(name, str):
        return name
    fields = getattr(value, "__dict__", None)
    if fields:
        return {stable_str(value): _convert(dict(fields), holders)}
    return stable_str(value)


def config_text(config: Mapping[str, Any]) -> str:
    """Return the text of a `config.json`: the format of Spinning Up's `save_config`.

    Four spaces of indent, items parted by a comma, key and value by a colon and a tab, keys sorted, ASCII only,
    no newline at the end.
    """
    return json.dumps(config, separators=(",", ":\t"), indent=4, sort_keys=True, allow_nan=False)
