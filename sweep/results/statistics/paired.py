"""The difference of two settings: seed by seed where they share seeds, else of their means."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sweep.results.statistics.interval import Interval, mean, sd, t_interval
from sweep.results.statistics.scores import finite
from sweep.results.statistics.student import t_critical

# A score for each seed.
BySeed = Mapping[Hashable, float]


@dataclass(frozen=True)
class Difference:
    """A difference of scores, first minus second, in their unit.

    Attributes:
        mean: NaN if there is nothing to subtract.
        low, high: ends of its t interval; NaN where there are too few seeds for one.
        n: how many pairs it is the mean of; if it is not of pairs, how many scores the smaller setting has.
        paired: whether it was taken seed by seed.
    """

    mean: float
    low: float
    high: float
    n: int
    paired: bool = True

    @property
    def has_interval(self) -> bool:
        """Whether there were enough seeds for an interval."""
        return not math.isnan(self.low)

    @property
    def label(self) -> str:
        """What it is, in words."""
        if self.paired:
            return f"mean difference over {self.n} shared seed{'s' if self.n != 1 else ''}"
        return f"difference of means (the seeds differ), {self.n} or more seeds each"


def paired_difference(a: BySeed, b: BySeed, confidence: float = 0.95) -> Difference:
    """Return the mean of a_s - b_s over the seeds s that both have, and its t interval.

    What a seed does to both alike (its initial weights, its episodes) drops out. Source: Bouthillier et al. 2021 (arXiv
    2103.03098); it is `scipy.stats.ttest_rel`.

    Args:
        a, b: scores by seed; seeds that only one has are not used.
        confidence: between 0 and 1.

    Raises:
        ValueError: a score is not finite.
    """
    common = [seed for seed in a if seed in b]
    gaps = finite([a[seed] for seed in common]) - finite([b[seed] for seed in common])
    ends = t_interval(gaps, confidence) or Interval(math.nan, math.nan)
    return Difference(mean(gaps), ends.low, ends.high, len(common))


def welch_difference(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> Difference:
    """Return the difference of two means and its interval by Welch 1947, for settings that share no seeds.

    It is `scipy.stats.ttest_ind(a, b, equal_var=False)`.

    Args:
        a, b: scores, a number for each seed; the numbers of seeds may differ.
        confidence: between 0 and 1.

    Raises:
        ValueError: a score is not finite.
    """
    ours, theirs = finite(a), finite(b)
    gap, n = mean(ours) - mean(theirs), min(len(ours), len(theirs))
    if n < 2:
        return Difference(gap, math.nan, math.nan, n, paired=False)
    half = _welch_half(sd(ours) / math.sqrt(len(ours)), sd(theirs) / math.sqrt(len(theirs)), ours, theirs, confidence)
    return Difference(gap, gap - half, gap + half, n, paired=False)


def _welch_half(ours_se: float, theirs_se: float, ours: np.ndarray, theirs: np.ndarray, confidence: float) -> float:
    total = math.hypot(ours_se, theirs_se)
    if total == 0:
        return 0.0
    # Shares of the variance, so that tiny standard errors do not vanish when they are raised to the fourth power.
    left, right = (ours_se / total) ** 4 / (len(ours) - 1), (theirs_se / total) ** 4 / (len(theirs) - 1)
    return t_critical(confidence, 1 / (left + right)) * total


def difference(a: BySeed, b: BySeed, confidence: float = 0.95) -> Difference:
    """Return the difference of two settings: paired if they share two seeds and more than half of all they have.

    With fewer shared seeds the pairs would leave out most of what is known; then the means are compared.

    Args:
        a, b: scores by seed.
        confidence: between 0 and 1.

    Raises:
        ValueError: a score is not finite.
    """
    shared = sum(seed in b for seed in a)
    if shared >= 2 and 2 * shared > len(a) + len(b) - shared:
        return paired_difference(a, b, confidence)
    return welch_difference(list(a.values()), list(b.values()), confidence)
