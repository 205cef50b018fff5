"""Bands: at each x what a single score would get, in order, and with words that say what they are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.results.statistics.align import Aligned, align
from sweep.results.statistics.bands import ESTIMATES, KINDS, band
from sweep.results.statistics.interval import sd, t_interval
from sweep.results.statistics.robust import iqm

X = [1.0, 2.0, 3.0]
FIVE = np.random.default_rng(5).normal(100, 10, (5, 3))
RAGGED = [(X, [1.0, 2.0, 3.0]), (X, [2.0, 4.0, 5.0]), (X[:2], [6.0, 9.0]), (X[:1], [7.0])]
heights = st.floats(-1e6, 1e6, allow_subnormal=False)
ragged = st.lists(st.lists(heights | st.just(math.nan), min_size=4, max_size=4), min_size=1, max_size=6)


def of(rows: object) -> Aligned:
    y = np.array(rows, dtype=float)
    return Aligned(np.arange(float(y.shape[1])), y, was_interpolated=False)


def test_the_t_band_is_the_t_interval_at_each_x() -> None:
    found = band(of(FIVE), "t")
    for at in range(3):
        assert (found.low[at], found.high[at]) == pytest.approx(t_interval(FIVE[:, at]), rel=1e-12)
    assert found.center == pytest.approx(FIVE.mean(axis=0)) and found.n.tolist() == [5, 5, 5]


def test_the_t_band_uses_the_seeds_that_are_there() -> None:
    found = band(align(RAGGED), "t")
    assert found.n.tolist() == [4, 3, 2]
    for at, there in enumerate(([1, 2, 6, 7], [2, 4, 9], [3, 5])):
        assert (found.low[at], found.high[at]) == pytest.approx(t_interval(there), rel=1e-12)
        assert found.center[at] == pytest.approx(np.mean(there))


def test_the_other_bands_are_what_they_are_called() -> None:
    middle, spread = FIVE.mean(axis=0), np.array([sd(column) for column in FIVE.T])
    expected = {
        "sd": (middle - spread, middle + spread),
        "se": (middle - spread / 5**0.5, middle + spread / 5**0.5),
        "iqr": np.quantile(FIVE, (0.25, 0.75), axis=0),
        "minmax": (FIVE.min(axis=0), FIVE.max(axis=0)),
    }
    for kind, (low, high) in expected.items():
        found = band(of(FIVE), kind)
        assert found.low == pytest.approx(low) and found.high == pytest.approx(high)
    assert np.isnan(band(of(FIVE), "none").low).all()


@pytest.mark.parametrize("estimate", ["mean", "median", "iqm"])
def test_the_bootstrap_band_of_five_seeds_is_that_of_all_their_resamples(estimate: str) -> None:
    function = {"mean": np.mean, "median": np.median, "iqm": iqm}[estimate]
    found = band(of(FIVE), "boot", estimate)
    for at, column in enumerate(FIVE.T):
        every = [function(column[list(order)]) for order in itertools.product(range(5), repeat=5)]
        expected = np.quantile(every, (0.025, 0.975), method="inverted_cdf")
        assert (found.low[at], found.high[at]) == pytest.approx(tuple(expected), rel=1e-12)


def test_a_drawn_bootstrap_band_comes_out_alike_each_time_and_near_its_normal_width() -> None:
    many = of(np.random.default_rng(0).normal(size=(40, 5)))
    found = band(many, "boot")
    assert np.array_equal(found.low, band(many, "boot").low)
    assert not np.array_equal(found.low, band(many, "boot", seed=1).low)
    width = 2 * 1.96 * many.y.std(axis=0) / 40**0.5
    assert found.high - found.low == pytest.approx(width, rel=0.15)


@pytest.mark.parametrize(
    ("estimate", "function"),
    [("mean", np.mean), ("median", np.median), ("min", np.min), ("max", np.max), ("iqm", iqm)],
)
def test_the_middle_is_what_was_asked_for(estimate: str, function: object) -> None:
    found = band(of(FIVE), "none", estimate).center
    assert found == pytest.approx([function(column) for column in FIVE.T])  # type: ignore[operator]


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_has_a_line_and_no_band_and_no_seed_has_neither(kind: str) -> None:
    found = band(of([[5.0, math.nan]]), kind)
    assert found.center[0] == 5 and np.isnan(found.center[1])
    assert np.isnan(found.low).all() and np.isnan(found.high).all()
    assert found.n.tolist() == [1, 0]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_equal_seeds_have_a_band_without_width(kind: str) -> None:
    found = band(of([[0.1, 7.0]] * 3), kind)
    assert found.low.tolist() == found.center.tolist() == found.high.tolist() == [0.1, 7.0]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
@given(rows=ragged)
@settings(max_examples=40)
def test_the_middle_is_within_its_band(kind: str, rows: list[list[float]]) -> None:
    found = band(of(rows), kind)
    shaded = found.n > 1
    slack = 1e-9 * (1 + np.abs(found.center[shaded]))
    assert (found.low[shaded] <= found.center[shaded] + slack).all()
    assert (found.center[shaded] <= found.high[shaded] + slack).all()
    assert np.isnan(found.low[~shaded]).all()


@given(ragged, st.sampled_from(ESTIMATES))
def test_the_middle_is_between_the_lowest_and_the_highest_seed(rows: list[list[float]], estimate: str) -> None:
    found = band(of(rows), "minmax", estimate)
    shaded = found.n > 1
    assert (found.low[shaded] <= found.center[shaded]).all() and (found.center[shaded] <= found.high[shaded]).all()


def test_no_line_changes_when_another_is_drawn_before_it() -> None:
    lines = [of(np.random.default_rng(number).normal(size=(12, 4))) for number in range(3)]
    alone = [band(line, "boot").low.tolist() for line in lines]
    assert [band(line, "boot").low.tolist() for line in reversed(lines)] == alone[::-1]


@pytest.mark.parametrize(
    ("kind", "estimate", "label"),
    [
        ("t", None, "mean, band = 95% t interval over 5 seeds"),
        ("sd", None, "mean, band = one standard deviation either side over 5 seeds"),
        ("se", None, "mean, band = one standard error either side over 5 seeds"),
        ("iqr", None, "median, band = first to third quartile over 5 seeds"),
        ("iqr", "mean", "mean, band = first to third quartile over 5 seeds"),
        ("minmax", "median", "median, band = range from lowest to highest over 5 seeds"),
        ("boot", "iqm", "interquartile mean, band = 95% bootstrap interval over 5 seeds"),
        ("none", "max", "highest over 5 seeds"),
    ],
)
def test_a_band_says_what_it_is_and_over_how_many_seeds(kind: str, estimate: str | None, label: str) -> None:
    assert band(of(FIVE), kind, estimate).label == label


def test_the_words_follow_the_seeds_the_confidence_and_the_interpolation() -> None:
    assert band(of(FIVE[:1])).label == "mean over 1 seed"
    assert band(of(np.empty((0, 0)))).label == "mean over 0 seeds"
    assert band(of(FIVE), confidence=0.9).label == "mean, band = 90% t interval over 5 seeds"
    assert band(align(RAGGED)).label == "mean, band = 95% t interval over 2 to 4 seeds"
    different = align([([0, 2, 4], [1, 2, 3]), ([1, 3, 5], [1, 2, 3])])
    assert band(different).label == "mean, band = 95% t interval over 2 seeds, interpolated to a common x"


def test_unknown_words_and_bands_of_another_middle_are_refused() -> None:
    with pytest.raises(ValueError, match="band 'ci' is unknown; there are t, sd"):
        band(of(FIVE), "ci")
    with pytest.raises(ValueError, match="estimate 'mode' is unknown"):
        band(of(FIVE), "boot", "mode")
    with pytest.raises(ValueError, match="band 't' is one of a mean, not of the median"):
        band(of(FIVE), "t", "median")
