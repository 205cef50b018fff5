"""Exact forms as people read them, also two of them that read the same."""

from __future__ import annotations

import functools
import math
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest

from sweep.base.canonical import canonical
from sweep.base.form_text import apart, form_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((64, 64), "(64, 64)"), ((1,), "(1,)"), (0.1, "0.1"), ("a", "'a'"), (math.tanh, "math:tanh"),
        ({"a": [1]}, "{'a': [1]}"),
    ],
)  # fmt: skip
def test_forms_are_shown_as_people_write_them(value: Any, text: str) -> None:
    assert form_text(canonical(value)) == text


@pytest.mark.parametrize(
    ("one", "other", "texts"),
    [
        (1, 2, ("1", "2")),
        (True, 1, ("True", "1")),
        (
            functools.partial(max, 3), functools.partial(max, 4),
            ("functools:partial with 3", "functools:partial with 4"),
        ),
        (
            PurePosixPath("a"), PurePosixPath("b"),
            ("pathlib:PurePosixPath with 'a'", "pathlib:PurePosixPath with 'b'"),
        ),
    ],
    ids=str,
)  # fmt: skip
def test_two_forms_that_read_the_same_are_told_apart_by_what_is_in_them(one: Any, other: Any, texts: Any) -> None:
    assert apart(canonical(one), canonical(other)) == texts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (functools.partial(max, 3), functools.partial(max, 3, 5)),
        (np.zeros(2), np.ones(2)),
        ([0] * 100 + [1], [0] * 100 + [2]),
        ([0] * 100, [0] * 101),
        ("x" * 100 + "a", "x" * 100 + "b"),
        (b"x" * 100_000, b"y" * 100_000),
        ({"a": [0] * 100}, {"a": [0] * 100, "b": 1}),
    ],
    ids=["partials", "arrays", "lists", "lengths", "texts", "bytes", "keys"],
)
def test_two_forms_that_differ_never_read_the_same(one: Any, other: Any) -> None:
    mine, theirs = apart(canonical(one), canonical(other))
    assert mine != theirs
    assert max(len(mine), len(theirs)) < 200
