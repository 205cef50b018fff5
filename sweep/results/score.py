"""What a run has come to, as one number, by a rule that is said with it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweep.base.errors import UsageError, did_you_mean
from sweep.results.metrics import UnknownMetric as UnknownMetric
from sweep.results.metrics import default_metric as default_metric
from sweep.results.metrics import default_x as default_x
from sweep.results.metrics import resolve_metric as resolve_metric
from sweep.results.numbers import Column
from sweep.results.table_file import Table

_HOW = re.compile(r"(?P<word>last|best|auc)|last(?P<percent>\d+(?:\.\d+)?)%|(?P<rule>at|above):(?P<value>.+)")
_ALLOWED = "last, last10% (or another share), best, auc, at:X, above:T"


@dataclass(frozen=True)
class Score:
    """How a run is scored.

    Attributes:
        metric: a column; '' is the one that one would look at first, ``Performance`` the return of the evaluation if
            there is one, else of the training.
        how: ``last``: the last value; ``last10%``: the mean over the last tenth of x; ``best``: the best value, which
            flatters noisy runs; ``auc``: the mean height of the curve over x; ``at:X``: the value at x = X, linear
            between rows; ``above:T``: the first x at which the value has reached T (where less is better: has come down
            to it), and less of it is better.
        better: 'max' or 'min', of the metric.

    Raises:
        UsageError: `how` or `better` is none of these.
    """

    metric: str = ""
    how: str = "last10%"
    better: str = "max"

    def __post_init__(self) -> None:
        if self.better not in ("max", "min"):
            raise UsageError(
                f"better={self.better!r} is neither 'max' nor 'min'.{did_you_mean(self.better, ['max', 'min'])}"
            )
        match = _HOW.fullmatch(self.how)
        if match is None or not 0 < float(match["percent"] or 10) <= 100 or not _is_finite(match["value"] or "0"):
            raise UsageError(
                f"a score by {self.how!r} is unknown; there are {_ALLOWED}.{did_you_mean(self.how, _WORDS)}"
            )

    @property
    def higher_is_better(self) -> bool:
        """Whether more of the score is better: of ``above`` less is, whatever it is of the metric."""
        return self.better == "max" and not self.how.startswith("above:")

    def __str__(self) -> str:
        direction = "higher" if self.higher_is_better else "lower"
        return f"{_in_words(self.how, self.better)} {self.metric or 'the metric'}, {direction} is better"

    def resolved(self, columns: Sequence[str]) -> Score:
        """Return the score with the column that its metric means.

        Raises:
            UnknownMetric: it is none of the columns.
        """
        return replace(self, metric=resolve_metric(self.metric, columns)[0] if self.metric else default_metric(columns))

    def of(self, table: Table, x: str) -> float:
        """Return the score of a run's rows; nan if there is none.

        Args:
            x: a column that counts how far the run is; '' is the number of the row.

        Rows without a number are passed over; but a run that has ceased to give numbers (for longer than ever between
        two of them) has no last value.
        """
        heights = table.columns.get(self.metric)
        places = table.columns.get(x) if x else np.arange(table.rows, dtype=np.float64)
        if heights is None or places is None:
            return math.nan
        there = np.isfinite(places) & ~np.isnan(heights)
        if not there.any() or (self.how.startswith(("last", "auc")) and _has_ceased(there)):
            return math.nan
        order = np.argsort(places[there], kind="stable")
        return _score(self.how, self.better, places[there][order], heights[there][order])


_WORDS = ("last", "last10%", "best", "auc", "at:", "above:")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _in_words(how: str, better: str) -> str:
    rule, _, value = how.partition(":")
    if rule == "at":
        return f"value at x = {value} of"
    if rule == "above":
        return f"first x at {'or above' if better == 'max' else 'or below'} {value} of"
    words = {"last": "last value of", "best": "best value of", "auc": "mean over x of"}
    return words.get(how) or f"mean of the last {how[4:-1]} % of"


def _has_ceased(there: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
    rows = np.flatnonzero(there)
    return bool(len(there) - 1 - rows[-1] > np.diff(rows, prepend=-1).max() - 1)


def _score(how: str, better: str, x: Column, y: Column) -> float:
    rule, _, value = how.partition(":")
    if rule == "at":
        return float(np.interp(float(value), x, y)) if x[0] <= float(value) <= x[-1] else math.nan
    if rule == "above":
        reached = np.flatnonzero(y >= float(value) if better == "max" else y <= float(value))
        return float(x[reached[0]]) if len(reached) else math.nan
    if how == "best":
        return float(y.max() if better == "max" else y.min())
    with np.errstate(invalid="ignore", over="ignore"):  # inf among the values
        if how == "auc":
            width = x[-1] - x[0]
            return float(np.trapezoid(y, x) / width) if width else float(y.mean())
        return float(y[-1]) if how == "last" else float(y[x >= x[-1] - (x[-1] - x[0]) * float(how[4:-1]) / 100].mean())
