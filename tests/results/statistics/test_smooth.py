"""Smoothing: by hand, and never from the future."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.smooth import smooth_causal

curves = st.lists(st.floats(-1e3, 1e3) | st.just(math.nan) | st.just(math.inf), max_size=30)


def plainly(y: list[float], window: int) -> list[float]:
    """The definition, row by row."""
    found = []
    for at, value in enumerate(y):
        near = [v for v in y[max(0, at - window + 1) : at + 1] if math.isfinite(v)]
        found.append(sum(near) / len(near) if math.isfinite(value) else value)
    return found


def test_a_value_becomes_the_mean_of_itself_and_those_before_it() -> None:
    assert smooth_causal([1, 3, 8, 1], 2).tolist() == [1, 2, 5.5, 4.5]
    assert smooth_causal([1, 3, 8, 1], 3).tolist() == [1, 2, 4, 4]
    assert smooth_causal([1, 3], 99).tolist() == [1, 2]


@given(curves, st.integers(1, 40))
def test_it_is_its_definition(y: list[float], window: int) -> None:
    assert smooth_causal(y, window).tolist() == pytest.approx(plainly(y, window), abs=1e-9, nan_ok=True)


@given(curves, curves, st.integers(1, 40))
def test_what_comes_later_changes_nothing(y: list[float], later: list[float], window: int) -> None:
    long = smooth_causal([*y, *later], window)[: len(y)]
    assert long.tolist() == pytest.approx(smooth_causal(y, window).tolist(), abs=1e-9, nan_ok=True)


def test_a_window_of_one_copies() -> None:
    y = np.array([1.0, math.nan, 3.0])
    smoothed = smooth_causal(y, 1)
    assert np.array_equal(smoothed, y, equal_nan=True) and smoothed is not y
    assert smooth_causal([], 5).tolist() == []


def test_a_window_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="a window of 0 rows; allowed is 1 and above"):
        smooth_causal([1.0], 0)
