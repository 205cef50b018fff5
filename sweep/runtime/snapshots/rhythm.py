"""When a snapshot is made, and which ones are kept. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweep.base.errors import did_you_mean, listed
from sweep.runtime.snapshots.errors import SnapshotError

MODES = ("none", "last", "all", "gap", "gap_overwrite", "gap_and_last")
_WITH_GAP = MODES[3:]
BETTER = ("max", "min")
AUTO = "auto"
_SHARE = 10  # "auto" is a tenth of all steps


@dataclass(frozen=True)
class Rhythm:
    """When a snapshot is made, and which ones are kept.

    ================  ==========================  =====================================
    mode              made after step i           kept
    ================  ==========================  =====================================
    none              never
    last              each                        the newest two
    all               each                        all
    gap               i % gap == 0, and the last  all of these
    gap_overwrite     the same                    the newest
    gap_and_last      each                        multiples of gap, and the newest
    ================  ==========================  =====================================

    The newest is always kept, and so are the `keep_best` best: one of these is never given up for the other.

    Attributes:
        gap: a whole number; 0 makes no snapshot for the gap, "auto" one for each tenth of the steps.
        min_seconds: between two snapshots that come with every step.
        keep_best: how many with the best `metric` are kept; made when a step is better.
        metric: a column of the rows.
        better: whether the largest or the smallest is the best: max or min.
        only: the items that snapshots keep once they are not the newest; () keeps everything.
        on_signal: whether a signal to stop makes one.
        on_exception: whether an exception makes one, for a look at it; no run goes on from that.

    Raises:
        SnapshotError: these do not go together.
    """

    mode: str = "last"
    gap: int | str = 1
    min_seconds: float = 0.0
    keep_best: int = 0
    metric: str = ""
    better: str = "max"
    only: tuple[str, ...] = ()
    on_signal: bool = True
    on_exception: bool = False

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SnapshotError(
                f"mode={self.mode!r} is no snapshot mode; use one of {listed(MODES)}.{did_you_mean(self.mode, MODES)}"
            )
        self._check_gap()
        if self.better not in BETTER:
            raise SnapshotError(f"better={self.better!r}: the best is the largest, 'max', or the smallest, 'min'.")
        if self.keep_best and not self.metric:
            raise SnapshotError(
                f"keep_best={self.keep_best} needs a metric: the column of the rows that tells the best."
            )
        if not 0 <= self.min_seconds < math.inf:
            raise SnapshotError(f"min_seconds={self.min_seconds!r}: give seconds, 0 or more.")

    def _check_gap(self) -> None:
        gap = self.gap
        if gap != AUTO and (not isinstance(gap, int) or isinstance(gap, bool) or gap < 0):
            raise SnapshotError(f"gap={gap!r}: give a whole number from 0, or 'auto'.")
        if self.mode not in _WITH_GAP and gap != 1:
            raise SnapshotError(f"mode={self.mode!r} has no gap; gap={gap!r} goes with {listed(_WITH_GAP)}.")
        if self.mode == "gap_overwrite" and gap == 1:
            raise SnapshotError("mode='gap_overwrite' needs a gap of more than 1; to keep the newest use 'last'.")

    def steps_between(self, total: int) -> int:
        """Return the gap in steps; 0 for none."""
        return max(1, total // _SHARE) if isinstance(self.gap, str) else self.gap

    def is_multiple(self, step: int, total: int) -> bool:
        gap = self.steps_between(total)
        return bool(gap) and step % gap == 0

    def due(self, step: int, total: int, since_s: float) -> bool:
        """Say whether a step calls for a snapshot.

        Args:
            step: that is done, from 0.
            total: how many there are to be.
            since_s: seconds since the last snapshot.
        """
        if self.mode == "none":
            return False
        if step == total - 1 or (self.mode in _WITH_GAP and self.is_multiple(step, total)):
            return True
        return self.mode in ("last", "all", "gap_and_last") and since_s >= self.min_seconds

    def is_better(self, score: float | None, scores: Mapping[int, float]) -> bool:
        """Say whether a score belongs to the `keep_best` best, so far `scores` by step."""
        if score is None or math.isnan(score) or not self.keep_best:
            return False
        best = self.best(scores)
        return len(best) < self.keep_best or self._rank(score) > self._rank(scores[best[-1]])

    def best(self, scores: Mapping[int, float]) -> list[int]:
        """Return the steps with the best scores, best first; of equals the earlier."""
        ordered = sorted(scores, key=lambda step: (-self._rank(scores[step]), step))
        return ordered[: self.keep_best]

    def _rank(self, score: float) -> float:
        return score if self.better == "max" else -score

    def kept(self, steps: Sequence[int], scores: Mapping[int, float], total: int) -> set[int]:
        """Return which of the snapshots that there are stay.

        Args:
            steps: of the snapshots, smallest first.
            scores: of those that have one.
            total: how many steps there are to be.
        """
        newest = set(steps[-2:] if self.mode == "last" else steps[-1:]) | set(self.best(scores))
        if self.mode == "all":
            return set(steps)
        if self.mode in ("gap", "gap_and_last"):
            newest |= {step for step in steps if self.is_multiple(step, total)}
        return newest
