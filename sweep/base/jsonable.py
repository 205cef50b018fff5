"""Any object as strict JSON for people: the form of `config.json` and of the values in a report.

Lossy on purpose, as in Spinning Up's `convert_json`: a tuple becomes a list, a function its name. The exact
form is `sweep.base.canonical`.
"""

from __future__ import annotations

import enum
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{6,}")
_ARRAY_LIMIT = 1000  # more elements than this are summarised by shape
_DEPTH_LIMIT = 50
_INT_BITS = 14_000  # a longer whole number cannot be written in decimal (sys.get_int_max_str_digits)


def without_address(text: str) -> str:
    """Remove memory addresses, which differ in every process, from an object's printed form."""
    return _ADDRESS.sub("", text)


def stable_str(value: object) -> str:
    """Return ``str(value)`` as it is in every process: without memory addresses, the elements of sets sorted.

    For an object that has no text of its own, or fails to give it, its class name.
    """
    if isinstance(value, str):
        return str.__str__(value)
    return _stable_repr(value, ()) if type(value) in _CONTAINERS else _text(value, str)


def _text(value: object, write: Any) -> str:
    kind = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return kind.__name__
    try:
        return without_address(write(value))
    except Exception:  # a user's own __str__
        return kind.__name__


def _stable_repr(value: Any, holders: tuple[int, ...]) -> str:
    if type(value) not in _CONTAINERS:
        return repr(value) if type(value) is str else _text(value, repr)
    if id(value) in holders or len(holders) > _DEPTH_LIMIT:
        return "..."
    holders = (*holders, id(value))
    if type(value) is dict:
        return (
            "{" + ", ".join(f"{_stable_repr(k, holders)}: {_stable_repr(v, holders)}" for k, v in value.items()) + "}"
        )
    items = [_stable_repr(item, holders) for item in value]
    if type(value) is tuple:
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return f"[{', '.join(items)}]" if type(value) is list else f"{{{', '.join(sorted(items))}}}"


_CONTAINERS = (dict, list, tuple, set, frozenset)


def to_jsonable(value: Any) -> Any:
    """Return value as nested dict, list, str, int, float, bool and None that strict JSON can hold.

    NaN and infinities become the strings ``NaN``, ``Infinity`` and ``-Infinity``. An object that holds itself is
    cut with the string ``<circular>``, one that nests too deep with ``<too deep>``; an object that comes again is
    given by its text alone. Nothing that was passed in is changed.
    """
    return _Conversion().convert(value, ())


_SINGLE = (type(None), bool, str, int, float)


class _Conversion:
    """One call of `to_jsonable`.

    The objects whose attributes were shown are remembered, as a web of objects that know each other (loggers, modules
    of a network) has more ways through it than time lasts.
    """

    def __init__(self) -> None:
        self._shown: dict[int, object] = {}

    def convert(self, value: Any, holders: tuple[int, ...]) -> Any:
        try:
            return self._single(value) if isinstance(value, _SINGLE) else self._several(value, holders)
        except Exception:  # whatever an object does when it is looked at
            return type(value).__name__

    @staticmethod
    def _single(value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return _whole(int.__index__(value))
        return _number(float.__float__(value))

    def _several(self, value: Any, holders: tuple[int, ...]) -> Any:
        if id(value) in holders:
            return "<circular>"
        if len(holders) >= _DEPTH_LIMIT:
            return "<too deep>"
        return self._compound(value, (*holders, id(value)))

    def _compound(self, value: Any, holders: tuple[int, ...]) -> Any:
        if isinstance(value, Mapping):
            return self._mapping(value.items(), holders)
        if isinstance(value, (list, tuple)):
            return [self.convert(item, holders) for item in value]
        if isinstance(value, (set, frozenset)):
            return sorted((self.convert(item, holders) for item in value), key=str)
        if hasattr(value, "tolist") and hasattr(value, "dtype") and not isinstance(value, type):
            return self._array(value, holders)
        return self._object(value, holders)

    def _mapping(self, items: Iterable[tuple[Any, Any]], holders: tuple[int, ...]) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for key, item in items:
            text = _key(key)
            while text in done:  # 1 and "1" are two keys
                text = f"{text} ({type(key).__name__})"
            done[text] = self.convert(item, holders)
        return done

    def _array(self, value: Any, holders: tuple[int, ...]) -> Any:
        shape = tuple(value.shape)
        if math.prod(shape) > _ARRAY_LIMIT:
            return f"array of {value.dtype}, shape {shape}"
        plain = value.tolist()
        # A dtype that numpy cannot turn into plain Python objects gives itself back.
        return stable_str(value) if type(plain) is type(value) else self.convert(plain, holders)

    def _object(self, value: Any, holders: tuple[int, ...]) -> Any:
        name = getattr(value, "__name__", None)
        if isinstance(name, str):
            return name
        fields = getattr(value, "__dict__", None)
        if not fields or isinstance(value, enum.Enum) or id(value) in self._shown:
            return stable_str(value)
        self._shown[id(value)] = value
        return {stable_str(value): self.convert(dict(fields), holders)}


def _whole(value: int) -> int | str:
    return value if value.bit_length() <= _INT_BITS else f"whole number of {value.bit_length()} bits"


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _key(key: Any) -> str:
    """Return the text that JSON itself has for a plain key; for any other a name or a text."""
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    if isinstance(key, int):
        return str(_whole(int.__index__(key)))
    if isinstance(key, float):
        return str(_number(float.__float__(key)))
    name = getattr(key, "__name__", None)
    return name if isinstance(name, str) else stable_str(key)


def config_text(config: Mapping[str, Any]) -> str:
    """Return the text of a `config.json`: the format of Spinning Up's `save_config`.

    Four spaces of indent, items parted by a comma, key and value by a colon and a tab, keys sorted, ASCII only,
    no newline at the end.
    """
    return json.dumps(config, separators=(",", ":\t"), indent=4, sort_keys=True, allow_nan=False)
