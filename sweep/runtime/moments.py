"""Count, mean, spread and range of numbers, in float64, in a form that can be merged."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_NAN = math.nan


class Moments(NamedTuple):
    """What is kept of a set of numbers.

    Attributes:
        n: how many.
        mean: NaN if there are none.
        m2: the sum of squared distances from the mean.
        low: the smallest, NaN if there are none or one is NaN.
        high: the largest, likewise.
    """

    n: float = 0.0
    mean: float = _NAN
    m2: float = 0.0
    low: float = _NAN
    high: float = _NAN

    @property
    def std(self) -> float:
        """The standard deviation of the population (divided by n), NaN if there are no numbers."""
        return math.sqrt(self.m2 / self.n) if self.n else _NAN


EMPTY = Moments()


def moments_of(values: NDArray[np.float64]) -> Moments:
    """Return the moments of all elements of an array of any shape, in two passes."""
    if not values.size:
        return EMPTY
    values = values.ravel()
    with np.errstate(all="ignore"):  # infinities give NaN, which is the answer and no reason to warn
        mean = values.mean()
        away = values - mean
        return Moments(float(values.size), float(mean), float(away @ away), float(values.min()), float(values.max()))


def merged(a: Moments, b: Moments) -> Moments:
    """Return the moments of two sets together.

    The pairwise update of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances", Stanford STAN-CS-79-773 (1979), equations 2.1a and 2.1b: it never subtracts two large sums, so an
    offset that is large beside the spread costs no digits.
    """
    if not a.n or not b.n:
        return a if a.n else b
    n = a.n + b.n
    delta = b.mean - a.mean
    # With an infinite mean on either side the difference is no number, while the sum is what the mean should be.
    mean = a.mean + delta * (b.n / n) if math.isfinite(delta) else a.mean + b.mean
    m2 = a.m2 + b.m2 + delta * delta * (a.n * b.n / n)
    low = a.low if a.low <= b.low or math.isnan(a.low) else b.low
    high = a.high if a.high >= b.high or math.isnan(a.high) else b.high
    return Moments(n, mean, m2, low, high)


def as_floats(value: Any) -> NDArray[np.float64]:
    """Return a number, an array, a tensor of any device or a nested list as a float64 array of the same shape.

    It may share memory with what was passed in.

    Raises:
        TypeError, ValueError, OverflowError: the value does not consist of real numbers.
    """
    if hasattr(value, "detach"):  # a torch tensor: free of the graph, on the CPU, of a type that numpy has
        value = value.detach().cpu().double()
    array = np.asarray(value)
    if array.dtype.kind == "O" and not array.ndim and hasattr(value, "__float__"):
        return np.array(float(value))  # Decimal, Fraction and their like
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{type(value).__name__} does not consist of real numbers")
    return array.astype(np.float64, copy=False)
