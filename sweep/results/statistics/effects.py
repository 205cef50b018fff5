"""What matters: the share of each parameter in how much settings differ, and the share of seeds in how much runs do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.results.statistics.interval import mean
from sweep.results.statistics.scores import Floats, finite

_MISSING = "-"


@dataclass(frozen=True)
class Level:
    """One value of a parameter.

    Attributes:
        value: as it is in the settings.
        mean: the mean over all settings that have it, in the unit of the scores.
        n: how many those are.
    """

    value: object
    mean: float
    n: int


@dataclass(frozen=True)
class Effects:
    """Shares of the variance of the settings' means.

    Attributes:
        main: of each parameter by itself, from 0 to 1; NaN if all settings are equal.
        interactions: what the parameters do together beyond that: 1 less the sum; NaN if the grid is not full, as the
            shares then overlap.
        note: why the shares are not exact; empty on a full grid.
    """

    main: Mapping[str, float]
    interactions: float
    note: str

    @property
    def is_exact(self) -> bool:
        """Whether the settings are a full grid, each once."""
        return not self.note


def effects(params: Sequence[Mapping[str, object]], means: ArrayLike) -> Effects:
    """Return main effects and interactions of the parameters that vary.

    The main effect of a parameter is Var over its values of (mean of the settings that have the value) / Var over the
    settings; each setting counts once. On a full grid it is the first-order term of the functional analysis of variance
    (Hutter, Hoos & Leyton-Brown 2014), without a model. On any other it is eta squared of the parameter alone.

    Args:
        params: the parameters of each of k settings; one that a setting lacks has there a value of its own.
        means: the k settings' mean scores.

    Raises:
        ValueError: the numbers of `params` and `means` differ, or a mean is not finite.
    """
    scores = finite(means)
    if len(scores) != len(params):
        raise ValueError(f"{len(params)} settings and {len(scores)} means; give one mean for each setting.")
    columns = {key: _codes(params, key) for key in _keys(params)}
    varying = {key: codes for key, codes in columns.items() if len(codes) and codes.max() > 0}
    main = {key: _share(codes, scores) for key, codes in varying.items()}
    note = _note(varying, len(scores))
    rest = max(0.0, 1 - math.fsum(main.values())) if main and not note else math.nan
    return Effects(main, rest if not any(map(math.isnan, main.values())) else math.nan, note)


def main_effects(params: Sequence[Mapping[str, object]], means: ArrayLike) -> Mapping[str, float]:
    """Return the share of each parameter that varies, see `effects`; whether it is exact, `effects` says.

    Raises:
        ValueError: as `effects`.
    """
    return effects(params, means).main


def levels(params: Sequence[Mapping[str, object]], means: ArrayLike, key: str) -> list[Level]:
    """Return the marginal means of one parameter, a level for each of its values, in the order in which they come.

    Args:
        params, means: as in `effects`.
        key: a parameter; settings that lack it make a level '-'.

    Raises:
        ValueError: the numbers of `params` and `means` differ, or a mean is not finite.
    """
    scores = finite(means)
    if len(scores) != len(params):
        raise ValueError(f"{len(params)} settings and {len(scores)} means; give one mean for each setting.")
    codes = _codes(params, key)
    numbers, sums = np.bincount(codes), np.bincount(codes, weights=scores)
    firsts = [int(np.flatnonzero(codes == code)[0]) for code in range(len(numbers))]
    return [
        Level(params[first].get(key, _MISSING), float(total / number), int(number))
        for first, number, total in zip(firsts, numbers, sums, strict=True)
    ]


def _keys(params: Sequence[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(key for one in params for key in one))


def _codes(params: Sequence[Mapping[str, object]], key: str) -> NDArray[np.intp]:
    """Number the values of a parameter; 1, 1.0, True and '1' are four of them, and a list is one value."""
    texts = [f"{type(one[key]).__name__} {one[key]!r}" if key in one else "" for one in params]
    known = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    return np.array([known[text] for text in texts], dtype=np.intp)


def _share(codes: NDArray[np.intp], scores: Floats) -> float:
    total = np.square(scores - scores.mean()).sum()
    if total == 0 or np.ptp(scores) == 0:
        return math.nan
    numbers = np.bincount(codes)
    gaps = np.bincount(codes, weights=scores) / numbers - scores.mean()
    return float(min(1.0, (numbers * np.square(gaps)).sum() / total))


def _note(columns: Mapping[str, NDArray[np.intp]], count: int) -> str:
    full = math.prod(int(codes.max()) + 1 for codes in columns.values())
    there = len({codes.tobytes() for codes in np.array(list(columns.values())).T}) if columns else min(count, 1)
    if there < count:
        return f"{count - there} of {count} settings repeat another's parameters: the shares are approximate"
    if there < full:
        return f"the grid is not full, {there} of {full} settings are there: the shares overlap and are approximate"
    return ""


def noise_share(groups: Sequence[ArrayLike]) -> float:
    """Return the share of seeds in the variance of run scores: within settings over all, 1 - eta squared.

    With as many runs in each setting it is 1 - Var(means of settings) / Var(run scores). Means of a few seeds carry
    noise too: with k equal settings of n seeds it is (kn - k)/(kn - 1) on average, not 1.

    Args:
        groups: the scores of each setting; settings without scores are left out.

    Returns:
        From 0 to 1; NaN if no setting has two runs, or all runs are equal.

    Raises:
        ValueError: a score is not finite.
    """
    rows = [row for row in map(finite, groups) if len(row)]
    if max(map(len, rows), default=0) < 2:
        return math.nan
    everything = np.concatenate(rows)
    if np.ptp(everything) == 0:
        return math.nan
    with np.errstate(over="ignore", under="ignore"):
        inside = float(sum(np.square(row - mean(row)).sum() for row in rows))
        whole = float(np.square(everything - mean(everything)).sum())
    if not (0 < whole < math.inf):  # numbers so small, or so large, that their squares are none
        return math.nan
    return min(1.0, inside / whole)
