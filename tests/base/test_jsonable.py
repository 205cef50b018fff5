"""Any object at all becomes strict JSON; nothing that was passed in changes."""

from __future__ import annotations

import copy
import datetime
import enum
import functools
import json
import logging
import sys
import threading
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.jsonable import config_text, stable_str, to_jsonable, without_address


def strict(value: Any) -> str:
    return json.dumps(to_jsonable(value), allow_nan=False, sort_keys=True)


class Plain:
    pass


class Holder:
    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no attributes")


class TensorLike:
    """Shaped like a torch tensor, whose `size` is a method."""

    dtype, ndim, shape = "float32", 1, (2,)

    def size(self) -> tuple[int, ...]:
        return self.shape

    def tolist(self) -> list[float]:
        return [1.0, 2.0]


class Colour(enum.Enum):
    RED = 1


class Mode(str, enum.Enum):  # noqa: UP042
    FAST = "fast"


@dataclass
class Config:
    lr: float = 0.1
    sizes: list[int] = field(default_factory=lambda: [1])


def cyclic() -> list[Any]:
    single: list[Any] = []
    single.append(single)
    mapping: dict[Any, Any] = {}
    mapping["self"] = mapping
    one, other = Holder(), Holder()
    one.peer, other.peer = other, one
    return [single, mapping, one]


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


ODD = [
    *cyclic(),
    (len, Plain()),
    {("a", 1): 1},
    {1: "a", "1": "b", None: 2, 2.5: 4, (1,): 5},
    float("nan"),
    [float("inf"), -float("inf")],
    np.float32,
    np.float64(0.5),
    np.bool_(True),
    np.int64(3),
    np.longdouble(1),
    np.arange(4).reshape(2, 2),
    np.arange(10_000),
    np.array([1, None, np.tanh], dtype=object),
    np.array(["2020-01-01"], dtype="datetime64[D]"),
    np.array([1j]),
    np.array(5),
    np.tanh,
    TensorLike(),
    MagicMock(),
    Hostile(),
    [Hostile()],
    {Hostile(): 1},
    Colour.RED,
    Mode.FAST,
    Config(),
    Path("a/b"),
    datetime.datetime(2020, 1, 1),
    functools.partial(len),
    Plain().__init__,
    lambda: 1,
    Plain,
    sys,
    threading.Lock(),
    (x for x in "ab"),
    range(3),
    {1, "a", (2, 3)},
    b"bytes",
    OrderedDict(a=1),
    defaultdict(list),
    deque([1]),
    MappingProxyType({"a": 1}),
    1j,
    10**5000,
    {10**5000: 1},
    "\ud800\x00",
    logging.getLogger("x"),
    ...,
]


@pytest.mark.parametrize("place", range(len(ODD)))
def test_any_object_becomes_strict_json(place: int) -> None:
    assert "0x7" not in strict(ODD[place])


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
keys = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.tuples(st.integers())
anything = st.recursive(
    scalars | st.integers(0, len(ODD) - 1).map(lambda place: ODD[place]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(lambda fields: Holder(**fields))
    ),
    max_leaves=12,
)


@given(anything)
def test_any_nest_of_objects_becomes_strict_json(value: Any) -> None:
    assert json.loads(strict(value)) == to_jsonable(value)


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=8))
def test_nothing_that_was_passed_in_is_changed(value: Any) -> None:
    before = copy.deepcopy(value)
    result = to_jsonable(value)
    if isinstance(result, list):
        result.append("changed")
    assert repr(value) == repr(before)


def test_D6_a_tuple_that_holds_a_function_or_an_object_is_a_list() -> None:
    assert to_jsonable((len, (1, Plain()))) == ["len", [1, "Plain"]]


def test_D6_tuple_keys_and_mixed_keys_become_text_and_no_key_is_lost() -> None:
    assert to_jsonable({(1, 2): "a"}) == {"(1, 2)": "a"}
    assert to_jsonable({1: "a", "1": "b"}) == {"1": "a", "1 (str)": "b"}
    assert to_jsonable({None: 1, True: 2, 1.5: 3, len: 4}) == {"null": 1, "true": 2, "1.5": 3, "len": 4}


def test_D6_an_object_that_holds_itself_is_cut() -> None:
    single: list[Any] = [1]
    single.append(single)
    assert to_jsonable(single) == [1, "<circular>"]
    one = Holder()
    one.me = one  # type: ignore[attr-defined]
    assert to_jsonable(one) == {"Holder": {"me": "<circular>"}}


def test_D6_nan_and_infinities_become_strings() -> None:
    assert to_jsonable([float("nan"), float("inf"), -float("inf")]) == ["NaN", "Infinity", "-Infinity"]


def test_numpy_becomes_plain_numbers() -> None:
    assert to_jsonable([np.float64(0.5), np.int8(3), np.bool_(True), np.arange(3), np.array(2)]) == [
        0.5,
        3,
        True,
        [0, 1, 2],
        2,
    ]
    assert to_jsonable(np.zeros((100, 100))) == "array of float64, shape (100, 100)"


def test_classes_and_functions_become_their_names_numpys_scalar_types_too() -> None:
    assert to_jsonable([np.float32, np.tanh, Plain, len, sys]) == ["float32", "tanh", "Plain", "len", "sys"]


def test_an_array_that_calls_its_size_is_a_list_too() -> None:
    assert to_jsonable(TensorLike()) == [1.0, 2.0]


def test_objects_show_their_attributes_enums_their_text() -> None:
    assert to_jsonable(Config()) == {"Config(lr=0.1, sizes=[1])": {"lr": 0.1, "sizes": [1]}}
    assert to_jsonable([Colour.RED, Mode.FAST]) == ["Colour.RED", "fast"]


def test_an_object_that_comes_again_is_not_spelled_out_again() -> None:
    one = Holder(a=1)
    assert to_jsonable([one, one]) == [{"Holder": {"a": 1}}, "Holder"]


def test_a_web_of_objects_that_all_know_each_other_takes_no_time() -> None:
    web = [Holder() for _ in range(30)]
    for one in web:
        one.__dict__.update({str(place): other for place, other in enumerate(web)})
    start = time.perf_counter()
    strict(web[0])
    assert time.perf_counter() - start < 2


def test_a_value_that_nests_too_deep_is_cut() -> None:
    assert "<too deep>" in strict(deep())


@pytest.mark.parametrize("kind", [bytes, bytearray, np.bytes_])
def test_long_bytes_are_given_by_their_length(kind: Any) -> None:
    assert to_jsonable(kind(b"x" * 1000)) == str(kind(b"x" * 1000))
    assert to_jsonable(kind(b"x" * 1001)) == "bytes of length 1001"


def test_a_long_text_is_cut_and_tells_its_length() -> None:
    assert to_jsonable("x" * 10_000) == "x" * 10_000
    mark = "... (10001 characters)"
    assert to_jsonable("x" * 10_001) == "x" * (10_000 - len(mark)) + mark


class Wordy:
    def __str__(self) -> str:
        return "y" * 20_000


class LongText(str):
    pass


@pytest.mark.parametrize("value", [Wordy(), deque(range(10_000)), LongText("y" * 20_000), Holder(x="y" * 20_000)])
def test_whatever_gives_a_long_text_it_is_cut_as_value_and_as_key(value: Any) -> None:
    assert len(strict(value)) < 10_100
    assert len(strict({value if value.__hash__ else (Wordy(), "y" * 20_000): 1})) < 10_100


@pytest.mark.parametrize("make", [list, tuple, set, frozenset])
def test_a_long_container_is_cut_and_its_last_item_tells_its_length(make: Callable[[Any], Any]) -> None:
    assert len(to_jsonable(make(range(10_000)))) == 10_000
    shown = to_jsonable(make(range(10_001)))
    assert len(shown) == 10_000
    assert shown[-1] == "... (10001 items)"
    assert shown[:-1] == sorted(range(10_001), key=str if make in (set, frozenset) else int)[:9_999]


@pytest.mark.parametrize("make", [dict, MappingProxyType, Holder])
def test_a_long_mapping_is_cut_and_its_last_item_tells_its_length(make: Any) -> None:
    def shown(length: int) -> dict[str, Any]:
        items = {f"k{place}": place for place in range(length)}
        found = to_jsonable(make(**items) if make is Holder else make(items))
        return dict(found["Holder"] if make is Holder else found)

    assert len(shown(10_000)) == 10_000
    assert list(shown(10_001).items())[-2:] == [("k9998", 9998), ("... (10001 items)", "...")]


@pytest.mark.parametrize("value", ["x" * 20_000, list(range(20_000)), dict.fromkeys(range(20_000)), b"x" * 2000])
def test_what_is_cut_once_is_not_cut_again(value: Any) -> None:
    assert to_jsonable(to_jsonable(value)) == to_jsonable(value)


def test_the_text_that_names_are_made_of_is_never_cut() -> None:
    assert stable_str("x" * 20_000) == "x" * 20_000
    assert stable_str([1] * 20_000) == str([1] * 20_000)


def test_text_has_no_memory_address_and_sets_are_sorted() -> None:
    assert stable_str(Plain()) == "Plain"
    assert "0x" not in stable_str([Plain(), lambda: 1, functools.partial(lambda: 1)])
    assert without_address("<function f at 0x7f01>") == "<function f>"
    assert stable_str({"a": {"z", "b", "c"}}) == "{'a': {'b', 'c', 'z'}}"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(),
        lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text("ab"), inner),
        max_leaves=10,
    )
)
def test_text_of_plain_containers_is_pythons(value: Any) -> None:
    assert stable_str(value) == str(value)


def test_the_config_file_has_the_format_of_spinning_up() -> None:
    config = {"lr": 1e-3, "hid": (64, 64), "act": len, "net": {"b": [1, None], "a": True}, "exp_name": "demo"}
    assert config_text(to_jsonable(config)) == (
        '{\n    "act":\t"len",\n    "exp_name":\t"demo",\n    "hid":\t[\n        64,\n        64\n    ],\n'
        '    "lr":\t0.001,\n    "net":\t{\n        "a":\ttrue,\n        "b":\t[\n            1,\n'
        "            null\n        ]\n    }\n}"
    )
