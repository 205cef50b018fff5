"""Parameters of one type each, as programs want them that draw or filter by them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from sweep.results.export.columns import plain
from sweep.results.export.material import Material

Scalar = bool | int | float | str
_EXACT = 2**53  # whole numbers beyond are not all doubles


def chosen_keys(material: Material) -> list[str]:
    """Return the parameters that vary, or all if there is but one setting."""
    return list(material.keys or material.fixed)


def typed(configs: Sequence[Mapping[str, object]], keys: Sequence[str]) -> list[dict[str, Scalar]]:
    """Return some parameters of each configuration; one that it does not have is left out.

    A parameter is a truth value everywhere, or a finite number everywhere, or else its text everywhere.
    """
    columns = {key: _column([config[key] for config in configs if key in config]) for key in keys}
    rest = {key: iter(values) for key, values in columns.items()}
    return [{key: next(rest[key]) for key in keys if key in config} for config in configs]


def _column(values: Sequence[object]) -> list[Scalar]:
    truths = [value for value in values if isinstance(value, bool)]
    numbers = [value for value in values if is_number(value)]
    if len(truths) == len(values):
        return list(truths)
    return list(numbers) if len(numbers) == len(values) else [str(plain(value)) for value in values]


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a number that a double holds, and neither nan nor infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _EXACT if isinstance(value, int) else math.isfinite(value)
