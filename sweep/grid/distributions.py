"""Distributions to draw a parameter's values from. Each maps a uniform number in [0, 1) to a value."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from numbers import Real
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.base.text import shown

# Six significant digits: a name stays short and a value can be typed again, exactly.
_DIGITS = 6
_MOST_DRAWS = 100_000


@dataclass(frozen=True)
class Distribution:
    """What `uniform`, `loguniform` and `choice` return.

    Attributes:
        kind: one of those three words.
        arguments: (low, high), or the options.
        n: how many values are drawn at once, as the parameter's alternatives; None leaves that to `sample`.
        seed: of those n draws.
    """

    kind: str
    arguments: tuple[Any, ...]
    n: int | None = None
    seed: int = 0

    def value(self, u: float) -> Any:
        """Return the value at the quantile u of [0, 1)."""
        if self.kind == "choice":
            return self.arguments[int(u * len(self.arguments))]
        low, high = self.arguments
        if self.kind == "loguniform":
            return _rounded(math.exp((1 - u) * math.log(low) + u * math.log(high)), low, high)
        return _rounded((1 - u) * low + u * high, low, high)

    def draws(self, key: str) -> list[Any]:
        """Return the n values that are this parameter's alternatives; a repeated draw is drawn again."""
        drawn: dict[str, Any] = {}
        for u in islice(uniforms(self.seed, key), 100 * (self.n or 0)):
            value = self.value(u)
            drawn.setdefault(canonical_text(value), value)
            if len(drawn) == self.n:
                return list(drawn.values())
        raise GridError(f"{key!r}: {self.kind} has fewer than n={self.n} different values; lower n.")


def uniforms(seed: int, key: str) -> Iterator[float]:
    """Yield uniform numbers in [0, 1): one stream a key, so adding a parameter changes no other's draws."""
    stream = random.Random(f"{seed}/{key}")
    while True:
        yield stream.random()


def _rounded(value: float, low: float, high: float) -> float:
    """Round to six digits, or to the fewest more with which the value stays from low to below high."""
    for digits in range(_DIGITS, 18):
        rounded = float(f"{value:.{digits}g}")
        if low <= rounded < high:
            return rounded
    return low


def whole(value: Any) -> int | None:
    """Return a whole number, numpy's included, as Python's; None for anything else, True and False too."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _checked(kind: str, arguments: tuple[Any, ...], n: int | None, seed: int) -> Distribution:
    number, start = None if n is None else whole(n), whole(seed)
    if n is not None and (number is None or not 1 <= number <= _MOST_DRAWS):
        raise GridError(
            f"{kind}: n={shown(n)} is not a number of draws; write a whole number from 1 to {_MOST_DRAWS:,}, "
            "or leave it out."
        )
    if start is None:
        raise GridError(f"{kind}: seed={shown(seed)} is not a whole number.")
    return Distribution(kind, arguments, number, start)


def _bounds(kind: str, low: Any, high: Any) -> tuple[float, float]:
    bounds = _finite(low), _finite(high)
    if bounds[0] is None or bounds[1] is None or bounds[0] >= bounds[1]:
        raise GridError(f"{kind}({shown(low)}, {shown(high)}): needs two finite numbers, the lower one first.")
    return bounds[0], bounds[1]


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return int(value) if isinstance(value, int) else number


def uniform(low: float, high: float, n: int | None = None, seed: int = 0) -> Distribution:
    """Draw evenly between low and high (excluded), rounded to six significant digits.

    Args:
        n: draw so many values now, as alternatives; without it, `ExperimentGrid.sample` draws.
    """
    return _checked("uniform", _bounds("uniform", low, high), n, seed)


def loguniform(low: float, high: float, n: int | None = None, seed: int = 0) -> Distribution:
    """Draw evenly in the logarithm between low and high, both above 0; rounded as `uniform`."""
    bounds = _bounds("loguniform", low, high)
    if bounds[0] <= 0:
        raise GridError(f"loguniform({shown(low)}, {shown(high)}): both bounds must be above 0.")
    return _checked("loguniform", bounds, n, seed)


def choice(options: Sequence[Any], n: int | None = None, seed: int = 0) -> Distribution:
    """Draw one of the options, each as likely as the others."""
    if isinstance(options, (str, bytes, Mapping)) or not isinstance(options, Iterable):
        raise GridError(f"choice({shown(options)}): needs a list of options.")
    several = tuple(options)
    if not several:
        raise GridError("choice([]): needs at least one option.")
    return _checked("choice", several, n, seed)
