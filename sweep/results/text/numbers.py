"""Numbers, values and times as people read them in a narrow place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sweep.base.text import shown

# Whole numbers beyond this are no floats.
_LARGEST = 1e300
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: float) -> str:
    """Return a number with four digits that count: ``458.3``, ``0.0123``, ``1.2e+07``; ``-`` for nan."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def value_text(value: object, width: int = 40) -> str:
    """Return a parameter's value as one would type it: texts without quotes, sequences in parentheses."""
    if isinstance(value, str):
        return value if len(value) <= width else value[: width - 3] + "..."
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        inner = ", ".join(value_text(one, width) for one in value[:width])
        return value_text(f"({inner}{',' if len(value) == 1 else ''})", width)
    return shown(value, width)


def by_size(value: object) -> tuple[bool, float, str]:
    """Return what sorts values: numbers first, by size, then all others by what is written."""
    if isinstance(value, (int, float)) and abs(value) < _LARGEST:
        return False, float(value), ""
    return True, 0.0, repr(value)


def ago(seconds: float) -> str:
    """Return a length of time in one unit: ``4 s``, ``12 min``, ``3 h``, ``5 d``."""
    seconds = max(0.0, seconds)
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds:.0f} s"
