"""Curves of several runs over one x: as they are where they share it, else interpolated where all of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.results.statistics.scores import Floats

Curve = tuple[Floats, Floats]


@dataclass(frozen=True)
class Aligned:
    """Runs over one x.

    Attributes:
        x: n_x places, ascending, each once.
        y: n_runs x n_x values, NaN where a run has none.
        was_interpolated: whether the runs had different x.
    """

    x: Floats
    y: Floats
    was_interpolated: bool

    @property
    def n(self) -> NDArray[np.intp]:
        """How many runs there are at each x."""
        present: NDArray[np.intp] = np.isfinite(self.y).sum(axis=0, dtype=np.intp)
        return present

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Whether all runs are there, at each x; a line is dotted where they are not."""
        return np.equal(self.n, len(self.y))

    @property
    def dotted_from(self) -> int | None:
        """The number of the first x after which, to the end, never all runs are there; None if all are at the end.

        There the mean is that of the runs which lasted, and jumps where one of them ends.
        """
        whole = np.flatnonzero(self.is_whole)
        start = int(whole[-1]) + 1 if len(whole) else 0
        return start if start < len(self.x) else None


def align(curves: Sequence[tuple[ArrayLike, ArrayLike]]) -> Aligned:
    """Return runs over one x; no value is ever made up outside the x of its run.

    Runs share their x if each has all the places of all runs between its first and its last: those that began later or
    ended earlier count too. They are then taken as they are. Else each is interpolated linearly at the places of all
    runs within the range that all of them cover, from the largest first x to the smallest last one; beyond it there is
    nothing, and if they have no range in common there is nothing at all.

    Args:
        curves: x and y of each run, equally long, in the unit of the metrics. Rows with an x that is not finite are
            dropped, and of rows with one x the last counts. A y that is not finite is missing: NaN if runs share x,
            else interpolated from the rows beside it.

    Raises:
        ValueError: x and y of a run differ in length.
    """
    clean = [_clean(x, y) for x, y in curves]
    places = [x for x, _ in clean if len(x)]
    union = reduce(np.union1d, places, np.empty(0))
    meet = not places or max(x[0] for x in places) <= min(x[-1] for x in places)
    if meet and all(_covers(x, union) for x in places):
        return Aligned(union, _placed(clean, union), was_interpolated=False)
    known = [_known(x, y) for x, y in clean]
    common = _common(union, [x for x, _ in known if len(x)])
    rows = [np.interp(common, x, y) if len(x) else np.full(len(common), np.nan) for x, y in known]
    return Aligned(common, np.array(rows), was_interpolated=True)


def _clean(x: ArrayLike, y: ArrayLike) -> Curve:
    places, heights = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if places.shape != heights.shape or places.ndim != 1:
        raise ValueError(f"x has the shape {places.shape} and y {heights.shape}; give one value of each for a row.")
    finite = np.isfinite(places)
    # From the end, as `unique` keeps the first of equals.
    once, at = np.unique(places[finite][::-1], return_index=True)
    kept = heights[finite][::-1][at]
    return once, np.where(np.isfinite(kept), kept, np.nan)


def _covers(x: Floats, union: Floats) -> bool:
    first, last = np.searchsorted(union, (x[0], x[-1]))
    return len(x) == int(last) - int(first) + 1


def _placed(curves: Sequence[Curve], union: Floats) -> Floats:
    y = np.full((len(curves), len(union)), np.nan)
    for row, (x, heights) in zip(y, curves, strict=True):
        row[np.searchsorted(union, x)] = heights
    return y


def _known(x: Floats, y: Floats) -> Curve:
    there = ~np.isnan(y)
    return x[there], y[there]


def _common(union: Floats, places: Sequence[Floats]) -> Floats:
    if not places:
        return union[:0]
    low, high = max(x[0] for x in places), min(x[-1] for x in places)
    inside: Floats = union[(union >= low) & (union <= high)]
    return inside
