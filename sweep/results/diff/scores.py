"""What two groups of runs have come to, setting by setting."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.jsonable import to_jsonable
from sweep.results.parameters import ABSENT, varying
from sweep.results.run import Run
from sweep.results.score import Score
from sweep.results.settings import Setting, settings
from sweep.results.statistics.interval import mean, t_interval
from sweep.results.statistics.paired import Difference, difference
from sweep.results.table_file import column_names
from sweep.results.text.numbers import by_size

# The columns of so many runs of a group are looked at.
_SAMPLE = 10


@dataclass(frozen=True)
class Pair:
    """Settings of two groups that have the same values of all that varies within them.

    Attributes:
        params: these values; empty where each group is one setting.
        a, b: scores by seed; None where a group has no such setting.
    """

    params: Mapping[str, object]
    a: Mapping[Hashable, float] | None
    b: Mapping[Hashable, float] | None

    @property
    def gap(self) -> Difference | None:
        """The scores of B minus those of A; None where one has none."""
        return difference(self.b, self.a) if self.a and self.b else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        gap = self.gap
        told = None if gap is None else to_jsonable(vars(gap))
        return {"params": to_jsonable(dict(self.params)), "a": _side(self.a), "b": _side(self.b), "difference": told}


@dataclass(frozen=True)
class Scores:
    """The scores of two groups.

    Attributes:
        score: what they are; None if the groups have no column in common.
    """

    score: Score | None
    pairs: tuple[Pair, ...] = ()


def scores(a: Sequence[Run], b: Sequence[Run], score: Score, which: str = "done") -> Scores:
    """Score two groups, and put together their settings that correspond.

    Args:
        which: 'done' or 'all', see `settings`.

    Raises:
        UnknownMetric: no run has the column that was asked for.
    """
    ours, theirs = _columns(a), _columns(b)
    both = [name for name in ours if name in theirs] or ([*ours, *theirs] if score.metric else [])
    if not both:
        return Scores(None)
    resolved = score.resolved(both)
    keys = list(dict.fromkeys([*varying(a), *varying(b)]))
    sides = [_by_params(settings(runs, resolved, which=which), keys) for runs in (a, b)]
    wanted = dict.fromkeys([*sides[0], *sides[1]])
    pairs = [_pair(sides[0].get(one), sides[1].get(one), keys) for one in wanted]
    return Scores(resolved, tuple(sorted(pairs, key=lambda pair: [by_size(value) for value in pair.params.values()])))


def _columns(runs: Sequence[Run]) -> list[str]:
    with_rows = [run for run in runs if run.counts] or list(runs)
    return list(dict.fromkeys(name for run in with_rows[:_SAMPLE] for name in column_names(run)))


def _by_params(found: Sequence[Setting], keys: Sequence[str]) -> dict[tuple[str, ...], Setting]:
    """Return settings by their values of some keys; of several with the same values the first."""
    by_values: dict[tuple[str, ...], Setting] = {}
    for one in found:
        config = one.runs[0].config
        by_values.setdefault(tuple(repr(config.get(key, ABSENT)) for key in keys), one)
    return by_values


def _pair(a: Setting | None, b: Setting | None, keys: Sequence[str]) -> Pair:
    there = a or b
    assert there is not None
    config = there.runs[0].config
    return Pair({key: config.get(key, ABSENT) for key in keys}, _finite(a), _finite(b))


def _finite(setting: Setting | None) -> dict[Hashable, float] | None:
    if setting is None:
        return None
    return {seed: value for seed, value in setting.scores.items() if math.isfinite(value)}


def _side(values: Mapping[Hashable, float] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    interval = t_interval(list(values.values()))
    middle = mean(list(values.values()))
    return {
        "n": len(values),
        "mean": middle if math.isfinite(middle) else None,
        "interval": None if interval is None else list(interval),
        "by_seed": {str(seed): value for seed, value in values.items()},
    }
