"""Resamples with replacement: all of them for few runs, random ones for many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from sweep.results.statistics.scores import Floats

Indices = NDArray[np.intp] | NDArray[np.uint32]


def distinct(n: int) -> int:
    """Return how many different resamples n runs have, their order aside: (2n - 1)! / n! / (n - 1)!."""
    return math.comb(2 * n - 1, n)


def every_resample(n: int) -> tuple[Indices, Floats]:
    """Return all different resamples of n runs, and how likely each is.

    Returns:
        R x n numbers of runs, ascending in each row, with R = `distinct(n)`; and R probabilities, which sum up to 1.
    """
    rows = np.array(list(combinations_with_replacement(range(n), n)), dtype=np.intp)
    ways = math.factorial(n) / _factorials(n)[counts(rows, n)].prod(axis=1)
    return rows, ways / float(n) ** n


def _factorials(n: int) -> Floats:
    return np.array([math.factorial(k) for k in range(n + 1)], dtype=np.float64)


def random_resamples(n: int, repeats: int, draw: np.random.Generator) -> Indices:
    """Return `repeats` x n numbers of runs, drawn alike and with replacement."""
    return draw.integers(0, n, size=(repeats, n), dtype=np.uint32)


@dataclass(frozen=True)
class Stratum:
    """The scores of some tasks with n runs each, so that resamples of all of them are drawn at once.

    Attributes:
        scores: tasks x n, ascending: the order in which runs were found does not change what is drawn.
    """

    scores: Floats

    @classmethod
    def of(cls, rows: Sequence[Floats]) -> Stratum:
        """Take in tasks with equally many runs."""
        return cls(np.sort(np.array(rows), axis=1))

    def drawn(self, repeats: int, draw: np.random.Generator) -> Floats:
        """Return resamples of all tasks, each within itself: repeats x (tasks n)."""
        tasks, n = self.scores.shape
        # Drawing small integers and widening them is faster than drawing wide ones.
        at = draw.integers(0, n, size=(repeats, tasks, n), dtype=np.uint32).astype(np.intp)
        at += n * np.arange(tasks)[:, None]
        return self.scores.take(at).reshape(repeats, -1)


def counts(rows: Indices, n: int) -> NDArray[np.intp]:
    """Return how often each of n runs is in each resample, R x n."""
    places = rows + n * np.arange(len(rows))[:, None]
    return np.bincount(places.ravel(), minlength=len(rows) * n).reshape(len(rows), n)


def quantiles(values: Floats, chances: Floats, levels: tuple[float, ...]) -> Floats:
    """Return quantiles of a distribution along its first axis: the smallest value with at least that much at or below.

    Args:
        values: R x ... values.
        chances: R probabilities that sum up to 1.
        levels: k levels from 0 to 1.

    Returns:
        k x ...
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(chances[order], axis=0)
    # A sum of many rounded chances may end just below a level that it should reach.
    at = [np.minimum((reached < level - 1e-12).sum(axis=0), len(values) - 1) for level in levels]
    return np.stack([np.take_along_axis(ordered, place[None], axis=0)[0] for place in at])
