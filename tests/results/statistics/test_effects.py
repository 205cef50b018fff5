"""What matters: by hand, on full grids and others, and against sums over all there is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.effects import effects, levels, main_effects, noise_share

GRID = [{"lr": lr, "act": act} for lr in (0.1, 0.2, 0.3) for act in ("relu", "tanh")]


def test_main_effects_by_hand() -> None:
    # lr means 1.5, 3.5, 5.5; act means 3, 4; over all 3.5, Var = 35/12
    found = effects(GRID, [1, 2, 3, 4, 5, 6])
    assert found.main == pytest.approx({"lr": (8 / 3) / (35 / 12), "act": 0.25 / (35 / 12)})
    assert found.interactions == pytest.approx(0, abs=1e-12) and found.is_exact


def test_what_two_parameters_do_only_together_is_an_interaction() -> None:
    found = effects([{"a": a, "b": b} for a in (0, 1) for b in (0, 1)], [1, -1, -1, 1])
    assert found.main == {"a": 0, "b": 0} and found.interactions == 1


@given(st.lists(st.floats(-1e3, 1e3), min_size=24, max_size=24).filter(lambda means: np.ptp(means) > 1e-3))
def test_on_a_full_grid_the_shares_are_the_variances_of_marginal_means(means: list[float]) -> None:
    names = ("a", "b", "c")
    params = [dict(zip(names, point, strict=True)) for point in itertools.product(range(4), range(3), range(2))]
    cube, found = np.array(means).reshape(4, 3, 2), effects(params, means)
    for axis, name in enumerate(names):
        others = tuple(other for other in range(3) if other != axis)
        assert found.main[name] == pytest.approx(cube.mean(axis=others).var() / cube.var(), abs=1e-9)
    assert 0 <= found.interactions <= 1
    assert sum(found.main.values()) + found.interactions == pytest.approx(1)


@given(st.permutations(list(range(6))))
def test_the_order_of_the_settings_does_not_matter(order: list[int]) -> None:
    means = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    found = main_effects([GRID[at] for at in order], [means[at] for at in order])
    assert found == pytest.approx(dict(main_effects(GRID, means)))


def test_only_parameters_that_vary_have_an_effect() -> None:
    assert set(main_effects([{"a": 1, "b": 5}, {"a": 2, "b": 5}], [1, 2])) == {"a"}


def test_values_are_told_apart_by_their_type_and_lists_are_values() -> None:
    assert main_effects([{"a": 1}, {"a": "1"}, {"a": True}], [1, 2, 3]) == {"a": 1}
    assert main_effects([{"a": [32]}, {"a": [64, 64]}], [1, 2]) == {"a": 1}
    assert main_effects([{"a": 1}, {}], [1, 2]) == {"a": 1}  # not to have it is a value too


def test_a_grid_that_is_not_full_says_so() -> None:
    found = effects(GRID[:-1], [1, 2, 3, 4, 5])
    assert found.note == "the grid is not full, 5 of 6 settings are there: the shares overlap and are approximate"
    assert not found.is_exact and math.isnan(found.interactions)
    assert all(0 <= share <= 1 for share in found.main.values())


def test_settings_that_repeat_say_so() -> None:
    assert effects([*GRID, GRID[0]], range(7)).note.startswith("1 of 7 settings repeat another's parameters")


def test_equal_settings_and_none_at_all_have_no_shares() -> None:
    flat = effects(GRID, [0.1] * 6)
    assert all(map(math.isnan, flat.main.values())) and math.isnan(flat.interactions)
    assert effects([], []).main == {} and effects([{"a": 1}], [3.0]).main == {}


def test_means_must_be_as_many_as_settings_and_finite() -> None:
    with pytest.raises(ValueError, match="6 settings and 2 means"):
        effects(GRID, [1, 2])
    with pytest.raises(ValueError, match="6 settings and 2 means"):
        levels(GRID, [1, 2], "lr")
    with pytest.raises(ValueError, match="not finite"):
        effects(GRID, [1, 2, 3, 4, 5, math.nan])


def test_levels_are_the_marginal_means_of_a_parameter() -> None:
    found = levels([*GRID, {"act": "relu"}], [1, 2, 3, 4, 5, 6, 10], "lr")
    assert [(level.value, level.mean, level.n) for level in found] == [
        (0.1, 1.5, 2),
        (0.2, 3.5, 2),
        (0.3, 5.5, 2),
        ("-", 10, 1),
    ]


def test_the_share_of_seed_noise_by_hand() -> None:
    # within: 2 + 2, all: 2 + 2 + 4 * 2^2 / ... = sum of (-3, -1, 1, 3)^2 = 20
    assert noise_share([[0, 2], [4, 6]]) == pytest.approx(4 / 20)
    assert noise_share([[1, 1], [2, 2]]) == 0
    assert noise_share([[1, 2], [1, 2], []]) == 1


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_share_of_noise_is_what_the_means_leave_over(groups: list[list[float]]) -> None:
    runs = np.array(groups)
    if runs.var() > 1e-6:
        assert noise_share(groups) == pytest.approx(1 - runs.mean(axis=1).var() / runs.var(), abs=1e-9)


def test_without_a_second_run_or_without_a_difference_there_is_no_share_of_noise() -> None:
    assert math.isnan(noise_share([])) and math.isnan(noise_share([[1], [2]]))
    assert math.isnan(noise_share([[0.1, 0.1], [0.1, 0.1, 0.1]]))
