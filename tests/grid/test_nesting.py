"""From colon keys to nested dicts and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.errors import GridError
from sweep.grid.grid import Grid
from sweep.grid.nesting import check_nests, compile_unfold, lookup, nested_pairs, unfold


def test_colons_nest() -> None:
    assert unfold({"a:b:c": 1, "a:b:d": 3, "a:e": 4, "f": 5}) == {"a": {"b": {"c": 1, "d": 3}, "e": 4}, "f": 5}
    assert unfold({}) == {}


parts = st.text(st.characters(exclude_characters=":", codec=None), min_size=1, max_size=4)
flats = st.dictionaries(st.lists(parts, min_size=1, max_size=3).map(":".join), st.integers(), max_size=6)


@given(flats)
def test_every_value_is_found_again_under_its_key(flat: dict[str, int]) -> None:
    if any(nested_pairs(flat)):
        return
    nested = unfold(flat)
    assert {key: lookup(nested, key) for key in flat} == flat


@pytest.mark.parametrize("order", [("a", "a:b"), ("a:b", "a")])
def test_D9_a_dict_value_takes_sub_keys_in_either_order_and_the_users_dict_never_changes(
    order: tuple[str, ...],
) -> None:
    given_by_user = {"x": [1]}
    alternatives: dict[str, list[Any]] = {"a": [given_by_user], "a:b": [2, 3]}
    grid = Grid("n")
    for key in order:
        grid.add(key, alternatives[key])
    assert grid.variants() == [{"a": {"x": [1], "b": 2}}, {"a": {"x": [1], "b": 3}}]
    grid.variants()[0]["a"]["x"].append("changed")
    assert given_by_user == {"x": [1]}
    assert grid[1] == {"a": {"x": [1], "b": 3}}


def test_dict_values_and_sub_keys_of_several_depths_join() -> None:
    flat = {"a": {"x": 1}, "a:b": {"y": 2}, "a:b:c": 3, "a:d:e": 4}
    assert unfold(flat) == {"a": {"x": 1, "b": {"y": 2, "c": 3}, "d": {"e": 4}}}
    assert unfold({"a": {"b": {"x": 1}}, "a:b:c": 2}) == {"a": {"b": {"x": 1, "c": 2}}}


@pytest.mark.parametrize(
    ("value", "inner", "words"),
    [
        (1, "a:b", "cannot be nested"),
        (None, "a:b:c", "cannot be nested"),
        ({"b": 1}, "a:b", "already holds 'b'"),
        ({"b": 1}, "a:b:c", "cannot be nested"),
        ({"b": {"c": 1}}, "a:b:c", "already holds 'c'"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_value_and_sub_keys_that_do_not_fit_are_refused_by_add_in_either_order(
    value: Any, inner: str, words: str, swapped: bool
) -> None:
    with pytest.raises(GridError, match=words):
        check_nests("a", value, inner)
    several = [("a", [value]), (inner, [1, 2])]
    grid = Grid("n").add(*several[swapped])
    with pytest.raises(GridError, match=words):
        grid.add(*several[not swapped])
    with pytest.raises(GridError, match=words):
        Grid("n").zip({"a": [value, {}], inner: [1, 2]})
    with pytest.raises(GridError):
        unfold({"a": value, inner: 1})


def test_the_full_key_at_the_top_wins_a_lookup() -> None:
    assert lookup({"a:b": 1, "a": {"b": 2}}, "a:b") == 1
    assert lookup({"a": {"b:c": 3}}, "a:b:c") == 3
    for missing in ("b", "a:c", "a:b:c"):
        with pytest.raises(KeyError):
            lookup({"a": {"b": 2}}, missing)


def test_a_compiled_unfolding_copies_what_it_is_told_to() -> None:
    unfolded = compile_unfold([("a",), ("b", "c:d")], frozenset({"c:d"}))
    shared: list[int] = []
    one = unfolded(1, (2, shared))
    assert one == {"a": 1, "b": 2, "c": {"d": []}}
    assert one["c"]["d"] is not shared


def test_keys_are_data_never_code() -> None:
    key = "__import__('os').system('false')"
    assert unfold({key: 1, "v0": 2, "fresh": 3, "class:def": 4}) == {key: 1, "v0": 2, "fresh": 3, "class": {"def": 4}}


def test_a_thousand_parameters_unfold() -> None:
    flat = {f"k{number}:x": number for number in range(1000)}
    assert unfold(flat)["k999"] == {"x": 999}


def test_arrays_are_copied() -> None:
    array = np.zeros(2)
    unfold({"a": array})["a"][0] = 1
    assert array[0] == 0


def test_pairs_of_nested_keys_are_found() -> None:
    assert list(nested_pairs(["a", "a:b", "ab", "c:d", "c:d:e:f"])) == [("a", "a:b"), ("c:d", "c:d:e:f")]
