"""Statistics: against numpy, in pieces, and at the edges of float64."""

from __future__ import annotations

import functools
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.runtime.log.series import Series
from sweep.runtime.moments import EMPTY, Moments, as_floats, merged, moments_of

floats = st.floats(-1e6, 1e6, allow_subnormal=False)


def agree(found: Moments, values: list[float]) -> None:
    scale = max(map(abs, values)) or 1.0
    assert found.n == len(values)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-12 * scale)
    assert found.std == pytest.approx(np.std(values), rel=1e-9, abs=1e-9 * scale)
    assert (found.low, found.high) == (min(values), max(values))


@given(st.lists(st.lists(floats, max_size=20), min_size=1, max_size=8).filter(any))
def test_merged_pieces_agree_with_numpy_over_everything(pieces: list[list[float]]) -> None:
    found = functools.reduce(merged, [moments_of(np.array(piece)) for piece in pieces])
    agree(found, [value for piece in pieces for value in piece])


@given(st.lists(st.lists(floats, min_size=1, max_size=6), min_size=1, max_size=8))
def test_a_series_agrees_with_numpy_however_its_values_come(pieces: list[list[float]]) -> None:
    series = Series("x")
    for at, piece in enumerate(pieces):
        if at % 2:
            series.put(np.array(piece))
        else:
            for value in piece:
                series.put(value)
        series.moments()  # asking in between changes nothing
    agree(series.moments(), [value for piece in pieces for value in piece])


def test_more_values_than_the_buffer_holds_agree_with_numpy() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, 10_001)
    series = Series("x")
    for value in values:
        series.put(value)
    agree(series.moments(), values.tolist())


def test_nothing_at_all_is_not_a_number() -> None:
    assert all(map(math.isnan, (EMPTY.mean, EMPTY.std, EMPTY.low, EMPTY.high)))
    assert moments_of(np.empty((0, 3))) == EMPTY == Series("x").moments()


def test_nothing_contributes_nothing() -> None:
    some = moments_of(np.array([1.0, 3.0]))
    assert merged(EMPTY, some) == some == merged(some, EMPTY)


def test_two_dimensions_count_by_element() -> None:
    # One row of three and a mean over rows would give 6: above the largest value.
    assert moments_of(np.array([[1.0, 2.0, 3.0]]))[:2] == (3, 2.0)


def test_a_large_offset_costs_no_digits_of_the_spread() -> None:
    series = Series("x")
    for at in range(100_000):
        series.put(1e9 + at % 2)
    assert series.moments().std == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("order", [[math.nan, 1.0], [1.0, math.nan]])
def test_one_nan_makes_every_statistic_nan_in_whichever_order(order: list[float]) -> None:
    found = merged(*[moments_of(np.array([value])) for value in order])
    assert all(map(math.isnan, (found.mean, found.std, found.low, found.high)))


def test_infinity_stays_infinite_and_warns_nobody() -> None:
    found = merged(moments_of(np.array([1.0])), moments_of(np.array([math.inf, 2.0])))
    assert (found.mean, found.low, found.high) == (math.inf, 1.0, math.inf)
    assert math.isnan(found.std)


class Tensor:
    """The part of a torch tensor that matters: numpy cannot read it before it is detached and on the CPU."""

    def __init__(self, data: Any, ready: bool = False) -> None:
        self.data, self.ready = data, ready

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def double(self) -> Tensor:
        return Tensor(self.data, ready=True)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.ready:
            raise RuntimeError("requires grad")
        return np.asarray(self.data, dtype)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, [2.0]),
        (True, [1.0]),
        (np.float32(0.5), [0.5]),
        (np.int64(3), [3.0]),
        (np.bool_(True), [1.0]),
        (np.array(4.0), [4.0]),
        (np.array([1, 2]), [1.0, 2.0]),
        ([[1, 2], [3, 4]], [1.0, 2.0, 3.0, 4.0]),
        (Decimal("0.25"), [0.25]),
        (Tensor([1.0, 2.0]), [1.0, 2.0]),
        (Tensor(1.5), [1.5]),
    ],
)
def test_whatever_consists_of_numbers_can_be_stored(value: Any, expected: list[float]) -> None:
    assert as_floats(value).ravel().tolist() == expected
    series = Series("x")
    series.put(value)
    agree(series.moments(), expected)


@pytest.mark.parametrize("value", ["3", b"3", None, 1j, object(), {"a": 1}, [[1], [2, 3]]])
def test_what_is_not_a_real_number_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        as_floats(value)
