"""Which settings cannot be told from the best, and that no other setting has a say in it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from sweep.results.statistics.ranking import standings

DRAW = np.random.default_rng(11)
GOOD = dict(enumerate([100.0, 104.0, 98.0, 101.0, 99.0]))
LIKE_IT = {seed: score - 0.5 + (-1) ** seed for seed, score in GOOD.items()}
BAD = dict(enumerate([50.0, 54.0, 44.0, 51.0, 47.0]))
NOISY = dict(enumerate([-900.0, 1000.0, 150.0]))
settings_of_seeds = st.lists(
    st.dictionaries(st.integers(0, 6), st.floats(-1e3, 1e3, allow_subnormal=False), max_size=6), max_size=6
)


def marks(*args: object, **options: object) -> list[str]:
    return [one.mark for one in standings(*args, **options)]  # type: ignore[arg-type]


# Every example resamples ten thousand times.
few = examples(max_examples=25)


def test_the_best_the_close_the_noisy_and_the_worse_have_a_mark_each() -> None:
    assert marks([BAD, GOOD, NOISY, LIKE_IT, {}]) == ["worse", "best", "unresolved", "close", "none"]


def test_where_less_is_better_the_smallest_mean_is_best() -> None:
    assert marks([GOOD, BAD], better="min") == ["worse", "best"]
    assert marks([GOOD, BAD]) == ["best", "worse"]


def test_the_difference_is_to_the_best_in_the_unit_of_the_scores() -> None:
    worse, best = standings([BAD, GOOD])
    assert best.difference is None and worse.difference is not None
    assert worse.difference.mean == pytest.approx(np.mean([-50, -50, -54, -50, -52]))
    assert worse.difference.high < 0 and worse.is_told_apart and not best.is_told_apart


def test_a_difference_that_does_not_matter_can_be_given() -> None:
    a_little_less = {seed: score - 0.5 for seed, score in GOOD.items()}
    assert marks([GOOD, a_little_less], delta=10) == ["best", "worse"]  # it is told apart, however little it is
    nearly = {seed: score + (-1) ** seed * 2 - 0.6 for seed, score in GOOD.items()}
    assert marks([GOOD, nearly], delta=0.1) == ["best", "unresolved"]
    assert marks([GOOD, nearly], delta=10) == ["best", "close"]


def test_single_seeds_resolve_nothing() -> None:
    assert marks([{0: 3.0}, {0: 2.0}, {0: -1e9}]) == ["best", "unresolved", "unresolved"]


def test_of_equal_settings_the_first_is_best_and_the_others_close() -> None:
    assert marks([GOOD, dict(GOOD), dict(GOOD)]) == ["best", "close", "close"]
    assert marks([{}, {}]) == ["none", "none"] and marks([]) == []


@few
@given(settings_of_seeds, st.integers(0, 5), st.sampled_from(["max", "min"]))
def test_hiding_a_setting_changes_no_number_of_another(settings: list[dict[int, float]], at: int, better: str) -> None:
    before = standings(settings, better)
    if at < len(settings) and before[at].mark != "best":
        left = [one for number, one in enumerate(settings) if number != at]
        assert repr(standings(left, better)) == repr([one for number, one in enumerate(before) if number != at])


@few
@given(settings_of_seeds)
def test_turning_all_signs_and_the_direction_changes_no_mark(settings: list[dict[int, float]]) -> None:
    turned = [{seed: -score for seed, score in one.items()} for one in settings]
    assert marks(settings) == marks(turned, better="min")


@few
@given(settings_of_seeds)
def test_there_is_one_best_if_there_is_a_score(settings: list[dict[int, float]]) -> None:
    found = marks(settings)
    assert found.count("best") == min(1, sum(map(bool, settings)))
    assert [mark == "none" for mark in found] == [not one for one in settings]


def test_of_equal_settings_few_are_called_worse() -> None:
    called = [
        mark
        for _ in range(200)
        for mark in marks([dict(enumerate(DRAW.normal(size=5))), dict(enumerate(DRAW.normal(size=5)))])
    ]
    assert 0.005 < called.count("worse") / 200 < 0.095  # 5 %, within three standard errors


@pytest.mark.parametrize("options", [{"better": "most"}, {"delta": -1.0}, {"delta": math.nan}])
def test_unknown_directions_and_negative_deltas_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="allowed are 'max' and 'min', and 0 or more"):
        standings([GOOD], **options)  # type: ignore[arg-type]


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        standings([GOOD, {0: math.inf}])


def test_what_is_noisy_is_never_close() -> None:
    two = [{0: 100.0, 1: 160.0}, {0: 30.0, 1: 80.0}, {0: 10.0, 1: 20.0}]
    assert "close" not in [one.mark for one in standings(two)]
