"""Equal exact forms mean equal values of equal types, in every process."""

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
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.canonical import canonical, canonical_text, digest, qualified_name

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary(max_size=8)
    | st.complex_numbers()
)
keys = st.text(max_size=5) | st.integers(-3, 3) | st.booleans() | st.tuples(st.integers(0, 3))
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.frozensets(st.integers(0, 9), max_size=4)
        | st.sets(st.text(max_size=3), max_size=4)
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equality with types, as an oracle."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (one == other and math.copysign(1, one) == math.copysign(1, other)) or (one != one and other != other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        pairs = [[match for match in other if same(key, match)] for key in one]
        return len(one) == len(other) and all(
            len(match) == 1 and same(one[key], other[match[0]]) for key, match in zip(one, pairs, strict=True)
        )
    if isinstance(one, (set, frozenset)):
        return len(one) == len(other) and all(any(same(a, b) for b in other) for a in one)
    return bool(one == other)


@given(values, values)
def test_forms_are_equal_exactly_if_values_and_types_are(one: Any, other: Any) -> None:
    assert (canonical_text(one) == canonical_text(other)) == same(one, other)


@given(values)
def test_the_text_is_one_line_of_strict_ascii_json(value: Any) -> None:
    text = canonical_text(value)
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == canonical(value)


@given(st.dictionaries(keys, st.integers(), max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[Any, int]) -> None:
    assert canonical_text(value) == canonical_text(dict(reversed(value.items())))


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Number(enum.IntEnum):
    ONE = 1


@dataclass
class Config:
    lr: float = 0.1


class Trainer:
    def __init__(self, lr: float) -> None:
        self.lr = lr

    def train(self) -> None: ...

    @classmethod
    def make(cls) -> None: ...


class SubTrainer(Trainer):
    pass


class Refuses:
    def __reduce__(self) -> Any:
        raise RuntimeError("not me")


def adder(n: int) -> Any:
    return lambda x: x + n


DIFFERENT = [
    1,
    1.0,
    True,
    "1",
    np.float32(1),
    np.float64(1),
    np.int64(1),
    np.array(1),
    np.array(1.0),
    np.array([1]),
    np.array([[1]]),
    np.array([1.0]),
    np.array([1]).view(np.recarray),
    np.ma.array([1, 2], mask=[True, False]),
    np.ma.array([1, 2], mask=[False, True]),
    np.array([1, None], dtype=object),
    np.array([1, "a"], dtype=object),
    np.array(["a"], dtype=np.dtypes.StringDType()),
    np.array(["b"], dtype=np.dtypes.StringDType()),
    np.float32,
    np.float64,
    np.dtype("f4"),
    np.dtype(">f4"),
    np.tanh,
    np.sin,
    [1],
    (1,),
    {1},
    frozenset({1}),
    b"1",
    bytearray(b"1"),
    None,
    "none",
    {},
    [],
    (),
    {"$tuple": [1]},
    {"a": 1},
    {1: 1},
    {"1": 1},
    {True: 1},
    collections.OrderedDict(a=1),
    collections.defaultdict(int, a=1),
    collections.defaultdict(list, a=1),
    collections.deque([1]),
    Colour.RED,
    Colour.BLUE,
    Number.ONE,
    Config(),
    Config(0.2),
    Config,
    Trainer(1),
    Trainer(2),
    Trainer(1).train,
    Trainer(2).train,
    Trainer.train,
    Trainer.make,
    SubTrainer.make,
    dict.fromkeys,
    collections.OrderedDict.fromkeys,
    Path("a"),
    Path("b"),
    "a",
    datetime.date(2020, 1, 1),
    datetime.datetime(2020, 1, 1),
    functools.partial(adder, 1),
    functools.partial(adder, 2),
    functools.partial(len),
    len,
    adder(1),
    adder(2),
    lambda: 1,
    lambda: 2,
    lambda x=1: x,
    lambda x=2: x,
    lambda: len([]),
    lambda: max([]),
    lambda: [len for _ in ""],
    lambda: [max for _ in ""],
    lambda: lambda: len,
    lambda: lambda: max,
    re.compile("a"),
    re.compile("a", re.I),
    float("nan"),
    float("inf"),
    -float("inf"),
    0.0,
    -0.0,
    0,
    1j,
    ...,
    range(3),
    slice(1, 2),
    "\ud800",
    "\x00",
]


def test_values_of_every_kind_have_forms_of_their_own() -> None:
    forms = [canonical_text(value) for value in DIFFERENT]
    doubled = [DIFFERENT[place] for place, form in enumerate(forms) if forms.index(form) != place]
    assert doubled == []


def test_the_same_value_made_twice_has_one_form() -> None:
    assert canonical_text(adder(3)) == canonical_text(adder(3))
    assert canonical_text(Trainer(3)) == canonical_text(Trainer(3))
    assert canonical_text(np.arange(3)) == canonical_text(np.arange(3))
    assert canonical_text(np.arange(6)[::2]) == canonical_text(np.array([0, 2, 4]))


def test_a_function_that_calls_itself_has_a_form() -> None:
    def outer() -> Any:
        def again(n: int) -> int:
            return n and again(n - 1)

        return again

    assert canonical_text(outer()) == canonical_text(outer())


def test_a_closure_over_a_variable_that_is_not_set_yet_has_a_form() -> None:
    def outer() -> Any:
        def inner() -> Any:
            return later

        form = canonical_text(inner)
        later = 1
        return form, later

    assert "$callable" in outer()[0]


def holding_itself() -> list[Any]:
    single: list[Any] = []
    single.append(single)
    double: list[Any] = []
    double += [double, double]
    mapping: dict[str, Any] = {}
    mapping["self"] = mapping
    one, other = Trainer(1), Trainer(2)
    one.peer, other.peer, one.me = other, one, one  # type: ignore[attr-defined]
    return [single, double, mapping, one, (single,)]


@pytest.mark.parametrize("value", holding_itself(), ids=["list", "twice", "dict", "objects", "tuple"])
def test_a_value_that_holds_itself_is_refused_at_once(value: Any) -> None:
    with pytest.raises(TypeError, match="holds itself"):
        canonical(value)


def test_a_value_that_only_uses_another_twice_is_not_refused() -> None:
    shared = [1]
    assert canonical([shared, shared]) == [[1], [1]]


def test_nesting_too_deep_is_refused_also_counting_the_room_around_it() -> None:
    value: Any = 0
    for _ in range(90):
        value = [value]
    assert canonical(value)
    with pytest.raises(TypeError, match="deeper"):
        canonical(value, room=32)


def test_what_cannot_be_taken_apart_is_a_type_error() -> None:
    values: list[Any] = [Refuses(), threading.Lock(), (x for x in ""), sys, 10**5000, memoryview(b"")]
    for value in values:
        with pytest.raises(TypeError):
            canonical_text(value)


def test_a_script_and_an_import_of_it_agree_on_qualified_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def train() -> None: ...

    train.__module__, train.__qualname__ = "__main__", "train"
    main = type(sys)("__main__")
    main.__file__ = "/somewhere/experiment.py"
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert qualified_name(train) == "experiment:train"
    assert qualified_name(train, module=False) == "train"


def test_digests_have_the_size_that_is_asked_for() -> None:
    assert len(digest("a")) == 32
    assert len(digest("a", 8)) == 16


PROGRAM = """
import collections, datetime, functools, pathlib, re
import numpy as np
from sweep.base.canonical import canonical_text
from sweep.base.jsonable import stable_str, to_jsonable
words = {"alpha", "beta", "gamma", "delta"}
value = [words, frozenset(words), {"a": words, ("b",): 1}, np.arange(3), len, np.tanh, lambda x, y={"k"}: (x, words),
         pathlib.Path("a"), datetime.date(2020, 1, 1), functools.partial(sorted, words), re.compile("a"),
         collections.Counter("abc")]
print(canonical_text(value))
print(stable_str([words, {"a": words}]), to_jsonable(words))
"""


def test_two_processes_with_other_hash_seeds_agree() -> None:
    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("1") == run("2")


def test_many_bytes_stand_by_length_and_digest() -> None:
    large = b"x" * 100_000
    assert len(canonical_text(large)) < 200
    assert canonical_text(large) == canonical_text(bytes(large))
    assert len({canonical_text(value) for value in (large, large[:-1], large[:-1] + b"y")}) == 3


def test_a_partial_whose_attributes_were_asked_for_is_the_same_one() -> None:
    fresh, asked, own = (functools.partial(adder, 1) for _ in range(3))
    assert vars(asked) == {}
    vars(own)["note"] = 1
    assert canonical(asked) == canonical(fresh)
    assert canonical(own) != canonical(fresh)
