"""Every mistake in one `add` is found by that `add`."""

from __future__ import annotations

import datetime
import enum
import functools
import itertools
import operator
import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import GridError
from sweep.grid.distributions import choice, loguniform, uniform
from sweep.grid.grid import Grid
from sweep.grid.parameter import RESERVED, fixed, parameter, split_shorthand


def values(vals: Any, key: str = "a") -> list[Any]:
    return list(parameter(key, vals).values)


class Refuses:
    def __reduce__(self) -> Any:
        raise RuntimeError("not me")


class Unprintable(Refuses):
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class ArrayLike:
    def __eq__(self, other: object) -> Any:
        return np.array([True, False])

    __hash__ = None  # type: ignore[assignment]


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Config:
    lr: float = 0.1


def holding_itself() -> tuple[list[Any], dict[str, Any]]:
    single: list[Any] = []
    single.append(single)
    mapping: dict[str, Any] = {}
    mapping["self"] = mapping
    return single, mapping


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("vals", "alternatives"),
    [
        ([1, 2], [1, 2]),
        (range(3), [0, 1, 2]),
        ((x * x for x in range(3)), [0, 1, 4]),
        (map(int, "12"), [1, 2]),
        (np.array([1, 2]), [1, 2]),
        (np.linspace(0, 1, 3), [0.0, 0.5, 1.0]),
        ((1, 2), [(1, 2)]),
        ("ab", ["ab"]),
        ({"x": 1}, [{"x": 1}]),
        (None, [None]),
        ({1, 2}, [{1, 2}]),
        ([[64, 64]], [[64, 64]]),
        (fixed([64, 64]), [[64, 64]]),
        ([fixed([64]), fixed([32, 32])], [[64], [32, 32]]),
        (fixed(range(2)), [range(2)]),
        ([Colour.RED, Colour.BLUE], [Colour.RED, Colour.BLUE]),
        ([Path("a"), Path("b")], [Path("a"), Path("b")]),
        (datetime.date(2020, 1, 1), [datetime.date(2020, 1, 1)]),
        ([np.tanh, np.sin], [np.tanh, np.sin]),
        ([np.float32, np.float64], [np.float32, np.float64]),
        ([Config(1), Config(2)], [Config(1), Config(2)]),
    ],
)
def test_D14_lists_ranges_generators_and_arrays_are_alternatives_and_all_else_is_one_value(
    vals: Any, alternatives: list[Any]
) -> None:
    assert values(vals) == alternatives


def test_an_array_of_more_dimensions_and_a_fixed_one_are_one_value() -> None:
    assert [value.shape for value in values(np.zeros((2, 3)))] == [(2, 3)]
    assert [value.shape for value in values(fixed(np.zeros(3)))] == [(3,)]
    assert [value.shape for value in values(np.array(1.5))] == [()]


def test_functions_partials_methods_and_objects_are_values() -> None:
    several = [len, functools.partial(len), functools.partial(len, ""), "a".join, ArrayLike(), lambda: 1, lambda: 2]
    assert len(values(several)) == len(several)


@pytest.mark.parametrize(
    "vals",
    [
        [np.float64(0.1), np.float64(0.2)],
        [np.bool_(True), np.bool_(False)],
        [np.int64(1), np.int64(2)],
        [np.str_("a"), np.str_("b")],
        [(np.int64(1), [np.float64(2)]), {"a": np.bool_(True)}],
    ],
)
def test_numpys_own_scalars_are_the_python_values_that_one_would_have_typed(vals: list[Any]) -> None:
    kinds = {type(value) for value in values(vals)}
    assert kinds <= {float, bool, int, str, tuple, dict}
    assert "np." not in repr(values(vals))


def test_scalars_of_other_precision_stay_what_they_are() -> None:
    assert [type(value) for value in values([np.float32(0.1), np.uint8(1)])] == [np.float32, np.uint8]


@pytest.mark.parametrize(
    "key", ["a", "a:b:c", "a b", "a.b", "größe", "学习率", "_a", "A-1", "seed", "a:seed", "env_name", "🙂", "lambda"]
)
def test_keys_may_be_any_printable_text(key: str) -> None:
    assert parameter(key, 1).key == key


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (5, "is a int; a key is text"),
        (None, "is a NoneType"),
        (b"a", "is a bytes"),
        ("", "empty part"),
        (":", "empty part"),
        ("a::b", "empty part"),
        ("a:", "empty part"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("\ud800", "control character"),
        ("a[b", "bracket"),
        ("a]b[", "bracket"),
        ("a[b]c", "bracket"),
        ("a" * 201, "too long"),
        (":".join("a" * 30), "too long"),
        *((name, "is reserved") for name in RESERVED),
        ("logger_kwargs:output_dir", "is reserved: logger_kwargs is set by run"),
    ],
)
def test_D15_a_wrong_or_reserved_key_is_one_line(key: Any, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        Grid().add(key, [1, 2])
    assert "\n" not in str(caught.value)


WRONG: list[tuple[Any, str]] = [
    ([], "has no alternatives"),
    (np.array([]), "has no alternatives"),
    (range(0), "has no alternatives"),
    (iter(()), "has no alternatives"),
    ([1, 1], "lists 1 twice.*fixed"),
    ([32, 32], "lists 32 twice"),
    ([{"a": 1}, {"a": 1}], "twice"),
    ([np.zeros(2), np.zeros(2)], "twice"),
    ([float("nan"), float("nan")], "twice"),
    ([ArrayLike(), ArrayLike()], "twice"),
    ([np.float64(1), 1.0], "twice"),
    (Refuses(), "cannot be saved.*not me"),
    (Unprintable(), "cannot be saved"),
    ([1, Unprintable()], "cannot be saved"),
    (threading.Lock(), "cannot be saved"),
    (sys, "cannot be saved"),
    ([(x for x in "a")], "cannot be saved"),
    (10**5000, "cannot be saved"),
    (holding_itself()[0], "cannot be saved"),
    (holding_itself()[1], "cannot be saved"),
    (fixed(deep(80)), "cannot be saved.*deeper"),
    (fixed(deep(5000)), "cannot be saved"),
    ({1: "a", "b": 2}, "keys of mixed types"),
    ([{"x": {1: "a", "b": 2}}], "keys of mixed types"),
    ([({1: "a", None: 2},)], "keys of mixed types"),
    ([uniform(0, 1)], "stands alone"),
    ([(uniform(0, 1), 2)], "stands alone"),
    ([{"a": fixed([1])}], "stands alone"),
    (fixed(fixed(1)), "stands alone"),
    (itertools.count(), "has no end"),
    (range(10**12), "more than 1,000,000 alternatives"),
    (choice([sys]), "cannot be saved"),
    (choice([{1: 1, "a": 2}]), "keys of mixed types"),
]


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_D15_wrong_alternatives_are_one_line_that_names_the_key(place: int) -> None:
    vals, words = WRONG[place]
    with pytest.raises(GridError, match=words) as caught:
        Grid().add("some_key", vals)
    assert "\n" not in str(caught.value)
    assert "'some_key'" in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("vals", [True, 1.0, "0", None, [0, "1"], [np.True_], [(1,)], [0.5], uniform(0, 1, n=2)])
def test_a_seed_is_a_whole_number(vals: Any) -> None:
    with pytest.raises(GridError, match="a seed is"):
        Grid().add("seed", vals)


def test_seeds_may_be_numpys_and_negative_but_not_repeated() -> None:
    assert values(np.arange(3), "seed") == [0, 1, 2]
    assert values([np.int64(3), np.uint8(4), -5], "seed") == [3, 4, -5]
    with pytest.raises(GridError, match="lists 0 twice"):
        Grid().add("seed", [0, 0])
    with pytest.raises(GridError, match="lists 0 twice"):
        Grid().add("seed", [0, np.int64(0)])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shorthand": 5}, "shorthand is 5"),
        ({"shorthand": ["a"]}, "shorthand is"),
        ({"in_name": "yes"}, "in_name is 'yes'"),
        ({"in_name": 1}, "in_name is 1"),
        ({"runtime_only": "yes"}, "runtime_only is 'yes'"),
        ({"runtime_only": True}, "must have one value, not 2"),
        ({"labels": "ab"}, "labels is 'ab'"),
        ({"labels": 5}, "labels is 5"),
        ({"labels": [1, 2]}, "labels is"),
        ({"labels": ["a"]}, "2 values but 1 labels"),
        ({"labels": ["A", "a"]}, "not all different"),
        ({"labels": ["a b", "a.b"]}, "not all different"),
        ({"labels": (x for x in "ab")}, "labels is"),
    ],
)
def test_a_wrong_option_is_one_line_that_names_the_key(options: dict[str, Any], words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        Grid().add("some_key", [1, 2], **options)
    assert "'some_key'" in str(caught.value)


def test_a_seed_always_counts() -> None:
    with pytest.raises(GridError, match="runtime-only"):
        Grid().add("seed", 1, runtime_only=True)


def test_brackets_behind_a_key_are_its_shorthand() -> None:
    assert split_shorthand("a:b[h]") == ("a:b", "h")
    assert split_shorthand("a[]") == ("a", "")
    assert split_shorthand("a") == ("a", None)
    assert Grid("n").add("a[x]", [1, 2]).definition.block.parameters[0].shorthand == "x"
    with pytest.raises(GridError, match="two shorthands"):
        Grid().add("a[x]", 1, "y")


def test_what_is_added_is_the_grids_own_copy() -> None:
    sizes, network = [[1], [2]], {"layers": [3], "array": np.zeros(2)}
    grid = Grid("n").add("sizes", sizes).add("network", network)
    sizes[0].append(9)
    network["layers"].append(9)  # type: ignore[union-attr]
    network["array"][0] = 9
    first = grid[0]
    assert first["sizes"] == [1]
    assert first["network"]["layers"] == [3]
    assert first["network"]["array"][0] == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: uniform(1, 0), "the lower one first"),
        (lambda: uniform(1, 1), "the lower one first"),
        (lambda: uniform("0", 1), "two finite numbers"),  # type: ignore[arg-type]
        (lambda: uniform(0, float("inf")), "two finite numbers"),
        (lambda: uniform(float("nan"), 1), "two finite numbers"),
        (lambda: uniform(0, 10**400), "two finite numbers"),
        (lambda: uniform(False, True), "two finite numbers"),
        (lambda: uniform(None, 1), "two finite numbers"),  # type: ignore[arg-type]
        (lambda: loguniform(0, 1), "above 0"),
        (lambda: loguniform(-1, 1), "above 0"),
        (lambda: uniform(0, 1, n=0), "n=0 is not"),
        (lambda: uniform(0, 1, n=1.5), "n=1.5 is not"),  # type: ignore[arg-type]
        (lambda: uniform(0, 1, n=True), "n=True is not"),
        (lambda: uniform(0, 1, n=10**9), "is not a number of draws"),
        (lambda: uniform(0, 1, seed="x"), "seed='x'"),  # type: ignore[arg-type]
        (lambda: choice([]), "at least one"),
        (lambda: choice("abc"), "needs a list"),
        (lambda: choice(5), "needs a list"),  # type: ignore[arg-type]
        (lambda: choice({"a": 1}), "needs a list"),  # type: ignore[arg-type]
        (lambda: parameter("a", choice([1, 2], n=3)), "fewer than n=3"),
    ],
)
def test_a_wrong_distribution_is_one_line(make: Any, words: str) -> None:
    with pytest.raises(GridError, match=words):
        make()


@pytest.mark.parametrize(
    "bounds", [(0, 1), (-1e308, 1e308), (0.1234567, 0.1234568), (1e-300, 1e-299), (1, 1.0000000000000002), (5e-324, 1)]
)
@pytest.mark.parametrize("u", [0.0, 0.3, 0.5, 0.9999999999999999])
def test_draws_lie_within_their_bounds_after_rounding(bounds: tuple[float, float], u: float) -> None:
    low, high = bounds
    assert low <= uniform(low, high).value(u) < high
    if low > 0:
        assert low <= loguniform(low, high).value(u) < high


def test_draws_are_short_numbers_of_their_own_stream() -> None:
    drawn = values(loguniform(1e-5, 1e-1, n=5, seed=1), "lr")
    assert len(set(drawn)) == 5
    assert all(len(f"{value:.6g}") <= 12 and float(f"{value:.6g}") == value for value in drawn)
    assert values(loguniform(1e-5, 1e-1, n=3, seed=1), "lr") == drawn[:3]
    assert values(loguniform(1e-5, 1e-1, n=5, seed=2), "lr") != drawn
    assert values(loguniform(1e-5, 1e-1, n=5, seed=1), "other") != drawn
    assert sorted(map(operator.itemgetter(0), values(choice([[1], [2], [3]], n=3)))) == [1, 2, 3]


def test_an_ordered_dict_is_one_value() -> None:
    assert values(OrderedDict(a=1)) == [OrderedDict(a=1)]
