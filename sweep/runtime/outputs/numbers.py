"""The numbers of a row, for outputs that draw curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_NUMBERS = (float, int, np.floating, np.integer, np.bool_)


def numbers_of(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the values that are single real numbers within the range of floats, as Python floats."""
    found = {}
    for key, value in row.items():
        if isinstance(value, _NUMBERS):
            try:
                found[key] = float(value)
            except OverflowError:  # a whole number beyond the range
                continue
    return found
