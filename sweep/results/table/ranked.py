"""Settings beside one another: how good each is, how sure that is, and how it stands to the best."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.results.settings import Setting
from sweep.results.statistics.interval import Interval, mean, t_interval
from sweep.results.statistics.luck import best_of_many
from sweep.results.statistics.paired import Difference
from sweep.results.statistics.ranking import CLOSE, NONE, UNRESOLVED, Standing, standings
from sweep.results.statistics.robust import iqm, probability_of_improvement

# Some of its runs that are done have no number at their end: it is compared with nothing.
INCOMPLETE = "incomplete"
# Fewer seeds than this, and an interval is mostly a guess.
FEW_SEEDS = 3


@dataclass(frozen=True)
class Ranked:
    """A setting and what is known of it.

    Attributes:
        setting: its runs and scores.
        mark: best, close, unresolved, worse or none, see `standings`; or `INCOMPLETE`.
        mean, iqm, worst: of its scores; NaN where there are none.
        interval: the 95% t interval of the mean; None with fewer than two scores.
        difference: to the best, seed by seed where they share seeds; None for the best itself.
        p_better: the probability that a run of it is better than one of the best; NaN for the best itself.
    """

    setting: Setting
    mark: str
    mean: float
    iqm: float
    worst: float
    interval: Interval | None
    difference: Difference | None
    p_better: float

    @property
    def n(self) -> int:
        return self.setting.n

    def as_json(self) -> dict[str, Any]:
        """Return plain values; what is not known is None."""
        gap = self.difference
        return {
            "label": self.setting.label,
            "params": {key: _plain(value) for key, value in self.setting.params.items()},
            "mark": self.mark,
            "n": self.n,
            "runs": len(self.setting.runs),
            "mean": known(self.mean),
            "low": known(self.interval.low) if self.interval else None,
            "high": known(self.interval.high) if self.interval else None,
            "iqm": known(self.iqm),
            "worst": known(self.worst),
            "difference": known(gap.mean) if gap else None,
            "difference_low": known(gap.low) if gap else None,
            "difference_high": known(gap.high) if gap else None,
            "p_better": known(self.p_better),
        }


def known(value: float) -> float | None:
    """Return a number that JSON has, or None."""
    return value if math.isfinite(value) else None


def _plain(value: object) -> object:
    if isinstance(value, float):
        return known(value)
    return value if isinstance(value, bool | int | str | None) else str(value)


def ranked(settings: Sequence[Setting], better: str = "max") -> list[Ranked]:
    """Return what is known of settings that are in order, the best first.

    Args:
        better: 'max' or 'min'.
    """
    scores = [finite_scores(one) for one in settings]
    whole = [{} if one.without_end else own for one, own in zip(settings, scores, strict=True)]
    compared = whole if any(whole) else scores
    best = next((list(one.values()) for one in compared if one), [])
    return [
        _ranked(setting, list(own.values()), _mark(mark, own), mark.difference, best, better)
        for setting, own, mark in zip(settings, scores, standings(compared, better), strict=True)
    ]


def _mark(standing: Standing, scores: Mapping[Hashable, float]) -> str:
    return INCOMPLETE if scores and standing.mark == NONE else standing.mark


def finite_scores(setting: Setting) -> Mapping[Hashable, float]:
    """Return the scores that are numbers, by seed."""
    return {seed: score for seed, score in setting.scores.items() if math.isfinite(score)}


def _ranked(
    setting: Setting, own: list[float], mark: str, gap: Difference | None, best: list[float], better: str
) -> Ranked:
    worst = min if better == "max" else max
    return Ranked(
        setting,
        mark,
        mean(own),
        iqm(own) if own else math.nan,
        worst(own, default=math.nan),
        t_interval(own),
        gap,
        _p_better(own, best, better) if gap is not None else math.nan,
    )


def _p_better(own: list[float], best: list[float], better: str) -> float:
    pair = (own, best) if better == "max" else (best, own)
    return probability_of_improvement([pair[0]], [pair[1]])


def warnings(rows: Sequence[Ranked]) -> Iterator[str]:
    """Yield what a reader of a ranking must know before the ranking itself."""
    scored = [row for row in rows if row.mark != NONE]
    missing = sum(row.setting.left_out - row.setting.without_end for row in rows)
    without_end = sum(row.setting.without_end for row in rows)
    total = sum(len(row.setting.runs) for row in rows)
    if missing:
        yield f"{missing} of {total} runs have no score: failed or unfinished"
    if without_end:
        yield (
            f"{without_end} of {total} runs have no number to be scored by: they diverged, never came so far, or lack "
            "the metric; their settings stand below the others"
        )
    if scored and min(row.n for row in scored) < FEW_SEEDS:
        few = sum(row.n < FEW_SEEDS for row in scored)
        yield f"{few} of {len(scored)} settings have fewer than {FEW_SEEDS} seeds with a score"
    if len({frozenset(row.setting.scores) for row in scored}) > 1:
        yield "not all settings have the same seeds: a difference is of those that both have, or marked as unpaired"
    if len(scored) > 1:
        yield best_of_many([list(finite_scores(row.setting).values()) for row in scored]).label
        yield from _told_apart(scored)


def _told_apart(rows: Sequence[Ranked]) -> Iterator[str]:
    near = sum(row.mark in (CLOSE, UNRESOLVED) for row in rows)
    if near:
        unresolved = sum(row.mark == UNRESOLVED for row in rows)
        yield f"{near} of {len(rows)} settings cannot be told from the best ({unresolved} of them need more seeds)"
