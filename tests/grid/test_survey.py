"""Names are proven to be different before anything starts."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sweep.base.errors import GridError, NameClash
from sweep.grid.grid import Grid
from sweep.grid.survey import Survey, check_named, survey


def surveyed(grid: Grid) -> Survey:
    return survey(grid.definition)


CLASHES: list[Grid] = [
    Grid("n").add("act", ["relu", "ReLU"]),
    Grid("n").add("env", ["a b", "a/b", "a.b"]),
    Grid("n").add("a", ["0.1", 0.1]),
    Grid("n").add("a", [1.0, "1-0"]),
    Grid("n").add("a", [((1, 2), (3,)), ((1,), (2, 3))]),
    Grid("n").add("a", [lambda x: x, lambda x: -x]),
    Grid("n").add("a", ["Ä", "Ö"]),
    Grid("n").add("a", [None, "none"]),
    Grid("n").add("a", [True, 1, "true"]),
    Grid("n").add("a", [True, False], "u").add("b", [True, False], "u"),
    Grid("n").add("a", ["x", "x_b1"]).add("b", [True, False], "b1"),
    Grid().add("a", ["_x", "x"], ""),
    Grid("n").add("a", [1, 2]) | Grid("n").add("a", ["1"]),
]


@pytest.mark.parametrize("place", range(len(CLASHES)))
def test_D10_two_settings_of_one_name_are_an_error_that_names_both_and_the_mend(place: int) -> None:
    grid = CLASHES[place]
    with pytest.raises(NameClash, match="two variants would both be called") as caught:
        surveyed(grid)
    message = str(caught.value)
    assert "\n" not in message
    assert "they differ in" in message
    assert "add(" in message
    name = message.split("'")[1]
    assert sum(other == name for other, _ in grid.named_variants()) > 1


def test_D10_the_mend_of_a_clash_works() -> None:
    assert surveyed(Grid("n").add("act", ["relu", "ReLU"], labels=["relu", "own"])).settings == 2
    assert surveyed(Grid("n").add("a", [True, False], "u").add("b", [True, False], "w")).settings == 4


def test_D11_flags_whose_shorthands_would_clash_do_not() -> None:
    assert surveyed(Grid("n").add("update_after", [True, False]).add("update_every", [True, False])).settings == 4


def test_the_clash_names_the_keys_that_differ_and_no_other() -> None:
    grid = Grid("n").add("lr", [1, 2]).add("act", ["relu", "ReLU"]).add("seed", [0, 1])
    with pytest.raises(NameClash, match=r"\{'act': 'relu'\} and \{'act': 'ReLU'\} \(they differ in 'act'\)") as caught:
        surveyed(grid)
    assert "labels=" in str(caught.value)


def test_a_grid_is_counted_and_its_names_are_shown() -> None:
    grid = Grid("n").add("a", [1, 22, 3]).add("b", [True, False]).add("seed", [0, 1])
    assert surveyed(grid) == Survey(12, 6, "n_a1_b", "n_a3", "n_a22_b")
    assert surveyed(grid.exclude("a == 3")) == Survey(8, 4, "n_a1_b", "n_a22", "n_a22_b")


@pytest.mark.parametrize("rule", [None, "a > 99"])
def test_zipped_seeds_count_settings_as_they_are(rule: Any) -> None:
    several = [
        (Grid("n").zip({"seed": [0, 1], "a": [1, 2]}), 2, 2),
        (Grid("n").zip({"seed": [0, 1, 2], "a": [1, 1, 2]}), 3, 2),
        (Grid("n").zip({"seed": [0, 0], "a": [1, 2]}), 2, 2),
        (Grid("n").zip({"seed": [0, 1], "a": [1, 1]}).add("b", [1, 2]), 4, 2),
    ]
    for grid, runs, settings in several:
        found = surveyed(grid.exclude(rule) if rule else grid)
        assert (found.runs, found.settings) == (runs, settings)
        pairs = [(name, variant["seed"]) for name, variant in grid.named_variants()]
        assert len(set(pairs)) == runs


def test_zipped_seeds_do_not_hide_a_clash() -> None:
    with pytest.raises(NameClash, match="'a'"):
        surveyed(Grid("n").zip({"seed": [0, 1], "a": ["x", "X"]}))


def test_a_derived_value_that_follows_the_seed_makes_no_new_setting() -> None:
    grid = Grid("n").add("a", [1, 2]).add("seed", [0, 1])
    for rule in ("seed + 1000", lambda v: v["seed"] + 1000):
        for in_name in (False, True):
            derived = Grid("n").add("a", [1, 2]).add("seed", [0, 1]).derive("eval_seed", rule, in_name=in_name)
            assert surveyed(derived).settings == surveyed(grid).settings == 2
    chained = grid.derive("b", "seed * 2").derive("c", "b + 1")
    assert surveyed(chained).settings == 2


def test_parts_that_differ_in_derived_values_alone_are_told_apart() -> None:
    def part(factor: int, **shown: Any) -> Grid:
        return Grid("n").add("a", [1, 2]).derive("b", f"a * {factor}", **shown)

    with pytest.raises(NameClash, match=r"derive\('b', ..., in_name=True\)"):
        surveyed(part(2) | part(3))
    assert surveyed(part(2, in_name=True) | part(3, in_name=True)).settings == 4
    function = [
        Grid("n").add("a", 1).derive("b", lambda v, f=f: f, in_name=shown) for f, shown in ((2, 0 > 1), (3, 0 > 1))
    ]
    with pytest.raises(NameClash, match="derive"):
        surveyed(function[0] | function[1])


def test_variants_that_differ_in_runtime_only_keys_alone_are_one_run_so_an_error() -> None:
    def part(workers: int) -> Grid:
        return Grid("n").add("a", [1, 2]).add("workers", workers, runtime_only=True)

    for grid in (part(1) | part(2), part(1).case({"workers": 2})):
        with pytest.raises(GridError, match="runtime-only keys alone"):
            surveyed(grid)
    assert surveyed(part(1)).settings == 2


@pytest.mark.parametrize("rule", [None, "a == 'none such'"])
def test_a_grid_of_which_some_variant_has_no_name_is_refused_for_a_launch(rule: Any) -> None:
    nameless = [
        Grid().add("a", 1),
        Grid("_").add("a", 1),
        Grid().add("a", ["x", "", "y"], ""),
        Grid().add("a", [True, False]),
        Grid().add("a", ["x", "_", "y"], "").add("b", [False, True]),
    ]
    for grid in nameless:
        found = surveyed(grid.exclude(rule) if rule else grid)
        assert "" in [name for name, _ in grid.named_variants()]
        with pytest.raises(GridError, match="has no name"):
            check_named(found)
    check_named(surveyed(Grid().add("a", [1, 2])))


@pytest.mark.parametrize("rule", [None, "a == 'none such'"])
@pytest.mark.parametrize(
    ("grid", "name"),
    [
        (Grid().add("a", [1, -1], ""), "-1"),
        (Grid().add("b", [False, True]).add("a", [1, -1], ""), "-1"),
        (Grid().add("a", ["x", "con"], "").add("b", [False, True]), "con"),
        (Grid().add("a", ["x", "y"], "").add("com1", [False, True], "com1").case({"a": "aux"}), "aux"),
        (Grid("con").add("a", 1), "con"),
        (Grid("Con.x").add("a", [1, 2]), "Con.x_a1"),
        (Grid("_-x").add("a", [1, 2]), "-x_a1"),
    ],
)
def test_a_name_that_no_directory_should_have_is_refused_for_a_launch(grid: Grid, name: str, rule: Any) -> None:
    found = surveyed(copy.copy(grid).exclude(rule) if rule else grid)
    assert name in [one for one, _ in grid.named_variants()]
    with pytest.raises(GridError, match=f"called {name!r}, which .*ive the grid a name") as caught:
        check_named(found)
    assert "\n" not in str(caught.value)


def test_names_that_only_resemble_those_are_fine() -> None:
    for grid in (
        Grid("n").add("a", [1, -1], ""),
        Grid("con").add("a", [1, 2]),
        Grid().add("a", ["con", "nul"], "").add("b", [1, 2]),
        Grid().add("a", ["x", "y"], "").add("b", [1, -1], ""),
        Grid().add("a", ["conx", "com"], ""),
    ):
        check_named(surveyed(grid))


def test_a_conditional_grid_of_a_hundred_thousand_points_is_surveyed_to_its_end() -> None:
    grid = (
        Grid("n")
        .add("algo", ["a", "b"])
        .add("lr", [10.0**-k for k in range(10)])
        .add("x", range(100))
        .when("algo == 'b'", {"y": range(99)})
        .derive("z", "lr * x")
        .add("seed", range(1))
    )
    assert surveyed(grid).runs == 100_000
