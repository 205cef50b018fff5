"""Numbers, values and times in a narrow place."""

from __future__ import annotations

import math

import pytest

from sweep.results.text.numbers import ago, by_size, number, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(458.34, "458.3"), (0.01234567, "0.01235"), (12345.6, "12,346"), (1.2e7, "1.2e+07"), (math.nan, "-"), (-5, "-5")],
)
def test_a_number_has_the_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("tanh", "tanh"), (0.001, "0.001"), (1e-3 / 3, repr(1e-3 / 3)), ((64, 64), "(64, 64)"), ([32], "(32,)"),
     (True, "True"), (None, "None"), ("x" * 100, "x" * 37 + "...")],
)  # fmt: skip
def test_a_value_is_written_as_one_would_type_it(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (4, "4 s"), (119, "119 s"), (120, "2 min"), (7300, "2 h"), (200_000, "2 d"), (172_000, "48 h")],
)
def test_a_time_has_one_unit(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_values_are_sorted_by_size_and_numbers_come_first() -> None:
    assert sorted(["b", 10, 9, 0.5, None, "a"], key=by_size) == [0.5, 9, 10, "a", "b", None]
