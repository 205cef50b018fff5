"""Differences of settings, against scipy, and with seeds that only one has."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.paired import difference, paired_difference, welch_difference

DRAW = np.random.default_rng(3)
A = dict(enumerate(DRAW.normal(10, 2, 6).tolist()))
B = dict(enumerate(DRAW.normal(9, 1, 6).tolist()))
by_seed = st.dictionaries(st.integers(0, 9), st.floats(-1e6, 1e6, allow_subnormal=False), max_size=8)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_paired_difference_is_that_of_scipy(confidence: float) -> None:
    found = paired_difference(A, B, confidence)
    expected = scipy.stats.ttest_rel(list(A.values()), list(B.values())).confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-10)
    assert found.n == 6 and found.paired


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_difference_of_means_is_that_of_scipy(confidence: float) -> None:
    a, b = list(A.values()), list(B.values())[:3]
    found = welch_difference(a, b, confidence)
    expected = scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-9)
    assert found.n == 3 and not found.paired


def test_only_seeds_that_both_have_are_paired_whatever_their_order() -> None:
    found = paired_difference({0: 1.0, 1: 5.0, 7: 99.0}, {1: 2.0, 9: -99.0, 0: 0.0})
    assert (found.mean, found.n) == (2.0, 2)


def test_no_shared_seed_and_one_shared_seed_have_no_interval() -> None:
    none, one = paired_difference({0: 1.0}, {1: 2.0}), paired_difference({0: 1.0}, {0: 3.0})
    assert math.isnan(none.mean) and none.n == 0 and not none.has_interval
    assert one.mean == -2 and one.n == 1 and not one.has_interval
    assert math.isnan(welch_difference([], [1.0]).mean)


def test_a_constant_difference_has_an_interval_without_width() -> None:
    found = paired_difference({0: 1.0, 1: 2.0, 2: 4.0}, {0: 0.0, 1: 1.0, 2: 3.0})
    assert (found.low, found.mean, found.high) == (1, 1, 1)
    flat = welch_difference([2.0, 2.0], [1.0, 1.0, 1.0])
    assert (flat.low, flat.mean, flat.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("seeds", "paired", "n"),
    [
        (range(6), True, 6),
        (range(1, 6), True, 5),
        (range(1, 7), True, 5),
        (range(3, 9), False, 6),  # three of nine: most of what is known would be left out
        (range(10, 16), False, 6),
        ([0], False, 1),
    ],
)
def test_settings_are_paired_where_they_share_most_of_their_seeds(seeds: range, paired: bool, n: int) -> None:
    found = difference(A, {seed: 1.0 * seed for seed in seeds})
    assert (found.paired, found.n) == (paired, n)
    assert ("shared seed" in found.label) is paired and str(n) in found.label


@given(by_seed, by_seed)
def test_a_difference_turns_its_sign_with_its_sides_and_lies_in_its_interval(
    a: dict[int, float], b: dict[int, float]
) -> None:
    one, other = difference(a, b), difference(b, a)
    assert one.mean == -other.mean or math.isnan(one.mean)
    if one.has_interval:
        assert (one.low, one.high) == (-other.high, -other.low)
        assert one.low <= one.mean <= one.high


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        difference({0: math.nan, 1: 1.0}, {0: 1.0, 1: 1.0})
