"""Which setting is best, and which cannot be told from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.results.statistics.interval import Interval, mean
from sweep.results.statistics.luck import best_of_many
from sweep.results.statistics.paired import BySeed, Difference, difference

BEST, CLOSE, UNRESOLVED, WORSE, NONE = "best", "close", "unresolved", "worse", "none"


@dataclass(frozen=True)
class Standing:
    """How a setting stands to the best.

    Attributes:
        mark: ``best``; ``close`` (as good, as far as it matters); ``unresolved`` (too noisy to say: it needs seeds);
            ``worse`` (told apart); ``none`` (no scores).
        difference: its scores less the best's, in their unit; None for the best itself and where there are no scores.
    """

    mark: str
    difference: Difference | None = None

    @property
    def is_told_apart(self) -> bool:
        """Whether it is known to be worse than the best."""
        return self.mark == WORSE


def standings(
    settings: Sequence[BySeed], better: str = "max", delta: float | None = None, confidence: float = 0.95
) -> list[Standing]:
    """Return how each setting stands to the one with the best mean, the first of equals.

    With the interval of the difference to the best (paired by seed where they share seeds): it is ``worse`` if the
    interval is on the worse side of 0 as a whole, ``close`` if it is within +-delta, else ``unresolved``. Each
    comparison has the given confidence by itself: of many settings as good as the best, some will be called worse.

    Args:
        settings: scores by seed.
        better: ``max`` or ``min``.
        delta: the difference that does not matter, in the unit of the scores. None: the spread of seeds in the two
            settings that are compared: less than what the next seed would differ by.
        confidence: between 0 and 1.

    Returns:
        A standing for each setting, in their order.

    Raises:
        ValueError: `better` is neither, delta is negative, or a score is not finite.
    """
    if better not in ("max", "min") or (delta is not None and not delta >= 0):
        raise ValueError(f"better={better!r}, delta={delta}; allowed are 'max' and 'min', and 0 or more.")
    sign = 1.0 if better == "max" else -1.0
    means = [sign * mean(list(one.values())) for one in settings]
    best = max((i for i, value in enumerate(means) if not math.isnan(value)), key=lambda i: means[i], default=-1)
    if best < 0:
        return [Standing(NONE) for _ in settings]
    return [
        Standing(BEST) if i == best else _standing(one, settings[best], sign, delta, confidence)
        for i, one in enumerate(settings)
    ]


def _standing(one: BySeed, best: BySeed, sign: float, delta: float | None, confidence: float) -> Standing:
    if not one:
        return Standing(NONE)
    gap = difference(one, best, confidence)
    return Standing(_mark(gap, sign, _spread(one, best) if delta is None else delta), gap)


def _spread(one: BySeed, other: BySeed) -> float:
    spread = best_of_many([list(one.values()), list(other.values())]).sd
    return 0.0 if math.isnan(spread) else spread


def _mark(gap: Difference, sign: float, delta: float) -> str:
    if not gap.has_interval or not math.isfinite(gap.high - gap.low):
        return UNRESOLVED
    ends = Interval(*sorted((sign * gap.low, sign * gap.high)))
    if ends.high < 0:
        return WORSE
    return CLOSE if -delta <= ends.low and ends.high <= delta else UNRESOLVED
