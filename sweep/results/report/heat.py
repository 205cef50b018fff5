"""The mean score for each pair of values of two parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sweep.results.report.values import name_of, place_of, value_in, values_of
from sweep.results.table.ranked import Ranked

# More maps than this are not looked at.
MOST_MAPS = 6
# A parameter with more values than this makes no map that can be read.
MOST_VALUES = 30


@dataclass(frozen=True)
class Square:
    """The settings that have two values.

    Attributes:
        mean: of their means; `best` the best of these.
        settings, runs: how many there are with a score.
    """

    mean: float
    best: float
    settings: int
    runs: int


@dataclass(frozen=True)
class Heat:
    """A map of two parameters.

    Attributes:
        down, across: the parameters.
        rows, cols: the texts of their values.
        squares: by row, then by column; None where no setting has a score.
    """

    down: str
    across: str
    rows: tuple[str, ...]
    cols: tuple[str, ...]
    squares: tuple[tuple[Square | None, ...], ...]


def heat_maps(rows: Sequence[Ranked], shares: Mapping[str, float], better: str) -> tuple[list[Heat], str]:
    """Return the maps of the parameters that matter most, and what was left out, in words.

    Args:
        rows: settings that have a score.
        shares: of each parameter that varies; more matters more.
        better: 'max' or 'min', of the scores.
    """
    keys = sorted(shares, key=lambda key: -shares[key] if shares[key] == shares[key] else 0.0)
    small = [key for key in keys if len(values_of([row.setting for row in rows], key)) <= MOST_VALUES]
    pairs = list(combinations(small, 2))
    drawn = [_heat(rows, down, across, better) for across, down in pairs[:MOST_MAPS]]
    total = len(keys) * (len(keys) - 1) // 2
    left = f"{len(drawn)} of {total} pairs are drawn, those of the parameters that matter most"
    return drawn, left if total > len(drawn) else ""


def _heat(rows: Sequence[Ranked], down: str, across: str, better: str) -> Heat:
    settings = [row.setting for row in rows]
    downs, acrosses = values_of(settings, down), values_of(settings, across)
    found: dict[tuple[int, int], list[Ranked]] = {}
    for row in rows:
        at = place_of(downs, value_in(row.setting, down)), place_of(acrosses, value_in(row.setting, across))
        found.setdefault(at, []).append(row)
    squares = [[_square(found.get((i, j), ()), better) for j in range(len(acrosses))] for i in range(len(downs))]
    return Heat(down, across, tuple(_names(downs)), tuple(_names(acrosses)), tuple(tuple(line) for line in squares))


def _names(values: Sequence[object]) -> Iterator[str]:
    """Yield a text for each value, none of them twice: 1 and '1' are two."""
    texts = [name_of(value) for value in values]
    for place, text in enumerate(texts):
        yield f"{text} ({type(values[place]).__name__})" if texts.count(text) > 1 else text


def _square(rows: Sequence[Ranked], better: str) -> Square | None:
    if not rows:
        return None
    means = [row.mean for row in rows]
    best = max(means) if better == "max" else min(means)
    return Square(sum(means) / len(means), best, len(rows), sum(row.n for row in rows))
