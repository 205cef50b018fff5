"""The middle and the band of a line: what is drawn of several seeds over one x, and the words that say what it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.results.statistics.align import Aligned
from sweep.results.statistics.resamples import (
    Indices,
    distinct,
    every_resample,
    quantiles,
    random_resamples,
)
from sweep.results.statistics.robust import iqm_of_rows
from sweep.results.statistics.scores import Floats
from sweep.results.statistics.student import t_critical

KINDS = ("t", "sd", "se", "iqr", "minmax", "boot", "none")
ESTIMATES = ("mean", "median", "min", "max", "iqm")
REPEATS = 2_000
# Numbers in one block of resamples, which bounds memory.
_BLOCK = 2**22
_OF_A_MEAN = ("t", "sd", "se")
_NAMES = {"iqm": "interquartile mean", "min": "lowest", "max": "highest"}

# Several seeds, m x k with m >= 2, to the lower and the upper end at each of k places, given the middle there.
_Ends = Callable[[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Band:
    """A line and what is shaded around it, over the x of what it was made of.

    Attributes:
        center: the middle at each x, in the unit of the curves; NaN where there is no seed.
        low, high: ends of the band; NaN where there is none, as with a single seed.
        n: how many seeds there are at each x.
        label: what it is and over how many seeds, for a legend or a caption.
    """

    center: Floats
    low: Floats
    high: Floats
    n: NDArray[np.intp]
    label: str


def band(
    aligned: Aligned, kind: str = "t", estimate: str | None = None, confidence: float = 0.95, seed: int = 0
) -> Band:
    """Return the middle of several seeds at each x, and a band around it.

    ============ =========================================================================
    kind         band at one x, over the n seeds that are there
    ============ =========================================================================
    ``t``        mean +- t((1 + confidence)/2, n - 1) sd / sqrt(n); sd divided by n - 1
    ``sd``       mean +- sd
    ``se``       mean +- sd / sqrt(n), which holds the true mean in 59 % of cases at n = 3
    ``iqr``      first to third quartile of the seeds, interpolated linearly
    ``minmax``   lowest to highest seed: a range, not an interval
    ``boot``     percentile bootstrap of the estimate: exact to n = 7, then 2,000 resamples of whole curves
    ``none``     nothing
    ============ =========================================================================

    Args:
        aligned: the runs.
        kind: see above.
        estimate: mean, median, min, max or iqm (the interquartile mean); None is the median with ``iqr``, else the
            mean. The quartiles are those of the seeds whatever the middle is: a mean may lie outside them.
        confidence: of ``t`` and ``boot``.
        seed: of the generator of ``boot``, which is this call's own.

    Raises:
        ValueError: an unknown kind or estimate, or one of t, sd and se about another estimate than the mean.
    """
    estimate = estimate or ("median" if kind == "iqr" else "mean")
    _check(kind, estimate)
    center, low, high = np.full((3, len(aligned.x)), math.nan)
    ends = _ends(kind, estimate, confidence, seed)
    for at, seeds in _groups(aligned):
        center[at] = _estimated(seeds, estimate)
        if len(seeds) > 1:
            low[at], high[at] = ends(seeds, center[at])
    return Band(center, low, high, aligned.n, _label(aligned, kind, estimate, confidence))


def _check(kind: str, estimate: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"band {kind!r} is unknown; there are {', '.join(KINDS)}.")
    if estimate not in ESTIMATES:
        raise ValueError(f"estimate {estimate!r} is unknown; there are {', '.join(ESTIMATES)}.")
    if kind in _OF_A_MEAN and estimate != "mean":
        raise ValueError(f"band {kind!r} is one of a mean, not of the {estimate}; take iqr, minmax, boot or none.")


def _groups(aligned: Aligned) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """Yield the places at which the same runs are there, and their values there: no NaN reaches a statistic."""
    there = np.isfinite(aligned.y)
    patterns, of_place = np.unique(there.T, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        at = np.flatnonzero(of_place.ravel() == number)
        if pattern.any():
            yield at, aligned.y[np.ix_(pattern, at)]


def _estimated(seeds: Floats, estimate: str) -> Floats:
    """Return the middle over the second last axis; by rounding a mean may leave the range of what it is of."""
    if estimate == "iqm":
        return iqm_of_rows(np.moveaxis(seeds, -2, -1))
    middle = _of_axis(estimate)(seeds, axis=-2)
    return np.clip(middle, seeds.min(axis=-2), seeds.max(axis=-2))


def _of_axis(estimate: str) -> Callable[..., Floats]:
    functions: dict[str, Callable[..., Floats]] = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max}
    return functions[estimate]


def _ends(kind: str, estimate: str, confidence: float, seed: int) -> _Ends:
    """Return what makes a band of one kind."""
    levels = ((1 - confidence) / 2, (1 + confidence) / 2)
    makers: dict[str, _Ends] = {
        "t": lambda seeds, middle: _around(middle, _se(seeds, middle) * t_critical(confidence, len(seeds) - 1)),
        "sd": lambda seeds, middle: _around(middle, _sd(seeds, middle)),
        "se": lambda seeds, middle: _around(middle, _se(seeds, middle)),
        "iqr": lambda seeds, _: tuple(np.quantile(seeds, (0.25, 0.75), axis=0)),
        "minmax": lambda seeds, _: (seeds.min(axis=0), seeds.max(axis=0)),
        "boot": lambda seeds, _: _bootstrap(seeds, estimate, levels, np.random.default_rng(seed)),
        "none": lambda _, middle: (np.full_like(middle, math.nan), np.full_like(middle, math.nan)),
    }
    return makers[kind]


def _around(middle: Floats, half: Floats) -> tuple[Floats, Floats]:
    return middle - half, middle + half


def _sd(seeds: Floats, middle: Floats) -> Floats:
    """Return the standard deviation around a mean that is known."""
    spread: Floats = np.sqrt(np.square(seeds - middle).sum(axis=0) / (len(seeds) - 1))
    return spread


def _se(seeds: Floats, middle: Floats) -> Floats:
    return _sd(seeds, middle) / math.sqrt(len(seeds))


def _bootstrap(
    seeds: Floats, estimate: str, levels: tuple[float, float], draw: np.random.Generator
) -> tuple[Floats, Floats]:
    rows, chances = _resamples(len(seeds), draw)
    width = max(1, _BLOCK // rows.size)
    blocks = [seeds[:, start : start + width] for start in range(0, seeds.shape[1], width)]
    ends = [quantiles(_estimated(block[rows], estimate), chances, levels) for block in blocks]
    low, high = np.concatenate(ends, axis=1)
    return low, high


def _resamples(n: int, draw: np.random.Generator) -> tuple[Indices, Floats]:
    if distinct(n) <= REPEATS:
        return every_resample(n)
    return random_resamples(n, REPEATS, draw), np.full(REPEATS, 1 / REPEATS)


def _label(aligned: Aligned, kind: str, estimate: str, confidence: float) -> str:
    most = int(aligned.n.max(initial=0))
    fewest = int(aligned.n[aligned.n > 0].min(initial=most))
    what = f"{_NAMES.get(estimate, estimate)}{_words(kind, confidence) if most > 1 else ''}"
    over = f"{fewest} to {most} seeds" if fewest < most else f"{most} seed{'' if most == 1 else 's'}"
    return f"{what} over {over}{', interpolated to a common x' if aligned.was_interpolated else ''}"


def _words(kind: str, confidence: float) -> str:
    if kind == "none":
        return ""
    share = f"{100 * confidence:g}%"
    return (
        ", band = "
        + {
            "t": f"{share} t interval",
            "sd": "one standard deviation either side",
            "se": "one standard error either side",
            "iqr": "first to third quartile",
            "minmax": "range from lowest to highest",
            "boot": f"{share} bootstrap interval",
        }[kind]
    )
