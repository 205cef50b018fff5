"""The luck of the best, against simulation and known values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.results.statistics.luck import best_of_many, expected_luck


@pytest.mark.parametrize(
    ("k", "expected"),
    # expected values of the largest of k standard normal numbers
    [(1, 0), (2, 1 / math.sqrt(math.pi)), (3, 1.5 / math.sqrt(math.pi)), (5, 1.1629644736), (10, 1.5387527308)],
)
def test_the_luck_of_single_seeds_is_the_known_largest_of_normal_numbers(k: int, expected: float) -> None:
    assert expected_luck([1] * k) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("counts", [[5] * 24, [3] * 24, [2, 3, 10], [1, 20]])
def test_luck_is_what_a_simulation_finds(counts: list[int]) -> None:
    draws = np.random.default_rng(0).normal(size=(200_000, len(counts))) / np.sqrt(counts)
    assert expected_luck(counts) == pytest.approx(draws.max(axis=1).mean(), abs=0.005)


def test_more_settings_bring_more_luck_and_more_seeds_less() -> None:
    assert expected_luck([5] * 10) < expected_luck([5] * 11) < expected_luck([4] * 11)


def test_no_setting_has_no_luck_and_a_setting_without_seeds_is_refused() -> None:
    assert math.isnan(expected_luck([]))
    with pytest.raises(ValueError, match="a setting with 0 seeds"):
        expected_luck([3, 0])


def test_the_best_of_many_says_by_how_much_it_may_be_lucky() -> None:
    groups = [[0.0, 20.0]] * 4 + [[]]
    luck = best_of_many(groups)
    assert luck.settings == 4 and luck.sd == pytest.approx(200**0.5)
    assert luck.bias == pytest.approx(luck.in_sds * 200**0.5)
    assert luck.label == (
        "the best of 4 looks up to 0.73 of the spread of seeds (10.3) better than it is, by luck alone; "
        "run it again with fresh seeds"
    )


def test_one_setting_was_not_chosen_and_single_seeds_have_no_spread() -> None:
    assert best_of_many([[1, 2, 3]]).label == "" and best_of_many([]).label == ""
    single = best_of_many([[1.0], [2.0]])
    assert math.isnan(single.sd) and "(" not in single.label and "0.56" in single.label
