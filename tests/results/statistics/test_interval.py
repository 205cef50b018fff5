"""Mean, standard deviation and t interval, against scipy and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.interval import Interval, mean, sd, t_interval

scores = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=30)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 40])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_the_t_interval_is_that_of_scipy(n: int, confidence: float) -> None:
    values = np.random.default_rng(n).normal(100, 20, n)
    expected = scipy.stats.t.interval(confidence, n - 1, values.mean(), scipy.stats.sem(values))
    assert t_interval(values, confidence) == pytest.approx(expected, rel=1e-11)
    assert sd(values) == pytest.approx(np.std(values, ddof=1), rel=1e-12)


def test_a_t_interval_by_hand() -> None:
    # mean 2, sd 1, t(0.975, 2) = 4.302653
    assert t_interval([1, 2, 3]) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), rel=1e-6)


def test_no_score_has_no_mean_and_one_has_no_interval() -> None:
    assert math.isnan(mean([])) and math.isnan(sd([]))
    assert t_interval([]) is None
    assert mean([3.5]) == 3.5 and math.isnan(sd([3.5]))
    assert t_interval([3.5]) is None


def test_equal_scores_have_an_interval_without_width() -> None:
    assert t_interval([0.1] * 3) == Interval(0.1, 0.1)
    assert sd([0.1] * 3) == 0


@given(scores)
def test_the_mean_is_between_the_extremes_and_inside_its_interval(values: list[float]) -> None:
    assert min(values) <= mean(values) <= max(values)
    interval = t_interval(values)
    assert interval is None or interval.holds(mean(values))


@given(scores)
def test_the_order_of_the_scores_changes_no_digit(values: list[float]) -> None:
    assert (mean(values), t_interval(values)) == (mean(sorted(values)), t_interval(sorted(values)))


@given(scores, st.floats(0.01, 0.98))
def test_more_confidence_makes_no_interval_smaller(values: list[float], confidence: float) -> None:
    small, large = t_interval(values, confidence), t_interval(values, confidence + 0.01)
    assert small is None or large is None or small.width <= large.width


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_refused_with_its_number(bad: float) -> None:
    for function in (mean, sd, t_interval):
        with pytest.raises(ValueError, match=f"1 of 3 scores are not finite, the first is {bad}"):
            function([1.0, bad, 2.0])


def test_the_t_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(size=(2_000, 3))
    held = sum(interval.holds(0) for interval in map(t_interval, draws) if interval)
    assert 0.935 < held / len(draws) < 0.965  # three standard errors around 0.95
