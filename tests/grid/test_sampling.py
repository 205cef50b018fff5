"""Draws are the same for the same seed, and grow without changing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.grid.distributions import choice, loguniform, uniform
from sweep.grid.grid import Grid
from sweep.grid.sampling import distinct_integers
from sweep.grid.survey import survey


def plain() -> Grid:
    return Grid("n").add("a", range(10)).add("b", range(10)).add("seed", [0, 1])


def drawn() -> Grid:
    return Grid("n").add("lr", loguniform(1e-5, 1e-1)).add("act", choice(["relu", "tanh"])).add("seed", [0, 1])


def conditional() -> Grid:
    return (
        Grid("n").add("algo", ["a", "b"]).add("x", range(20)).when({"algo": "a"}, {"y": [1, 2, 3]}).add("seed", [0, 1])
    )


def excluded() -> Grid:
    return plain().exclude("a == b", {"seed": 0, "a": 1})


def union() -> Grid:
    return (Grid("n").add("a", range(10)) | Grid("n").add("b", range(10))).derive("c", "1 + 1")


def several() -> list[Grid]:
    return [plain(), drawn(), conditional(), excluded(), union(), plain().zip({"c": range(9), "d": range(9)})]


@pytest.mark.parametrize("place", range(6))
@given(st.integers(1, 10), st.integers(0, 10), st.integers())
def test_a_larger_sample_begins_with_the_smaller_one(place: int, n: int, more: int, seed: int) -> None:
    small = several()[place].sample(n, seed).variants()
    large = several()[place].sample(n + more, seed).variants()
    assert large[: len(small)] == small


@pytest.mark.parametrize("place", range(6))
def test_every_drawn_setting_is_new_and_comes_with_every_seed_that_its_rules_leave(place: int) -> None:
    grid = several()[place].sample(8)
    found = survey(grid.definition)
    assert found.settings == 8
    assert found.runs == len(grid) == len(grid.variants())
    if place not in (3, 4):
        assert found.runs == 16


def test_a_sample_is_the_same_for_the_same_seed_alone() -> None:
    assert plain().sample(5, 1).variants() == plain().sample(5, 1).variants()
    assert plain().sample(5, 1).variants() != plain().sample(5, 2).variants()


def test_draws_are_settings_of_the_grid() -> None:
    everything = [canonical_text(variant) for variant in conditional().variants()]
    assert all(canonical_text(variant) in everything for variant in conditional().sample(20))
    assert all(variant["a"] != variant["b"] for variant in excluded().sample(20))


def test_a_sample_of_all_is_all() -> None:
    assert sorted(map(canonical_text, plain().sample(100))) == sorted(map(canonical_text, plain()))


@given(st.integers(0, 2**40))
def test_the_draws_of_one_key_do_not_change_when_a_parameter_is_added(seed: int) -> None:
    alone = Grid("n").add("lr", loguniform(1e-5, 1e-1)).sample(8, seed)
    beside = Grid("n").add("first", uniform(0, 1)).add("lr", loguniform(1e-5, 1e-1)).add("k", [1, 2]).sample(8, seed)
    assert [v["lr"] for v in alone] == [v["lr"] for v in beside]


def test_D16_a_sample_of_a_huge_product_is_drawn_without_expanding_it_with_rules_too() -> None:
    grid = Grid("n")
    for letter in "abcde":
        grid.add(letter, range(10_000))
    grid.exclude("a == b", "c < 5000").sample(50)
    assert len(grid) == len(grid.variants()) == 50
    assert all(variant["c"] >= 5000 for variant in grid)


def test_a_sample_of_a_product_beyond_every_float_is_drawn() -> None:
    grid = Grid("n")
    for number in range(110):
        grid.add(f"k{number}", range(1000), f"k{number}x")
    assert len(grid.sample(3).variants()) == 3


def test_a_product_of_rules_that_leave_too_little_is_one_line() -> None:
    for grid in (
        plain().sample(101),
        plain().exclude("a > 0").sample(11),
        conditional().sample(81),
        union().sample(21),
        Grid("n").add("a", choice([1, 2])).sample(3),
        Grid("n").add("a", choice([1, 2])).exclude("a > 0").sample(1),
    ):
        with pytest.raises(GridError, match=r"sample\(\d+\)") as caught:
            grid.variants()
        assert "lower n" in str(caught.value)
        with pytest.raises(GridError):
            survey(grid.definition)
    with pytest.raises(GridError, match="asks for more than the 100 settings"):
        len(plain().sample(101))


def test_a_rule_about_seeds_leaves_the_others() -> None:
    grid = Grid("n").add("a", [1, 2, 3]).add("seed", [0, 1]).exclude("seed == 0").sample(3)
    assert sorted((v["a"], v["seed"]) for v in grid) == [(1, 1), (2, 1), (3, 1)]


def test_seeds_under_a_condition_come_with_every_draw_that_has_them() -> None:
    grid = Grid("n").add("algo", ["a", "b"]).add("x", range(5)).when({"algo": "a"}, {"seed": [0, 1, 2]}).sample(10)
    assert survey(grid.definition).settings == 10
    assert len(grid.variants()) == 5 * 3 + 5


def test_seeds_zipped_with_another_key_run_for_every_draw() -> None:
    grid = Grid("n").zip({"seed": [0, 1], "port": [80, 81]}).add("x", uniform(0, 1)).sample(2)
    assert [(v["seed"], v["port"]) for v in grid] == [(0, 80), (1, 81)] * 2


def test_a_distribution_that_nobody_draws_from_is_refused() -> None:
    for grid in (drawn(), drawn() | plain(), Grid("n").add("a", [1, 2]).when("a == 1", {"b": uniform(0, 1)})):
        for read in (grid.variants, grid.count, lambda grid=grid: survey(grid.definition)):
            with pytest.raises(GridError, match=r"sample\(n\)"):
                read()


def test_drawn_values_under_a_condition_are_drawn_where_it_holds() -> None:
    grid = Grid("n").add("algo", ["a", "b"]).when({"algo": "a"}, {"lr": uniform(0, 1)}).sample(2)
    assert sorted(map(len, grid.variants())) == [1, 2]


@pytest.mark.parametrize("arguments", [(0,), (-1,), (1.5,), ("5",), (None,), (True,), (1, "x"), (1, 1.5), (1, None)])
def test_a_wrong_sample_is_one_line(arguments: Any) -> None:
    with pytest.raises(GridError, match="sample"):
        plain().sample(*arguments)


@given(st.integers(0, 200), st.integers())
def test_all_integers_come_once_and_more_do_not_change_the_first(total: int, seed: int) -> None:
    order = list(distinct_integers(total, total, seed))
    assert sorted(order) == list(range(total))
    assert list(distinct_integers(total, total // 2, seed)) == order[: total // 2]


def test_cases_come_beside_the_sample() -> None:
    grid = drawn().sample(3).case({"lr": 0.5, "act": "relu"})
    assert len(grid.variants()) == len(grid) == 8
    assert [v["lr"] for v in grid][-2:] == [0.5, 0.5]
