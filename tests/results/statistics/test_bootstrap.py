"""Bootstrap intervals, against scipy, against all resamples there are, and at the edges."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.results.statistics.bootstrap import (
    exact_distribution,
    improvement_interval,
    profile_interval,
    stratified_interval,
)
from sweep.results.statistics.interval import Interval
from sweep.results.statistics.resamples import (
    Stratum,
    counts,
    distinct,
    every_resample,
    quantiles,
    random_resamples,
)
from sweep.results.statistics.robust import iqm, iqm_of_rows, performance_profile, probability_of_improvement

DRAW = np.random.default_rng(7)
FIVE = DRAW.normal(0.8, 0.2, 5)
FOUR_TASKS = [DRAW.normal(0.8, 0.3, 5) for _ in range(4)]


# Five standard errors of the level that 15,000 repeats reach where they aim at 2.5 %.
SLACK = 5 * (0.025 * 0.975 / 15_000) ** 0.5


def mean_of_rows(rows: np.ndarray) -> np.ndarray:
    return rows.mean(axis=-1)


def brackets(found: float, tasks: list[np.ndarray], statistic: object, level: float) -> None:
    """Assert that a value is between the exact quantiles a little below and above a level."""
    exact = exact_distribution(tasks, statistic)  # type: ignore[arg-type]
    low, high = quantiles(exact.values, exact.chances, (level - SLACK, level + SLACK))
    assert low - 1e-12 <= found <= high + 1e-12


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_every_resample_has_the_chance_of_all_its_orders(n: int) -> None:
    orders = Counter(tuple(sorted(order)) for order in itertools.product(range(n), repeat=n))
    rows, chances = every_resample(n)
    assert len(rows) == distinct(n) == len(orders)
    assert {tuple(row): chance for row, chance in zip(rows.tolist(), chances, strict=True)} == {
        row: pytest.approx(count / n**n) for row, count in orders.items()
    }


def test_five_runs_have_126_resamples() -> None:
    assert distinct(5) == 126


@pytest.mark.parametrize("statistic", [iqm_of_rows, mean_of_rows])
def test_the_exact_interval_is_that_of_all_3125_resamples(statistic: object) -> None:
    every = np.array([statistic(FIVE[list(order)]) for order in itertools.product(range(5), repeat=5)])  # type: ignore[operator]
    expected = np.quantile(every, (0.025, 0.975), method="inverted_cdf")
    assert exact_distribution(FIVE, statistic).interval() == pytest.approx(expected, rel=1e-12)  # type: ignore[arg-type]
    assert stratified_interval(FIVE, statistic) == pytest.approx(expected, rel=1e-12)  # type: ignore[arg-type]


def test_the_exact_distribution_of_two_tasks_resamples_each_by_itself() -> None:
    tasks = [np.array([0.0, 1.0]), np.array([10.0, 20.0, 40.0])]
    every = Counter(
        round(sum(a) + sum(b), 9) / 5
        for a in itertools.product(tasks[0], repeat=2)
        for b in itertools.product(tasks[1], repeat=3)
    )
    exact = exact_distribution(tasks, mean_of_rows)
    found: Counter[float] = Counter()
    for value, chance in zip(exact.values.round(9).tolist(), exact.chances.tolist(), strict=True):
        found[value] += chance  # type: ignore[assignment]
    assert dict(found) == pytest.approx({value: count / 108 for value, count in every.items()})
    assert exact.chances.sum() == pytest.approx(1)


@pytest.mark.parametrize("statistic", [iqm_of_rows, mean_of_rows])
def test_a_drawn_interval_agrees_with_the_exact_one(statistic: object) -> None:
    tasks = FOUR_TASKS[:2]  # 15,876 resamples: more than these repeats, so they are drawn
    found = stratified_interval(tasks, statistic, repeats=15_000)  # type: ignore[arg-type]
    assert found is not None
    brackets(found.low, tasks, statistic, 0.025)
    brackets(found.high, tasks, statistic, 0.975)


def test_a_drawn_interval_agrees_with_that_of_scipy() -> None:
    found = stratified_interval(FOUR_TASKS)
    result = scipy.stats.bootstrap(
        FOUR_TASKS,
        lambda *tasks, axis: scipy.stats.trim_mean(np.concatenate(tasks, axis=-1), 0.25, axis=axis),
        n_resamples=20_000,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    assert found == pytest.approx(tuple(result.confidence_interval), abs=0.005)


def test_the_same_scores_give_the_same_interval_in_any_order() -> None:
    backwards = [task[::-1] for task in FOUR_TASKS]
    assert stratified_interval(FOUR_TASKS, repeats=500) == stratified_interval(backwards, repeats=500)
    assert stratified_interval(FOUR_TASKS, repeats=500) != stratified_interval(FOUR_TASKS, repeats=500, seed=1)
    taus = [0.5, 0.8]
    assert np.array_equal(profile_interval(FOUR_TASKS, taus), profile_interval(backwards, taus))  # type: ignore[arg-type]


def test_nothing_global_is_drawn_from() -> None:
    np.random.seed(0)
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    stratified_interval(FOUR_TASKS, repeats=100)
    assert np.array_equal(np.random.get_state()[1], before)  # type: ignore[index]


def test_a_task_with_one_run_leaves_no_interval() -> None:
    assert stratified_interval([[1.0, 2.0], [3.0]]) is None
    assert profile_interval([[1.0]], [0.5]) is None
    assert improvement_interval([1.0, 2.0], [1.0]) is None


def test_equal_scores_have_an_interval_without_width() -> None:
    assert stratified_interval([[0.1] * 4] * 5) == Interval(0.1, 0.1)


def test_wrong_uses_are_refused() -> None:
    with pytest.raises(ValueError, match="has no scores"):
        stratified_interval([])
    with pytest.raises(ValueError, match=r"shape \(5, 4\)"):
        stratified_interval(np.zeros((5, 4)))
    with pytest.raises(ValueError, match="not finite"):
        stratified_interval([[1.0, math.inf]])
    with pytest.raises(ValueError, match=r"confidence 95 is not between"):
        stratified_interval(FIVE, confidence=95)
    with pytest.raises(ValueError, match="too many to enumerate"):
        exact_distribution(FOUR_TASKS)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=5), min_size=1, max_size=4))
@settings(max_examples=40)
def test_an_interval_is_ordered_and_within_the_scores(tasks: list[list[float]]) -> None:
    low, high = stratified_interval(tasks, repeats=300) or (0, 0)
    everything = [score for task in tasks for score in task]
    assert min(everything) <= low <= high <= max(everything)


def test_a_profile_is_within_its_band_and_the_band_within_0_and_1() -> None:
    taus = np.linspace(0, 1.5, 16)
    low, high = profile_interval(FOUR_TASKS, taus) or (0, 0)
    profile = performance_profile(FOUR_TASKS, taus)
    assert (low >= 0).all() and (high <= 1).all()  # type: ignore[union-attr]
    assert (low <= profile).all() and (profile <= high).all()


def test_a_profile_of_one_task_has_the_band_of_a_binomial_share() -> None:
    scores = np.arange(8.0)
    low, high = profile_interval(scores, [4.5], repeats=20_000) or (0, 0)
    share = performance_profile(scores, [4.5])[0]
    assert [low[0] * 8, high[0] * 8] == scipy.stats.binom.ppf((0.025, 0.975), 8, share).tolist()  # type: ignore[index]


def test_an_improvement_has_the_interval_of_all_its_resamples() -> None:
    x, y = [1.0, 4.0, 6.0], [2.0, 3.0, 5.0]
    every = [
        probability_of_improvement(list(a), list(b))
        for a in itertools.product(x, repeat=3)
        for b in itertools.product(y, repeat=3)
    ]
    found = improvement_interval(x, y, repeats=20_000)
    assert found == pytest.approx(np.quantile(every, (0.025, 0.975)), abs=1e-9)


def test_counts_say_how_often_each_run_is_in_a_resample() -> None:
    rows = random_resamples(6, 50, np.random.default_rng(0))
    assert counts(rows, 6).tolist() == [[int((row == run).sum()) for run in range(6)] for row in rows]


@pytest.mark.parametrize("n", [2, 4, 5, 6, 7, 10, 16, 20, 97])
def test_drawn_resamples_take_every_run_of_their_own_task_alike(n: int) -> None:
    rows = [np.arange(float(n)) + 1000 * task for task in range(3)]
    drawn = Stratum.of(rows).drawn(4_000, np.random.default_rng(n)).reshape(4_000, 3, n)
    for task in range(3):
        there, often = np.unique(drawn[:, task] - 1000 * task, return_counts=True)
        assert there.tolist() == list(range(n))
        assert scipy.stats.chisquare(often).pvalue > 1e-4
    places = drawn[:, 0].astype(int)
    # What is drawn first says nothing of what is drawn last.
    pairs = np.bincount(places[:, 0] * n + places[:, -1], minlength=n * n)
    assert scipy.stats.chisquare(pairs).pvalue > 1e-4


def test_a_quantile_is_the_smallest_value_that_reaches_its_level() -> None:
    values, chances = np.array([3.0, 1.0, 2.0]), np.array([0.25, 0.25, 0.5])
    assert quantiles(values, chances, (0.0, 0.25, 0.26, 0.75, 0.76, 1.0)).tolist() == [1, 1, 2, 2, 3, 3]


def test_the_interquartile_mean_is_within_its_interval() -> None:
    interval = stratified_interval(FOUR_TASKS)
    assert interval and interval.holds(iqm(FOUR_TASKS))
