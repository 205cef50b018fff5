"""Conditions of `when` and `exclude`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import ExpressionError, GridError
from sweep.grid.conditions import Condition
from sweep.grid.grid import Grid
from sweep.grid.parameter import fixed
from sweep.grid.survey import survey


class Odd:
    """An object that has no use for `==`."""

    def __eq__(self, other: object) -> Any:
        raise RuntimeError("no comparing")

    __hash__ = None  # type: ignore[assignment]


VARIANT: Mapping[str, Any] = {
    "algo": "ppo",
    "lr": 0.1,
    "sizes": (64, 64),
    "array": np.arange(3),
    "net": {"act": "relu", "opt": None},
    "odd": Odd(),
    "dict": {"a": np.arange(2)},
}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"algo": "ppo"}, True),
        ({"algo": "sac"}, False),
        ({"algo": ["sac", "ppo"]}, True),
        ({"algo": (x for x in ("sac", "ppo"))}, True),
        ({"algo": "ppo", "lr": 0.2}, False),
        ({"lr": np.float64(0.1)}, True),
        ({"lr": np.linspace(0.1, 0.3, 3)}, True),
        ({"lr": range(3)}, False),
        ({"net:act": "relu"}, True),
        ({"net:opt": None}, True),
        ({"net": {"act": "relu", "opt": None}}, True),
        ({"missing": 1}, False),
        ({"algo": []}, False),
        ({"net:missing": None}, False),
        ({"sizes": (64, 64)}, True),
        ({"sizes": [[64, 64]]}, True),
        ({"sizes": fixed([64, 64])}, True),
        ({"sizes": 64}, False),
        ({"array": fixed(np.arange(3))}, True),
        ({"array": fixed(np.arange(4))}, False),
        ({"array": 1}, False),
        ({"odd": 1}, False),
        ({"odd": Odd()}, True),
        ({"dict": {"a": np.arange(2)}}, True),
        ("algo == 'ppo' and net.act == 'relu'", True),
        ("missing > 1", False),
        ("lr > 1 or net['act'] == 'relu'", True),
        (lambda v: v["net"]["act"] == "relu", True),
        (lambda v: None, False),
        (lambda v: np.bool_(True), True),
    ],
)
def test_a_rule_holds_of_a_variant_or_not(rule: Any, holds: bool) -> None:
    condition = Condition(rule)
    assert condition.holds(VARIANT) is holds
    assert condition.holds(VARIANT) is holds


@pytest.mark.parametrize("rule", [None, 5, True, ["a"], {}, {5: 1}, {None: 1}, "", "a ="])
def test_what_is_no_condition_is_one_line(rule: Any) -> None:
    with pytest.raises(GridError) as caught:
        Grid("n").add("a", [1, 2]).exclude(rule)
    assert "\n" not in str(caught.value)


def test_a_function_that_fails_is_one_line_with_the_variant() -> None:
    def fails(variant: Mapping[str, Any]) -> bool:
        return bool(variant["b"] > "one\nline")

    for rule in (fails, lambda v: v["missing"], lambda v: np.zeros(2)):
        grid = Grid("n").add("b", [1, 2]).exclude(rule)
        with pytest.raises(GridError, match=r"failed on the variant.*'b': 1") as caught:
            grid.variants()
        assert "\n" not in str(caught.value)


def test_a_function_cannot_change_what_it_judges() -> None:
    grid = Grid("n").add("a", [[1], [2]]).exclude(lambda v: v["a"].append(9))
    assert grid.variants() == [{"a": [1]}, {"a": [2]}]


def test_a_rule_is_the_grids_own_copy() -> None:
    rule = {"a": [1]}
    grid = Grid("n").add("a", [1, 2]).exclude(rule)
    rule["a"].append(2)
    rule["b"] = [1]
    assert grid.variants() == [{"a": 2}]


def test_a_rule_about_an_unknown_key_is_refused_with_a_hint() -> None:
    for grid in (
        Grid("n").add("algo", [1, 2]).exclude("alog == 1"),
        Grid("n").add("algo", [1, 2]).exclude({"alog": 1}),
        Grid("n").add("algo", [1, 2]).when("alog == 1", {"b": 1}),
        Grid("n").add("algo", [1, 2]).when({"algo": 1}, Grid().add("x", 1).when({"alog": 1}, {"y": 2})),
        Grid("n").add("algo", [1, 2]).exclude({"alog": 1}) | Grid("n").add("algo", 3),
    ):
        for read in (grid.variants, grid.count, lambda grid=grid: survey(grid.definition), lambda grid=grid: grid[0]):
            with pytest.raises(ExpressionError, match=r"'alog'.*Did you mean 'algo'"):
                read()


def test_when_adds_parameters_that_vary_fastest_where_it_holds() -> None:
    grid = Grid("n").add("algo", ["ppo", "sac"]).when({"algo": "ppo"}, {"clip": [1, 2]}).add("seed", [0, 1])
    assert grid.variants() == [
        {"algo": "ppo", "seed": 0, "clip": 1},
        {"algo": "ppo", "seed": 0, "clip": 2},
        {"algo": "ppo", "seed": 1, "clip": 1},
        {"algo": "ppo", "seed": 1, "clip": 2},
        {"algo": "sac", "seed": 0},
        {"algo": "sac", "seed": 1},
    ]
    assert len(grid) == 6
    assert [name for name, _ in grid.named_variants()][::2] == ["n_algppo_cli1", "n_algppo_cli1", "n_algsac"]


def test_when_takes_a_grid_with_conditions_of_its_own() -> None:
    inner = Grid().zip({"b": [1, 2], "c": [3, 4]}).when("b == 1 and a == 1", {"d": [5, 6]})
    grid = Grid("n").add("a", [1, 2]).when("a == 1", inner)
    assert grid.variants() == [
        {"a": 1, "b": 1, "c": 3, "d": 5},
        {"a": 1, "b": 1, "c": 3, "d": 6},
        {"a": 1, "b": 2, "c": 4},
        {"a": 2},
    ]


def test_a_condition_may_name_what_is_added_after_it_and_what_an_earlier_one_gives() -> None:
    grid = Grid("n").when("b == 1", {"c": [1, 2]}).add("b", [1, 2]).when("c == 2", {"d": [3]})
    assert grid.variants() == [{"b": 1, "c": 1}, {"b": 1, "c": 2, "d": 3}, {"b": 2}]


@pytest.mark.parametrize("rule", ["c == 1", {"c": 1}])
def test_a_condition_that_could_never_hold_as_its_key_comes_later_is_refused(rule: Any) -> None:
    later = Grid("n").add("a", [1, 2]).when(rule, {"b": [1, 2]}).when("a == 1", {"c": [1, 2]})
    derived = Grid("n").add("a", [1, 2]).derive("c", "a").when(rule, {"b": [1, 2]})
    inside = Grid("n").add("a", [1, 2]).when(rule, {"c": [1, 2]})
    for grid in (later, derived, inside):
        with pytest.raises(GridError, match="'c', which is decided after it"):
            grid.variants()


def test_conditions_that_set_one_key_must_exclude_each_other() -> None:
    grid = Grid("n").add("a", [1, 2]).when("a == 1", {"b": 1}).when("a == 2", {"b": [2, 3]})
    assert grid.variants() == [{"a": 1, "b": 1}, {"a": 2, "b": 2}, {"a": 2, "b": 3}]
    with pytest.raises(GridError, match="'b' is set twice"):
        Grid("n").add("a", [1, 2]).when("a > 0", {"b": 1}).when("a == 2", {"b": 2}).variants()


def test_seeds_may_depend_on_a_condition() -> None:
    grid = Grid("n").add("a", [1, 2]).when("a == 1", {"seed": [0, 1]})
    assert grid.variants() == [{"a": 1, "seed": 0}, {"a": 1, "seed": 1}, {"a": 2}]
    assert (survey(grid.definition).runs, survey(grid.definition).settings) == (3, 2)
    assert grid.order("seeds-outer").variants() == [{"a": 1, "seed": 0}, {"a": 1, "seed": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "no parameters"),
        (Grid(), "no parameters"),
        (5, "no mapping"),
        (None, "no mapping"),
        (["b"], "no mapping"),
        ({"a": 1}, "already in the grid"),
        ({"b": 1, "b[x]": 2}, "added twice"),
        ({"b": []}, "no alternatives"),
        ({"d": 1}, "derived already"),
        ({"thunk": 1}, "reserved"),
        (Grid().add("b", 1).exclude("b == 1"), "add, zip and when only"),
        (Grid().add("b", [1, 2]).sample(1), "add, zip and when only"),
        (Grid().add("b", [1, 2]) | Grid().add("c", 1), "add, zip and when only"),
    ],
)
def test_a_wrong_block_under_a_condition_is_one_line(parameters: Any, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        Grid("n").add("a", [1, 2]).derive("d", "a").when("a == 1", parameters)
    assert "\n" not in str(caught.value)


def test_a_block_that_does_not_nest_where_it_holds_is_an_error_before_launch() -> None:
    fits = Grid("n").add("a", [{"x": 1}, 5]).when(lambda v: v["a"] != 5, {"a:b": [1, 2]})
    assert fits.variants() == [{"a": {"x": 1, "b": 1}}, {"a": {"x": 1, "b": 2}}, {"a": 5}]
    wrong = Grid("n").add("a", [{"x": 1}, 5]).when(lambda v: v["a"] == 5, {"a:b": [1, 2]})
    for read in (wrong.variants, wrong.count, lambda: survey(wrong.definition)):
        with pytest.raises(GridError, match="cannot have the sub-keys"):
            read()


def test_everything_excluded_is_an_error_before_launch() -> None:
    grid = Grid("n").add("a", [1, 2]).exclude("a > 0")
    assert grid.variants() == []
    assert len(grid) == 0
    with pytest.raises(GridError, match="no variant is left"):
        survey(grid.definition)
    with pytest.raises(IndexError):
        grid[0]


def test_several_rules_exclude_each_for_itself() -> None:
    grid = Grid("n").add("a", [1, 2, 3]).exclude("a == 1", {"a": 2})
    assert grid.variants() == [{"a": 3}]
    assert grid.exclude().variants() == [{"a": 3}]


def test_derived_values_are_seen_by_rules_and_by_later_derived_values() -> None:
    grid = Grid("n").add("a", [1, 2]).derive("b", "a * 2").derive("c:d", lambda v: v["b"] + 1).exclude("c.d == 3")
    assert grid.variants() == [{"a": 2, "b": 4, "c": {"d": 5}}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", "a * 2"), "already a parameter"),
        (("seed", "a"), "already a parameter"),
        (("b", "missing"), "no parameter"),
        (("b", "b + 1"), "no parameter"),
        (("b", 5), "neither an expression nor a function"),
        (("b", None), "neither an expression nor a function"),
        (("b", "a +"), "is not an expression"),
        ((5, "a"), "a key is text"),
        (("thunk", "a"), "reserved"),
        (("b", "a", 5), "shorthand is 5"),
        (("b", "a", "x", "yes"), "in_name is 'yes'"),
        (("b[x]", "a", "y"), "two shorthands"),
    ],
)
def test_a_wrong_derive_is_one_line(arguments: Any, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        Grid("n").add("a", [1, 2]).derive(*arguments)
    assert "\n" not in str(caught.value)


def test_a_derived_value_keeps_its_key_for_itself() -> None:
    grid = Grid("n").add("a", [1, 2]).derive("b", "a")
    for wrong in (
        lambda: grid.add("b", 1),
        lambda: grid.zip({"b": [1, 2]}),
        lambda: grid.case({"b": 1}),
        lambda: grid.ablate({"b": [1]}),
        lambda: grid.ablate({"a": [1]}, {"b": 1}),
        lambda: grid.override("b", 1),
    ):
        with pytest.raises(GridError, match="'b'"):
            wrong()


@pytest.mark.parametrize(
    "rule",
    [
        lambda v: 1 / 0,
        lambda v: (x for x in "ab"),
        lambda v: v["missing"],
        lambda v: {1: 1, "a": 2},
        "a / 0",
        "s + a",
    ],
)
def test_a_derived_value_that_cannot_be_is_one_line_before_launch(rule: Any) -> None:
    grid = Grid("n").add("a", [1, 2]).add("s", "x").derive("b", rule)
    for read in (grid.variants, lambda: survey(grid.definition)):
        with pytest.raises(GridError) as caught:
            read()
        assert "\n" not in str(caught.value)


def test_a_derived_value_that_a_part_cannot_give_names_the_mend() -> None:
    grid = (Grid("n").add("a", 1) | Grid("n").add("b", 2)).derive("c", "a + 1")
    with pytest.raises(GridError, match=r"'c' cannot be derived.*Add the parameter to every part"):
        grid.variants()


def test_derived_containers_belong_to_one_variant() -> None:
    shared: list[int] = []
    first, second = Grid("n").add("a", [1, 2]).derive("b", lambda v: shared).variants()
    first["b"].append(1)
    assert second["b"] == shared == []
