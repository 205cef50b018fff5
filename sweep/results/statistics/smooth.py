"""Smoothing that never looks ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sweep.results.statistics.scores import Floats


def smooth_causal(y: ArrayLike, window: int) -> Floats:
    """Return the mean of each value and the window - 1 before it; of those that there are, at the start.

    A value that is not finite stays as it is and is left out of its neighbours' means. To be used on each run before
    runs are averaged, and said on the figure: it delays what it shows by about half its window.

    Args:
        y: n values of one run, in the order of x.
        window: rows, 1 or more; 1 changes nothing.

    Raises:
        ValueError: the window is below 1.
    """
    if window < 1:
        raise ValueError(f"a window of {window} rows; allowed is 1 and above, 1 leaves the values as they are.")
    values = np.asarray(y, dtype=np.float64)
    if window == 1 or not len(values):
        return values.copy()
    there = np.isfinite(values)
    ones = np.ones(min(window, len(values)))
    sums = np.convolve(np.where(there, values, 0.0), ones)[: len(values)]
    numbers = np.convolve(there.astype(np.float64), ones)[: len(values)]
    return np.where(there, sums / np.maximum(numbers, 1), values)
