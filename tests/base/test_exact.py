"""Exact forms made into values again, or a plain word on why not; nothing else is run."""

from __future__ import annotations

import datetime
import enum
import functools
import json
import math
import os
import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.canonical import canonical
from sweep.base.exact import form_text, inexact, kept_data, values_of


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
        [Options(1.0), {"a": Colour.RED}],
    ],
    ids=repr,
)  # fmt: skip
def test_what_has_a_name_or_parts_comes_back(value: Any) -> None:
    found, wrong = again(value)
    assert wrong == {}
    assert type(found) is type(value)
    if not isinstance(value, functools.partial):
        assert found == value


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((64, 64), "(64, 64)"), ((1,), "(1,)"), (0.1, "0.1"), ("a", "'a'"), (math.tanh, "math:tanh"),
        ({"a": [1]}, "{'a': [1]}"),
    ],
)  # fmt: skip
def test_forms_are_shown_as_people_write_them(value: Any, text: str) -> None:
    assert form_text(canonical(value)) == text
