"""Logged values as JSON that gives the very same values back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_MARK = "$"


def packed(value: Any) -> Any:
    """Return a value of a row (see `cells.frozen`) as strict JSON, from which `unpacked` makes it again."""
    if isinstance(value, float) and type(value) is float:
        return value if math.isfinite(value) else {_MARK: "float", "value": str(value)}
    if isinstance(value, np.generic):
        return {_MARK: value.dtype.str, "value": value.tobytes().hex()}
    if isinstance(value, complex):
        return {_MARK: "complex", "value": str(value)}
    return [packed(item) for item in value] if isinstance(value, list) else value


def unpacked(form: Any) -> Any:
    """Return the value that `packed` has written.

    Raises:
        KeyError, TypeError, ValueError: it has not written this.
    """
    if isinstance(form, list):
        return [unpacked(item) for item in form]
    if not isinstance(form, dict):
        return form
    kind, text = form[_MARK], form["value"]
    if kind in ("float", "complex"):
        return float(text) if kind == "float" else complex(text)
    return np.frombuffer(bytes.fromhex(text), dtype=np.dtype(kind))[0]
