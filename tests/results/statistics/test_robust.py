"""What summarises runs of several tasks, against scipy, by hand and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.robust import (
    iqm,
    iqm_of_rows,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
)

floats = st.floats(-1e6, 1e6, allow_subnormal=False)
scores = st.lists(floats, min_size=1, max_size=40)


@given(scores)
def test_the_interquartile_mean_is_the_trimmed_mean_of_scipy(values: list[float]) -> None:
    assert iqm(values) == pytest.approx(scipy.stats.trim_mean(values, 0.25, axis=None), rel=1e-12, abs=1e-9)


@given(scores)
def test_the_interquartile_mean_is_between_the_extremes(values: list[float]) -> None:
    assert min(values) <= iqm(values) <= max(values)


@given(scores)
def test_the_order_of_the_scores_does_not_matter(values: list[float]) -> None:
    shuffled = sorted(values)
    assert iqm(values) == iqm(shuffled)
    assert performance_profile(values, [0.5]) == performance_profile(shuffled, [0.5])


def test_what_is_cut_off_is_a_quarter_rounded_down() -> None:
    assert iqm([0, 0, 5, 9, 100]) == pytest.approx(14 / 3)
    assert iqm([1, 2, 4, 100]) == 3
    assert iqm([1, 2, 6]) == 3  # nothing is cut off three scores
    assert math.isnan(iqm([]))
    assert iqm([[1, 2], [4, 100]]) == 3
    assert iqm([np.array([1.0, 2.0, 4.0]), np.array([100.0])]) == 3


def test_rows_have_the_interquartile_mean_of_each() -> None:
    rows = np.random.default_rng(1).normal(size=(4, 3, 9))
    expected = [[iqm(row) for row in block] for block in rows]
    assert iqm_of_rows(rows).tolist() == expected


def test_the_optimality_gap_counts_nothing_above_gamma() -> None:
    assert optimality_gap([0.5, 2.0, 1.0]) == pytest.approx(1 - 2.5 / 3)
    assert optimality_gap([5, 15], gamma=10) == 2.5
    assert math.isnan(optimality_gap([]))


def test_a_profile_counts_strictly_above() -> None:
    assert performance_profile([0, 1, 1, 2], [-1, 0, 1, 1.5, 2]).tolist() == [1, 0.75, 0.25, 0.25, 0]
    assert np.isnan(performance_profile([], [0, 1])).all()


@given(scores, st.lists(floats, max_size=10))
def test_a_profile_is_the_plain_share_and_never_rises(values: list[float], taus: list[float]) -> None:
    profile = performance_profile(values, sorted(taus)).tolist()
    assert profile == [np.mean(np.array(values) > tau) for tau in sorted(taus)]
    assert profile == sorted(profile, reverse=True)


@given(scores, scores)
def test_the_probability_of_improvement_is_the_u_of_scipy(x: list[float], y: list[float]) -> None:
    expected = scipy.stats.mannwhitneyu(x, y, method="asymptotic").statistic / (len(x) * len(y))
    assert probability_of_improvement(x, y) == pytest.approx(expected, rel=1e-12)
    assert probability_of_improvement(x, y) + probability_of_improvement(y, x) == pytest.approx(1)


def test_the_probability_of_improvement_is_the_mean_over_tasks() -> None:
    assert probability_of_improvement([[1, 2], [5, 5, 5]], [[0, 0, 3], [5]]) == pytest.approx((4 / 6 + 0.5) / 2)
    assert probability_of_improvement([1.0, 1.0], [1.0, 1.0]) == 0.5


def test_settings_with_different_tasks_are_not_compared() -> None:
    with pytest.raises(ValueError, match="scores of 2 and of 1 tasks"):
        probability_of_improvement([[1], [2]], [[1]])


def test_a_matrix_is_refused_as_its_runs_could_be_either_axis() -> None:
    with pytest.raises(ValueError, match=r"shape \(5, 4\); give a list"):
        probability_of_improvement(np.zeros((5, 4)), np.zeros((5, 4)))
    with pytest.raises(ValueError, match="one number for each run"):
        probability_of_improvement([np.zeros((5, 4))], [np.zeros(3)])


def test_a_task_without_scores_is_refused() -> None:
    for nothing in ([], [[1.0], []]):
        with pytest.raises(ValueError, match="has no scores"):
            probability_of_improvement(nothing, nothing)


@pytest.mark.parametrize("function", [iqm, optimality_gap, lambda values: performance_profile(values, [0.5])])
def test_a_score_that_is_not_finite_is_refused(function: object) -> None:
    with pytest.raises(ValueError, match="not finite"):
        function([1.0, math.nan])  # type: ignore[operator]
