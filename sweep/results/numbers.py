"""From the text of cells to numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Column = np.ndarray[tuple[int], np.dtype[np.float64]]


def numbers(cells: Sequence[bytes]) -> tuple[Column, int]:
    """Return cells as float64, and how many of them are neither empty nor a number; these are nan."""
    try:
        column = np.array(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        return _one_by_one(cells)
    return _one_by_one(cells) if b"_" in b"".join(cells) else (column, 0)


def is_number(cell: bytes) -> bool:
    """Say whether a cell is a number, nan and inf included; 1_000 is none, though Python reads it as one."""
    try:
        float(cell)
    except ValueError:
        return False
    return b"_" not in cell


def number(cell: bytes) -> float:
    """Return a cell as a number; nan if it is none."""
    return float(cell) if is_number(cell) else math.nan


def _one_by_one(cells: Sequence[bytes]) -> tuple[Column, int]:
    texts = sum(1 for cell in cells if cell.strip() and not is_number(cell))
    return np.array(list(map(number, cells)), dtype=np.float64), texts
