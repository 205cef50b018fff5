"""Any object as strict JSON for people: the form of `config.json` and of the values in a report.

Lossy on purpose, as in Spinning Up's `convert_json`: a tuple becomes a list, a function its name, and what is too
long to be looked at is cut. The exact form is `sweep.base.canonical`.
"""

from __future__ import annotations

import enum
import json
import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{6,}")
_ARRAY_LIMIT = 1000  # more elements than this are summarised by shape
_BYTES_LIMIT = 1000  # longer ones are summarised by length
_TEXT_LIMIT = 10_000  # characters of one text
_ITEM_LIMIT = 10_000  # items of one container
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

    The form is for people, so no single value makes a file that nobody can open: above 10,000 characters a text ends in
    ``... (N characters)``, above 10,000 items a list, tuple or set has ``... (N items)`` as its last, and a mapping as
    its last key; N counts all there were, and 10,000 is the length of what is left, this mark included. More than
    1000 bytes become ``bytes of length N``, an array of more than 1000 elements its type and shape.
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
            return _cut(str.__str__(value))
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
            return self._mapping(value, holders)
        if isinstance(value, (list, tuple)):
            return [self.convert(item, holders) for item in islice(value, _kept(len(value)))] + _items_mark(len(value))
        if isinstance(value, (set, frozenset)):
            items = sorted((self.convert(item, holders) for item in value), key=str)
            return items[: _kept(len(items))] + _items_mark(len(items))
        if isinstance(value, (bytes, bytearray)):
            return stable_str(value) if len(value) <= _BYTES_LIMIT else f"bytes of length {len(value)}"
        if hasattr(value, "tolist") and hasattr(value, "dtype") and not isinstance(value, type):
            return self._array(value, holders)
        return self._object(value, holders)

    def _mapping(self, value: Mapping[Any, Any], holders: tuple[int, ...]) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for key, item in islice(value.items(), _kept(len(value))):
            text = _key(key)
            while text in done:  # 1 and "1" are two keys
                text = f"{text} ({type(key).__name__})"
            done[text] = self.convert(item, holders)
        return done | dict.fromkeys(_items_mark(len(value)), "...")

    def _array(self, value: Any, holders: tuple[int, ...]) -> Any:
        shape = tuple(value.shape)
        if math.prod(shape) > _ARRAY_LIMIT:
            return f"array of {value.dtype}, shape {shape}"
        plain = value.tolist()
        # A dtype that numpy cannot turn into plain Python objects gives itself back.
        return _cut(stable_str(value)) if type(plain) is type(value) else self.convert(plain, holders)

    def _object(self, value: Any, holders: tuple[int, ...]) -> Any:
        name = getattr(value, "__name__", None)
        if isinstance(name, str):
            return _cut(name)
        fields = getattr(value, "__dict__", None)
        if not fields or isinstance(value, enum.Enum) or id(value) in self._shown:
            return _cut(stable_str(value))
        self._shown[id(value)] = value
        return {_cut(stable_str(value)): self.convert(dict(fields), holders)}


def _cut(text: str) -> str:
    mark = f"... ({len(text)} characters)"
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - len(mark)] + mark


def _kept(length: int) -> int:
    """Return how many items of a container are shown; the mark takes the place of one."""
    return length if length <= _ITEM_LIMIT else _ITEM_LIMIT - 1


def _items_mark(length: int) -> list[str]:
    return [] if length <= _ITEM_LIMIT else [f"... ({length} items)"]


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
    return _cut(name if isinstance(name, str) else stable_str(key))


def config_text(config: Mapping[str, Any]) -> str:
    """Return the text of a `config.json`: the format of Spinning Up's `save_config`.

    Four spaces of indent, items parted by a comma, key and value by a colon and a tab, keys sorted, ASCII only,
    no newline at the end.
    """
    return json.dumps(config, separators=(",", ":\t"), indent=4, sort_keys=True, allow_nan=False)
