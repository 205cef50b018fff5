"""The values of a parameter: in their order, and as short texts."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.results.parameters import ABSENT
from sweep.results.plotting.panels import hashable
from sweep.results.settings import Setting
from sweep.results.text.cell import inert
from sweep.results.text.numbers import by_size, value_text


def values_of(settings: Sequence[Setting], key: str) -> list[object]:
    """Return the values of a parameter in some settings, numbers by size, then all others by what is written."""
    found = {_typed(value_in(one, key)): value_in(one, key) for one in settings}
    return sorted(found.values(), key=by_size)


def place_of(values: Sequence[object], value: object) -> int:
    """Return the place of a value among those that `values_of` returns; 1, 1.0 and True are three."""
    return [_typed(one) for one in values].index(_typed(value))


def value_in(setting: Setting, key: str) -> object:
    return setting.params.get(key, ABSENT)


def _typed(value: object) -> tuple[str, object]:
    return type(value).__name__, repr(value) if isinstance(value, float) else hashable(value)


def name_of(value: object, width: int = 40) -> str:
    """Return a value as a short text that steers nothing."""
    return inert(value_text(value, width))


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
