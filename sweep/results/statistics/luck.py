"""How much better than it is the best of many looks, by luck alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from sweep.results.statistics.interval import mean
from sweep.results.statistics.scores import finite

# The normal distribution has nothing beyond that a float of the size of its quantiles could show.
_FAR = 9.0
_NODES = 200


@dataclass(frozen=True)
class Luck:
    """The best of many's advantage by luck, were all settings equal: the most that has to be taken off its mean.

    Attributes:
        settings: how many the best was chosen from.
        sd: the spread of seeds within settings, in the unit of the scores; NaN if no setting has two runs.
        in_sds: the expected advantage in units of `sd`.
        label: it in words.
    """

    settings: int
    sd: float
    in_sds: float
    label: str

    @property
    def bias(self) -> float:
        """The expected advantage in the unit of the scores."""
        return self.in_sds * self.sd


def expected_luck(counts: Sequence[int]) -> float:
    """Return E[max of k means] of k equal settings, above their true mean and in units of one run's sd.

    Of normal scores: the integral of (1 - F(x)) - F(-x) from 0 on, F(x) = product of Phi(x sqrt(n_i)). It is 0.87 for
    24 settings of 5 seeds, 1.12 of 3, 0.62 of 10.

    Args:
        counts: the k numbers of seeds, each 1 or more.

    Returns:
        0 for one setting; NaN for none.

    Raises:
        ValueError: a number of seeds below 1.
    """
    if min(counts, default=1) < 1:
        raise ValueError(f"a setting with {min(counts)} seeds; leave settings without scores out.")
    if not counts:
        return math.nan
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    far = _FAR / math.sqrt(min(counts))
    places = far * (nodes + 1) / 2
    gaps = [1 - _largest(x, counts) - _largest(-x, counts) for x in places.tolist()]
    return max(0.0, float(weights @ np.array(gaps)) * far / 2)


def _largest(x: float, counts: Sequence[int]) -> float:
    """Return the chance that none of the means is above x."""
    normal = NormalDist()
    return math.prod(normal.cdf(x * math.sqrt(n)) ** counts.count(n) for n in set(counts))


def best_of_many(groups: Sequence[ArrayLike]) -> Luck:
    """Return how much the best mean owes to luck, if all settings were equal and seeds spread alike in all.

    Args:
        groups: the scores of each setting that the best was chosen from; those without scores are left out.

    Raises:
        ValueError: a score is not finite.
    """
    rows = [row for row in map(finite, groups) if len(row)]
    spare = sum(map(len, rows)) - len(rows)
    inside = math.fsum(float(np.square(row - mean(row)).sum()) for row in rows)
    spread = math.sqrt(inside / spare) if spare else math.nan
    in_sds = expected_luck([len(row) for row in rows])
    return Luck(len(rows), spread, in_sds, _label(len(rows), spread, in_sds))


def _label(count: int, spread: float, in_sds: float) -> str:
    if count < 2:
        return ""
    amount = f"{in_sds:.2f} of the spread of seeds" + ("" if math.isnan(spread) else f" ({in_sds * spread:.3g})")
    return f"the best of {count} looks up to {amount} better than it is, by luck alone; run it again with fresh seeds"
