"""Distributions to draw a parameter's values from. Each maps a uniform number in [0, 1) to a value."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import GridError

# Six significant digits: a name stays short and a value can be typed again, exactly.
_DIGITS = 6


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
            return _rounded(math.exp(math.log(low) + u * (math.log(high) - math.log(low))))
        return _rounded(low + u * (high - low))

    def draws(self, key: str) -> list[Any]:
        """Return the n values that are this parameter's alternatives; a repeated draw is drawn again."""
        drawn: list[Any] = []
        for u, _ in zip(uniforms(self.seed, key), range(100 * (self.n or 0)), strict=False):
            value = self.value(u)
            if value not in drawn:
                drawn.append(value)
            if len(drawn) == self.n:
                return drawn
        raise GridError(f"{key!r}: {self.kind} has fewer than n={self.n} different values; lower n.")


def uniforms(seed: int, key: str) -> Iterator[float]:
    """Yield uniform numbers in [0, 1): one stream a key, so adding a parameter changes no other's draws."""
    stream = random.Random(f"{seed}/{key}")
    while True:
        yield stream.random()


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _checked(kind: str, arguments: tuple[Any, ...], n: int | None, seed: int) -> Distribution:
    if n is not None and (not isinstance(n, int) or isinstance(n, bool) or n < 1):
        raise GridError(f"{kind}: n={n!r} is not a number of draws; write a whole number from 1, or leave it out.")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise GridError(f"{kind}: seed={seed!r} is not a whole number.")
    return Distribution(kind, arguments, n, seed)


def _bounds(kind: str, low: float, high: float) -> tuple[float, float]:
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x) for x in (low, high))
    if not numbers or low >= high:
        raise GridError(f"{kind}({low!r}, {high!r}): needs two finite numbers, the lower one first.")
    return low, high


def uniform(low: float, high: float, n: int | None = None, seed: int = 0) -> Distribution:
    """Draw evenly between low and high (excluded), rounded to six significant digits.

    Args:
        n: draw so many values now, as alternatives; without it, `ExperimentGrid.sample` draws.
    """
    return _checked("uniform", _bounds("uniform", low, high), n, seed)


def loguniform(low: float, high: float, n: int | None = None, seed: int = 0) -> Distribution:
    """Draw evenly in the logarithm between low and high, both above 0; rounded as `uniform`."""
    bounds = _bounds("loguniform", low, high)
    if low <= 0:
        raise GridError(f"loguniform({low!r}, {high!r}): both bounds must be above 0.")
    return _checked("loguniform", bounds, n, seed)


def choice(options: Sequence[Any], n: int | None = None, seed: int = 0) -> Distribution:
    """Draw one of the options, each as likely as the others."""
    options = tuple(options)
    if not options:
        raise GridError("choice([]): needs at least one option.")
    return _checked("choice", options, n, seed)
