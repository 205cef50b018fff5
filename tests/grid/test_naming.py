"""Names as Spinning Up gives them, safe where it did not care."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.errors import GridError
from sweep.grid.distributions import choice
from sweep.grid.grid import Grid
from sweep.grid.naming import LENGTH_LIMIT, check_grid_name, check_run_name, finished, shown_shorthands


def names(grid: Grid) -> list[str]:
    """Return every name, and hold the three ways to get it against one another."""
    pairs = list(grid.named_variants())
    assert [variant for _, variant in pairs] == grid.variants()
    assert [grid.variant_name(variant) for _, variant in pairs] == [name for name, _ in pairs]
    return [name for name, _ in pairs]


class Thing:
    pass


VECTORS: list[tuple[Grid, list[str]]] = [
    (Grid("n").add("flag", [True, False]).add("g", [1, 2]), ["n_fla_g1", "n_fla_g2", "n_g1", "n_g2"]),
    (Grid("n").add("flag", [True, False, None]), ["n_flatrue", "n_flafalse", "n_flanone"]),
    (Grid("n").add("flag", [0, True]), ["n_fla0", "n_flatrue"]),
    (Grid("n").add("flag", False, in_name=True), ["n"]),
    (Grid("n").add("flag", True, in_name=True), ["n_fla"]),
    (Grid().add("a", [1, 2]), ["a1", "a2"]),
    (Grid("n").add("a:b:c", [1, 2]).add("a:b:d", 3).add("a:e", 4), ["n_a-b-c1", "n_a-b-c2"]),
    (Grid("n").add("env_name", "CartPole-v0", "", True), ["n_cartpole-v0"]),
    (Grid("n").add("a", [1, 2], "sh x!"), ["n_sh-x-1", "n_sh-x-2"]),
    (
        Grid("n").add("x", [11, 1], "a").add("y", [1, 2], "a1"),
        ["n_a11_a11", "n_a11_a12", "n_a1_a11", "n_a1_a12"],
    ),
    (
        Grid("n").add("lr", [1e-3, 1e-4]).add("seed", [0, 1]),
        ["n_lr0-001", "n_lr0-001", "n_lr0-0001", "n_lr0-0001"],
    ),
    (
        Grid("x").add("clip_ratio", [0.1, 0.2]).add("hid", [[32, 32], [64, 32]], "h").add("seed", [0, 10]),
        ["x_cli0-1_h32-32"] * 2 + ["x_cli0-1_h64-32"] * 2 + ["x_cli0-2_h32-32"] * 2 + ["x_cli0-2_h64-32"] * 2,
    ),
    (Grid("n").add("pi_lr", [1, 2]).add("q_lr", [3, 4]), ["n_pi1_ql3", "n_pi1_ql4", "n_pi2_ql3", "n_pi2_ql4"]),
    (Grid("n").add("a:seed", [0, 1]), ["n_a-see0", "n_a-see1"]),
    (Grid("n").add("学习率", [1, 2]), ["n_1", "n_2"]),
    (Grid("n").add("a", [(32,), (64, 64)]), ["n_a32", "n_a64-64"]),
    (Grid("n").add("act", [np.tanh, len]), ["n_acttanh", "n_actlen"]),
    (Grid("n").add("a", [-0.1, 1e-5]), ["n_a-0-1", "n_a1e-05"]),
    (Grid("_n").add("a", [1, 2]), ["n_a1", "n_a2"]),
    (Grid("n").add("flag", [np.True_, np.False_]), ["n_fla", "n"]),
    (Grid("n").add("hidden[h]", [1, 2]), ["n_h1", "n_h2"]),
    (Grid("n", default_shorthand=False).add("ac:hidden", [1, 2]), ["n_ac-hidden1", "n_ac-hidden2"]),
    (Grid("n").add("a", [1, 2], "x", labels=["One", "t w o"]), ["n_xone", "n_xt-w-o"]),
    (Grid("n").add("a", [True, False], labels=["yes", "no"]), ["n_ayes", "n_ano"]),
]


@pytest.mark.parametrize("place", range(len(VECTORS)))
def test_names_are_those_of_spinning_up(place: int) -> None:
    grid, expected = VECTORS[place]
    assert names(grid) == expected


def test_nested_variants_and_flat_ones_have_one_name() -> None:
    grid = Grid("n").add("a:b", [1, 2]).add("seed", [0, 1])
    assert grid.variant_name({"a": {"b": 2}, "seed": 5}) == "n_a-b2"
    assert grid.variant_name({"a:b": 2}) == "n_a-b2"
    assert grid.variant_name({"other": 2}) == "n"
    for wrong in (5, None, "a", [("a", 1)]):
        with pytest.raises(GridError, match="is no variant"):
            grid.variant_name(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_dict_value_with_sub_keys_has_the_same_name_nested_and_flat(swapped: bool) -> None:
    several: list[tuple[str, list[Any]]] = [("a", [{"x": 1}, {"x": 2}]), ("a:b", [1, 2])]
    grid = Grid("n").add(*several[swapped]).add(*several[not swapped])
    assert len(set(names(grid))) == 4


def test_a_name_follows_what_was_added_last() -> None:
    grid = Grid("n").add("a", [1, 2])
    assert grid.variant_name({"a": 1, "b": 2}) == "n_a1"
    grid.add("b", [1, 2]).name("m")
    assert grid.variant_name({"a": 1, "b": 2}) == "m_a1_b2"


def test_derived_values_stand_in_names_only_if_asked_for() -> None:
    grid = Grid("n").add("a", [1, 2]).derive("b", "a * 2")
    assert names(grid) == ["n_a1", "n_a2"]
    assert names(Grid("n").add("a", [1, 2]).derive("b", "a * 2", in_name=True)) == ["n_a1_b2", "n_a2_b4"]
    assert names(Grid("n").add("a", [1, 2]).derive("bbb[x]", "a * 2", in_name=True)) == ["n_a1_x2", "n_a2_x4"]
    assert names(Grid("n").add("a", [1, 2]).derive("b", "a * 2", "", True)) == ["n_a1_2", "n_a2_4"]


def test_what_only_some_parts_have_stands_in_names_and_what_all_have_does_not() -> None:
    one = Grid("n").add("algo", "ppo").add("clip", 0.1).add("env", "x")
    other = Grid("n").add("algo", "sac").add("env", "x")
    assert names(one | other) == ["n_algppo_cli0-1", "n_algsac"]
    cases = Grid("n").add("env", "x").case({"lr": 1, "mode": "a"}, {"lr": 2, "mode": "a"})
    assert names(cases) == ["n", "n_lr1_moda", "n_lr2_moda"]
    only = Grid("n").add("seed", [0, 1]).case({"lr": 1, "mode": "a"}, {"lr": 2, "mode": "a"})
    assert names(only) == ["n_lr1", "n_lr1", "n_lr2", "n_lr2"]


def test_a_drawn_parameter_always_stands_in_names() -> None:
    assert names(Grid("n").add("a", choice([True])).sample(1)) == ["n_atrue"]


def test_D13_names_have_at_most_200_bytes_and_stay_apart() -> None:
    grid = Grid("é" * 50).add("a", ["x" * 300, "x" * 300 + "y", "x"])
    several = names(grid)
    assert len(set(several)) == 3
    assert all(len(name.encode()) <= LENGTH_LIMIT for name in several)
    assert re.fullmatch(r".*-[0-9a-f]{16}", several[0])


@given(st.text(max_size=300), st.text(max_size=300))
def test_finished_names_are_short_and_differ_where_the_whole_ones_do(one: str, other: str) -> None:
    assert len(finished(one).encode()) <= LENGTH_LIMIT
    assert (finished(one) == finished(other)) == (one.lstrip("_") == other.lstrip("_"))


def test_D13_names_never_hold_an_address() -> None:
    grid = Grid("n").add("a", [Thing(), functools.partial(Thing), [Thing()], {"x": Thing()}])
    assert all("0x" not in name and re.fullmatch("[a-z0-9_-]+", name) for name in names(grid))


@pytest.mark.parametrize(
    "name",
    [
        *("../up", "/abs", "a/b", "a\\b", "..", ".", ".hidden", "-rf", "a.", " a", "a ", "a\nb", "a\x00b", "a:b", "a*"),
        *("a?", 'a"b', "a<b", "a|b", "\ud800", "a\u202eb", "a\u2028b"),
        *(None, 5, b"n", ["n"], True),
    ],
)
def test_D13_a_grid_name_that_cannot_name_a_directory_is_refused(name: Any) -> None:
    with pytest.raises(GridError, match="grid's name") as caught:
        Grid(name)
    assert "\n" not in str(caught.value)
    with pytest.raises(GridError):
        Grid("n").name(name)
    with pytest.raises(GridError, match="exp_name"):
        check_run_name(name)


def test_other_names_are_kept_as_they_are() -> None:
    for name in ("", "ppo", "PPO 2", "a.b", "größe", "实验", "n_1", "_", "x" * 100):
        assert check_grid_name(name) == name
    assert check_grid_name("e\u0301") == check_run_name("e\u0301") == "é"
    with pytest.raises(GridError, match="empty"):
        check_run_name("")


def test_D13_a_long_grid_name_is_cut_in_the_names_of_its_variants() -> None:
    for name in ("x" * 101, "é" * 200):
        several = names(Grid(name).add("a", [1, 2]))
        assert len(set(several)) == 2
        assert all(one.startswith(name[:50]) and len(one.encode()) <= LENGTH_LIMIT for one in several)
    assert Grid("x" * 300).definition.name == "x" * 300


def test_D13_a_long_run_name_is_cut_with_a_hash_like_any_other() -> None:
    one, other = check_run_name("x" * 201), check_run_name("x" * 202)
    assert re.fullmatch(r"x{183}-[0-9a-f]{16}", one)
    assert one != other
    assert check_run_name("x" * 200) == "x" * 200
    assert check_run_name("_x") == "_x"


@pytest.mark.parametrize("name", ["con", "NUL", "aux.txt", "com1", "lpt9.a.b"])
def test_a_run_is_not_called_as_a_device_of_windows_is(name: str) -> None:
    with pytest.raises(GridError, match=f"exp_name '{name}' is the name of a Windows device"):
        check_run_name(name)
    assert check_run_name(name + "x.y" if "." not in name else "x" + name)


def test_the_report_shows_every_shorthand() -> None:
    grid = Grid("n").add("abcdef", [1, 2]).add("abcxyz", [1, 2]).add("fixed_one", 5).add("e", 1, "")
    assert shown_shorthands(grid.definition, ["abcdef", "abcxyz", "fixed_one", "e"]) == {
        "abcdef": "abcd",
        "abcxyz": "abcx",
        "fixed_one": "fix",
        "e": "",
    }
    full = Grid("n", default_shorthand=False).add("abcdef", [1, 2])
    assert shown_shorthands(full.definition, ["abcdef"]) == {"abcdef": None}
