"""Exact forms made into values again, or a plain word on why not; nothing else is run."""

from __future__ import annotations

import collections
import datetime
import enum
import functools
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.canonical import canonical
from sweep.base.exact import inexact, kept_data, values_of


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Options:
    lr: float
    sizes: tuple[int, ...] = ()


class Own:
    def __init__(self) -> None:
        self.n = 1

    def __setstate__(self, state: Any) -> None:
        raise AssertionError("it was run")


@dataclass(slots=True)
class Slotted:
    lr: float
    sizes: tuple[int, ...] = ()


class Pair(NamedTuple):
    one: int
    other: Any


@dataclass
class Base:
    lr: float

    def step(self, by: float = 1.0) -> float:
        return self.lr * by

    @classmethod
    def make(cls) -> Base:
        return cls(1.0)


class Derived(Base):
    pass


class Word(str):
    __slots__ = ()


def again(value: Any) -> tuple[Any, dict[str, str]]:
    """Return a value after a way through a file, and why it is not to be had."""
    form = json.loads(json.dumps(canonical({"v": value})))
    values, wrong = values_of(form, kept_data({"v": value}))
    return values.get("v"), wrong


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_any_plain_value_comes_back_with_its_types(value: Any) -> None:
    found, wrong = again(value)
    assert wrong == {}
    assert canonical(found) == canonical(value)


@pytest.mark.parametrize(
    "value",
    [
        {1, 2}, frozenset({(1, "a")}), float("inf"), Path("/x"), PurePosixPath("a/b"), range(0, 6, 2),
        datetime.timedelta(seconds=3), Fraction(1, 3), Colour.RED, Options(0.1, (64, 64)), math.tanh, dict, np.tanh,
        functools.partial(math.pow, 2), functools.partial(int, base=2), np.float64(0.5), np.int32(7), b"x" * 100_000,
        [Options(1.0), {"a": Colour.RED}], Slotted(0.1, (3,)), Pair(1, (2,)), Derived.make,
        collections.OrderedDict(b=1, a=(2,)), collections.defaultdict(list, {1: [2]}),
        datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), functools.partial(math.pow, np.float32(2.0)),
        Options(np.float64(0.5)), (np.int8(1),), {np.float32(2.0)},
    ],
    ids=repr,
)  # fmt: skip
def test_what_has_a_name_or_parts_comes_back(value: Any) -> None:
    found, wrong = again(value)
    assert wrong == {}
    assert type(found) is type(value)
    if not isinstance(value, functools.partial):
        assert found == value


def test_methods_come_back_with_what_they_are_bound_to() -> None:
    several: list[tuple[Any, Any]] = [(Base(2.0).step, 3.0), ("a".join, "xy")]
    for value, argument in several:
        found, wrong = again(value)
        assert wrong == {}
        assert (type(found), found(argument)) == (type(value), value(argument))


def test_a_function_of_a_c_module_is_found_under_the_last_part_of_its_name() -> None:
    torch = pytest.importorskip("torch")
    for value in (torch.tanh, torch.device("cpu"), torch.float16, torch.nn.Tanh):
        assert again(value) == (value, {})
        assert list(inexact(canonical({"v": value}), {})) == []


def test_arrays_come_back_with_their_bytes() -> None:
    for array in (np.arange(6.0).reshape(2, 3), np.array(["a", "bc"]), np.zeros(0, dtype=">i2"), np.array(True)):
        found, wrong = again(array)
        assert wrong == {}
        assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def local() -> Any:
    return lambda x: x


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (local(), "no name leads to .*<lambda>: it is a lambda, or was made inside a function"),
        (np.zeros((1000, 1000)), r"of an array of float64, shape \(1000, 1000\), only a digest is kept"),
        (b"x" * 2**21, "of 2097152 bytes only a digest is kept"),
        (Own(), "cannot be made from its attributes alone"),
        (np.random.default_rng(0), "an object of numpy.*Generator cannot be made"),
    ],
    ids=["lambda", "large array", "long bytes", "own object", "generator"],
)
def test_what_cannot_come_back_says_why(value: Any, why: str) -> None:
    _, wrong = again(value)
    assert list(wrong) == ["v"]
    assert re.search(why, wrong["v"])


@pytest.mark.parametrize(
    "value",
    [
        1, "a", (1, [2.0, {"a": None}]), math.tanh, functools.partial(math.pow, np.float32(2.0)), Options(0.1), Own(),
        Base(1.0).step, Slotted(1.0), Pair(1, 2), Word("x"), local(), np.zeros(3), np.zeros((1000, 1000)),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), np.array([None]), np.dtype("f4"), {1: Own()},
        np.random.default_rng(0), collections.deque([1]), collections.OrderedDict(a=Own()), re.compile("a"),
        datetime.timezone(datetime.timedelta(hours=1)), ValueError("x"), [].append, {"a": Own()},
        np.random.default_rng(0).normal,
    ],
)  # fmt: skip
def test_what_a_record_says_cannot_be_made_is_what_a_relaunch_refuses(value: Any) -> None:
    listed = list(inexact(canonical({"v": value}), kept_data({"v": value})))
    _, wrong = again(value)
    assert bool(listed) is bool(wrong)
    assert {key.split(":")[0] for key, _ in listed} == {key.split(":")[0] for key in wrong}


def test_to_see_what_cannot_be_made_nothing_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math, "tanh", math.sin)
    assert "is something else now" in dict(inexact({"v": {"$callable": "math:tanh"}}, {}))["v"]
    found = dict(inexact({"v": {"$callable": "this:s"}}, {}))
    assert found == {"v": "'this:s': there is no module 'this'"}
    assert "this" not in sys.modules


def test_what_is_something_else_now_is_shown_where_it_differs() -> None:
    form = canonical({"v": functools.partial(math.pow, 2)})
    form["v"]["$object"]["state"][2]["$tuple"][3] = {}  # as it was recorded once it had been asked for
    _, wrong = values_of(form, {})
    assert wrong == {"v": "functools:partial with {} is something else now: functools:partial with None"}


def test_a_class_method_has_a_name() -> None:
    assert again(Path.cwd) == (Path.cwd, {})


def test_what_is_to_blame_is_named_by_its_keys() -> None:
    form = canonical({"a": {"b": {"f": local(), "n": 1}}, "c": [local()]})
    assert [key for key, _ in inexact(form, {})] == ["a:b:f", "c"]


@pytest.mark.parametrize(
    "form",
    [
        {"$object": {"class": "os:system", "state": [{"$callable": "os:system"}, ["true"]]}},
        {"$object": {"class": "subprocess:Popen", "state": [{"$callable": "subprocess:Popen"}, [["true"]]]}},
        {"$object": {"class": "x:Y", "state": [{"$callable": "builtins:eval"}, ["1"]]}},
        {"$callable": "no_such_module_anywhere:f"},
        {"$array": {"dtype": "float64", "shape": [1], "blake2b": "0"}},
        {"$tuple": 3},
        {"$object": {}},
        {"$unknown": 1},
    ],
)
def test_a_form_that_somebody_made_up_is_refused_and_calls_nothing(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*words: Any, **more: Any) -> Any:
        raise AssertionError("it was called")

    monkeypatch.setattr(os, "system", never)
    monkeypatch.setattr(subprocess.Popen, "__init__", never)
    values, wrong = values_of({"v": form}, {})
    assert (values, list(wrong)) == ({}, ["v"])


def test_a_name_that_leads_to_something_else_now_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    form = canonical({"v": math.tanh})
    monkeypatch.setattr(math, "tanh", math.sin)
    assert "is something else now" in values_of(form, {})[1]["v"]
