"""The plain product: order, length, and one point without the others."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import GridError
from sweep.grid.grid import Grid
from sweep.grid.survey import survey


def large() -> Grid:
    grid = Grid("n")
    for letter in "abcde":
        grid.add(letter, range(1000))
    return grid


def test_the_first_added_varies_slowest() -> None:
    grid = Grid("n").add("a", [1, 2]).add("b", [3, 4]).add("seed", [0, 1])
    assert grid.variants() == [
        {"a": a, "b": b, "seed": seed} for a, b, seed in itertools.product([1, 2], [3, 4], [0, 1])
    ]
    assert list(grid.variants()[0]) == ["a", "b", "seed"]


def test_a_grid_of_nothing_is_one_variant() -> None:
    assert Grid("n").variants() == [{}]
    assert len(Grid("n")) == 1
    assert bool(Grid())


def test_D16_a_product_of_a_million_billions_is_counted_and_read_at_any_place_at_once() -> None:
    grid = large()
    assert len(grid) == 10**15
    assert grid[-1] == dict.fromkeys("abcde", 999)
    assert grid[1_002_003] == {"a": 0, "b": 0, "c": 1, "d": 2, "e": 3}
    assert next(grid.iter_variants()) == dict.fromkeys("abcde", 0)
    assert next(grid.named_variants())[0] == "n_a0_b0_c0_d0_e0"
    assert survey(grid.definition).runs == 10**15
    assert survey(grid.definition).runs == 10**15


def test_a_grid_too_long_for_len_says_so_and_is_counted_all_the_same() -> None:
    grid = large().add("f", range(1000)).add("g", range(1000))
    assert grid.count() == 10**21 > sys.maxsize
    with pytest.raises(GridError, match=r"use count\(\)"):
        len(grid)
    assert grid[10**21 - 1]["g"] == 999


def test_an_index_works_as_in_a_list() -> None:
    grid = Grid("n").add("a", [1, 2, 3])
    assert [grid[place] for place in range(-3, 3)] == [grid.variants()[place] for place in range(-3, 3)]
    assert grid[np.int64(1)] == {"a": 2}  # type: ignore[index]
    for place in (3, -4, 10**30):
        with pytest.raises(IndexError, match="grid that has 3"):
            grid[place]
    for wrong in ("a", 1.0, None):
        with pytest.raises(TypeError):
            grid[wrong]  # type: ignore[index]


def test_zipped_parameters_move_together() -> None:
    grid = Grid("n").zip({"a": [1, 2], "b:c": ["x", "y"]}).add("d", [0, 1])
    assert grid.variants() == [
        {"a": 1, "b": {"c": "x"}, "d": 0},
        {"a": 1, "b": {"c": "x"}, "d": 1},
        {"a": 2, "b": {"c": "y"}, "d": 0},
        {"a": 2, "b": {"c": "y"}, "d": 1},
    ]
    assert len(grid) == 4
    assert [name for name, _ in grid.named_variants()] == [
        "n_a1_b-cx_d0",
        "n_a1_b-cx_d1",
        "n_a2_b-cy_d0",
        "n_a2_b-cy_d1",
    ]


def test_a_zipped_column_may_repeat_a_value_but_a_row_may_not() -> None:
    assert len(Grid("n").zip({"a": [1, 1, 2], "b": [1, 2, 2]})) == 3
    with pytest.raises(GridError, match=r"the row.*twice"):
        Grid("n").zip({"a": [1, 1], "b": [2, 2]})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (({},), "lists of one length"),
        (({"a": [1, 2], "b": [1]},), "lists of one length"),
        (({"a": [1, 2], "b": 1},), "lists of one length"),
        (([1, 2],), "no mapping"),
        ((None,), "no mapping"),
        (({"a": [1, 2]}, {"b": "x"}), "not one of a"),
        (({"a": [1, 2]}, "x"), "no mapping"),
        (({"a": [1, 2]}, {"a": 5}), "shorthand is 5"),
        (({"a": [1, 2]}, None, 1), "in_name is 1"),
        (({"a": [1, 2], "a[x]": [1, 2]},), "added twice"),
        (({5: [1, 2]},), "a key is text"),
        (({"a": []},), "no alternatives"),
        (({"a[x]": [1, 2]}, {"a[x]": "y"}), "two shorthands"),
    ],
)
def test_a_wrong_zip_is_one_line(arguments: Any, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        Grid("n").zip(*arguments)
    assert "\n" not in str(caught.value)


def test_D15_a_key_is_added_once() -> None:
    grid = Grid("n").add("a", [1, 2]).zip({"b": [1, 2], "c": [1, 2]}).when("a == 1", {"d": 1})
    for key in ("a", "b", "d", "a[x]"):
        with pytest.raises(GridError, match="added"):
            grid.add(key, [3, 4])
    assert len(grid) == 4


def test_D9_variants_share_no_list_dict_or_array_with_each_other_or_with_the_user() -> None:
    sizes, network, array = [64, 64], {"layers": [1, 2]}, np.zeros(3)
    grid = Grid("n").add("sizes", [sizes, [1]]).add("net", network).add("array", array.reshape(1, 3)).add("b", [1, 2])
    first, *rest = grid.variants()
    first["sizes"].append("changed")
    first["net"]["layers"].append("changed")
    first["array"][0, 0] = 9
    for other in (*rest, grid[0], next(iter(grid)), next(grid.named_variants())[1]):
        assert "changed" not in [*other["sizes"], *other["net"]["layers"]]
        assert other["array"][0, 0] == 0
    assert (sizes, network, array.sum()) == ([64, 64], {"layers": [1, 2]}, 0)


def test_seeds_outer_runs_every_setting_with_the_first_seed_first() -> None:
    grid = Grid("n").add("a", [1, 2]).add("seed", [0, 1]).order("seeds-outer")
    assert [(v["a"], v["seed"]) for v in grid.variants()] == [(1, 0), (2, 0), (1, 1), (2, 1)]
    assert grid[1] == {"seed": 0, "a": 2}


def test_a_shuffle_depends_on_its_seed_alone() -> None:
    def shuffled(seed: int) -> list[Any]:
        return Grid("n").add("a", range(20)).order("shuffle", seed).variants()

    assert shuffled(0) == shuffled(0) != shuffled(1)
    assert sorted(v["a"] for v in shuffled(0)) == list(range(20))


def test_a_shuffled_grid_of_a_million_billions_starts_at_once() -> None:
    grid = large().order("shuffle")
    assert len({tuple(v.values()) for v in itertools.islice(grid, 100)}) == 100
    assert len(grid) == 10**15


@pytest.mark.parametrize("arguments", [("random",), (None,), (5,), ("shuffle", "x"), ("shuffle", None)])
def test_a_wrong_order_is_one_line(arguments: Any) -> None:
    with pytest.raises(GridError):
        Grid("n").order(*arguments)


def test_a_million_plain_variants_stream_and_are_surveyed() -> None:
    grid = Grid("n").add("a", range(100)).add("b", range(100)).add("c", range(100))
    assert survey(grid.definition).longest == "n_a10_b10_c10"
    assert sum(1 for _ in itertools.islice(grid.named_variants(), 10_000)) == 10_000


def test_a_parameter_of_very_many_values_is_surveyed_to_its_end() -> None:
    grid = Grid("n").add("a", range(100_000)).add("b", [1, 2]).add("seed", range(100_000))
    assert survey(grid.definition).settings == 200_000
