"""How a value is written in a name, and copied."""

from __future__ import annotations

import functools
import re
from collections import OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid.values import clean, fresh, is_array, is_mutable, plain


class C:
    pass


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (1e-4, "0-0001"),
        (1e-5, "1e-05"),
        (1.0, "1-0"),
        (1, "1"),
        (-0.1, "-0-1"),
        (None, "none"),
        (True, "true"),
        ((32,), "32"),
        ([64, 64], "64-64"),
        (((1, 2), (3,)), "1-2-3"),
        ("HalfCheetah-v2", "halfcheetah-v2"),
        (lambda: 1, "-lambda-"),
        (C, "c"),
        (np.tanh, "tanh"),
        (functools.partial(len), "functools-partial--built-in-function-len--"),
        ({"a": 1}, "--a---1-"),
        ((), ""),
        ("", ""),
        (np.float64(0.1), "0-1"),
        (np.float32(0.1), "0-1"),
        ({3, 1, 2}, "1-2-3"),
    ],
)
def test_values_are_written_as_spinning_up_writes_them(value: Any, cleaned: str) -> None:
    assert clean(value) == cleaned


@given(st.text(st.characters(codec=None)))
def test_text_becomes_safe_characters_one_for_one_in_lower_case(text: str) -> None:
    assert re.fullmatch("[a-z0-9_-]*", clean(text))
    assert len(clean(text)) == len(text.lower())


def test_D13_an_object_without_text_is_its_class_and_never_an_address() -> None:
    assert clean(C()) == "c"
    assert clean([C(), C()]) == "c-c"
    assert "0x" not in clean(functools.partial(lambda: 1))
    assert "0x" not in clean({"a": C(), "b": lambda: 1})


Pair = namedtuple("Pair", "one two")


@dataclass
class Config:
    sizes: list[int] = field(default_factory=list)


MUTABLE: list[Any] = [
    [1],
    {"a": [1]},
    {1},
    ([1],),
    Pair([1], 2),
    bytearray(b"1"),
    deque([1]),
    OrderedDict(a=[1]),
    defaultdict(list, a=[1]),
    np.zeros(2),
    np.array([[1], None], dtype=object),
    np.ma.array([1, 2], mask=[0, 1]),
    Config([1]),
    [[[1]]],
]


@pytest.mark.parametrize("place", range(len(MUTABLE)))
def test_a_fresh_value_is_equal_and_shares_no_container(place: int) -> None:
    value = MUTABLE[place]
    copied = fresh(value)
    assert is_mutable(value)
    assert type(copied) is type(value)
    assert repr(copied) == repr(value)
    assert not containers(value) & containers(copied)


def containers(value: Any) -> set[int]:
    """Return the ids of all that could be changed in place in a value."""
    below: list[Any] = []
    if isinstance(value, (list, tuple, deque)):
        below = list(value)
    elif isinstance(value, dict):
        below = list(value.values())
    elif isinstance(value, Config):
        below = [value.sizes]
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        below = value.tolist()
    own = set() if isinstance(value, (tuple, int, type(None))) else {id(value)}
    return own.union(*map(containers, below))


def test_what_cannot_change_is_handed_on() -> None:
    for value in (1, "a", (1, 2), frozenset({1}), None, len, C, C(), b"1"):
        assert fresh(value) is value
        assert not is_mutable(value)


def test_plain_values_keep_their_containers_types() -> None:
    assert plain([(np.int64(1),), {"a": np.float64(2)}]) == [(1,), {"a": 2.0}]
    array = np.zeros(2)
    assert plain(array) is array


def test_arrays_are_told_by_their_dimensions() -> None:
    assert is_array(np.zeros(2), 1)
    assert not is_array(np.zeros((2, 2)), 1)
    assert not is_array([1], 1)
    assert not is_array(np.float64(1), 1)
