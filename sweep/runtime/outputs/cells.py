"""A logged value as something that a row can hold, and as the text of one cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from sweep.base.jsonable import to_jsonable
from sweep.base.text import printable

AS_THEY_ARE = frozenset({float, int, str, bool, type(None)})  # types that `frozen` leaves alone
_NUMPY_NUMBERS = (np.floating, np.integer, np.bool_)


def frozen(value: Any) -> Any:
    """Return a value that later changes of the original cannot reach.

    Numbers, strings and None stay themselves, numpy scalars too; an array or tensor becomes nested lists (or its type
    and shape, above 1000 elements), one without dimensions a number; anything else its text.
    """
    if type(value) in AS_THEY_ARE or isinstance(value, _NUMPY_NUMBERS):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        return (
            (to_jsonable(np.asarray(value)) if value.ndim else value.item()) if hasattr(value, "ndim") else str(value)
        )
    except (TypeError, ValueError, RuntimeError):  # a tensor of a type that numpy has not
        return str(value)


def table_cell(value: Any) -> str:
    """Return the text of a value in the table, on one line: three significant digits for numbers."""
    if hasattr(value, "__float__"):
        try:
            return f"{float(value):8.3g}"
        except (TypeError, ValueError, OverflowError):
            return printable(str(value))  # an integer beyond the range of floats
    return printable(" ".join(str(value).split()))


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def tsv_line(values: list[Any]) -> str:
    """Return values as one line of tab-separated text, without its newline.

    A backslash, tab, newline or carriage return inside a value is written as ``\\\\``, ``\\t``, ``\\n`` or ``\\r``, so
    that a tab always parts two cells and a newline two rows.
    """
    cells = list(map(str, values))
    line = "\t".join(cells)
    # Nearly every row is numbers: one look at the joined line is cheaper than one at each cell.
    if line.count("\t") == len(cells) - 1 and not ("\\" in line or "\n" in line or "\r" in line):
        return line
    return "\t".join(cell.translate(_ESCAPES) for cell in cells)
