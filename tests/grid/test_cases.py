"""Explicit points, and one step at a time around a base."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import GridError, NameClash
from sweep.grid.distributions import uniform
from sweep.grid.grid import Grid
from sweep.grid.survey import survey


def base() -> Grid:
    return Grid("n").add("a", [1, 2]).add("b", ["x", "y"]).add("seed", [0, 1])


def test_a_case_is_the_base_with_its_own_values_and_every_seed() -> None:
    extra = base().case({"a": 9}).variants()[8:]
    assert extra == [{"a": 9, "b": "x", "seed": 0}, {"a": 9, "b": "x", "seed": 1}]


def test_a_case_may_bring_new_keys_several_values_and_its_own_seeds() -> None:
    extra = base().case({"a": [8, 9], "new": "z", "seed": 5}).variants()[8:]
    assert [(v["a"], v["new"], v["seed"]) for v in extra] == [(8, "z", 5), (9, "z", 5)]


def test_a_case_that_is_there_already_is_not_there_twice() -> None:
    grid = base().case({"a": 2}, {}, {"a": 2, "b": "x"}, {"a": 9}, {"a": 9})
    assert len(grid) == len(grid.variants()) == 10


def test_cases_surrounded_by_nothing_but_seeds_are_the_whole_grid() -> None:
    grid = Grid("n").add("seed", [0, 1]).case({"algo": "ppo", "lr": 1}, {"algo": "sac", "lr": 2})
    assert [(v["algo"], v["lr"], v["seed"]) for v in grid] == [
        ("ppo", 1, 0),
        ("ppo", 1, 1),
        ("sac", 2, 0),
        ("sac", 2, 1),
    ]
    assert len(grid) == 4


def test_a_case_that_a_rule_excludes_is_an_error() -> None:
    grid = base().exclude("a == 9").case({"a": 9})
    with pytest.raises(GridError, match="excluded by a rule"):
        grid.variants()


def test_a_case_takes_what_its_conditions_give() -> None:
    grid = Grid("n").add("algo", ["a", "b"]).when("algo == 'b'", Grid().zip({"x": [1, 2], "y": [3, 4]}))
    assert grid.case({"algo": "b", "x": 7}).variants()[-1] == {"algo": "b", "x": 7, "y": 3}
    assert grid.case({"algo": "a", "x": 7}).variants()[-1] == {"algo": "a", "x": 7}


def test_a_case_may_take_one_of_several_zipped_parameters() -> None:
    grid = Grid("n").zip({"a": [1, 2], "b": [3, 4]}).case({"b": 9})
    assert grid.variants()[-1] == {"a": 1, "b": 9}
    seeds = Grid("n").zip({"seed": [0, 1, 0], "b": [3, 4, 5]}).case({"b": 9})
    assert seeds.variants()[3:] == [{"seed": 0, "b": 9}, {"seed": 1, "b": 9}]


def test_a_case_must_give_what_is_drawn_but_only_where_it_is_needed() -> None:
    grid = Grid("n").add("a", uniform(0, 1)).sample(2)
    assert grid.case({"a": 0.5}).variants()[-1] == {"a": 0.5}
    with pytest.raises(GridError, match=r"'a' is drawn.*give 'a' in the case"):
        Grid("n").add("a", uniform(0, 1)).add("b", [1, 2]).sample(2).case({"b": 3}).variants()

    def conditional() -> Grid:
        return Grid("n").add("algo", ["a", "b"]).when("algo == 'b'", {"x": uniform(0, 1)}).sample(2)

    assert {"algo": "a"} in conditional().case({"algo": "a"}).variants()
    assert {"algo": "b", "x": 0.5} in conditional().case({"algo": "b", "x": 0.5}).variants()
    with pytest.raises(GridError, match="'x' is drawn"):
        conditional().case({"algo": "b"}).variants()


def test_a_case_that_gives_a_value_and_its_sub_key_is_an_error_before_launch() -> None:
    grid = Grid("n").add("a:b", [1, 2]).case({"a": {"b": 5}})
    for read in (grid.variants, grid.count, lambda: survey(grid.definition)):
        with pytest.raises(GridError, match="given twice"):
            read()
    with pytest.raises(GridError, match="cannot be nested"):
        Grid("n").case({"a": 1, "a:b": 2})


def test_a_case_whose_difference_no_name_shows_is_a_clash() -> None:
    with pytest.raises(NameClash, match="'flag'"):
        survey(Grid("n").add("a", [1, 2]).case({"flag": False}).definition)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (5, "no mapping"),
        ([{"a": 1}], "no mapping"),
        ({5: 1}, "a key is text"),
        ({"a": []}, "no alternatives"),
        ({"a": [64, 64]}, "fixed"),
        ({"a": uniform(0, 1)}, "is a distribution"),
        ({"thunk": 1}, "reserved"),
        ({"a": 1, "a[x]": 2}, "added twice"),
        ({"seed": "x"}, "a seed is"),
    ],
)
def test_a_wrong_case_or_ablation_is_one_line(case: Any, words: str) -> None:
    for method in (lambda: base().case(case), lambda: base().ablate(case), lambda: base().ablate({"x": 3}, case)):
        with pytest.raises(GridError, match=words) as caught:
            method()
        assert "\n" not in str(caught.value)


def test_an_ablation_changes_one_parameter_at_a_time() -> None:
    grid = Grid("n").add("a", 1).add("b", 2).add("seed", [0, 1]).ablate({"a": [3, 4], "b": 5})
    assert [(v["a"], v["b"], v["seed"]) for v in grid] == [
        *((1, 2, 0), (1, 2, 1)),
        *((3, 2, 0), (3, 2, 1)),
        *((4, 2, 0), (4, 2, 1)),
        *((1, 5, 0), (1, 5, 1)),
    ]
    assert len(grid) == 8
    assert [name for name, _ in grid.named_variants()][::2] == ["n_a1_b2", "n_a3_b2", "n_a4_b2", "n_a1_b5"]


def test_an_ablation_may_start_from_another_base_which_is_run_too() -> None:
    grid = Grid("n").add("a", 1).add("b", 2).ablate({"a": [3]}, base={"b": 9})
    assert grid.variants() == [{"a": 1, "b": 2}, {"a": 1, "b": 9}, {"a": 3, "b": 9}]


def test_an_ablation_of_nothing_but_defaults_runs_them_too() -> None:
    grid = Grid("n").ablate({"a": [1, 2], "b": 3})
    assert grid.variants() == [{}, {"a": 1}, {"a": 2}, {"b": 3}]
    assert survey(grid.definition).settings == 4


def test_an_ablation_of_nothing_or_of_a_union_without_a_base_is_one_line() -> None:
    with pytest.raises(GridError, match="at least one"):
        base().ablate({})
    union = Grid("n").add("a", 1) | Grid("n").add("a", 2)
    with pytest.raises(GridError, match="give base="):
        union.ablate({"a": [3]})
    assert union.ablate({"a": [3]}, {"a": 5}).variants()[2:] == [{"a": 5}, {"a": 3}]


def test_derived_values_follow_cases_and_ablations() -> None:
    grid = Grid("n").add("a", [1, 2]).derive("b", "a * 10").case({"a": 7}).ablate({"a": 8})
    assert [v["b"] for v in grid] == [10, 20, 80, 70]
    assert len(grid) == 4
