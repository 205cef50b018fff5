"""Alignment: as it is where runs share x, else interpolated where all of them are, and never made up beyond."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.align import align

NAN = math.nan
Curve = tuple[list[float], list[float]]


def rows(y: np.ndarray) -> list[list[float | None]]:
    return [[None if math.isnan(value) else value for value in row] for row in y.tolist()]


curves = st.lists(
    st.lists(st.tuples(st.integers(0, 20).map(float), st.floats(-1e3, 1e3)), max_size=12).map(
        lambda points: ([x for x, _ in points], [y for _, y in points])
    ),
    max_size=5,
)


def test_runs_that_share_x_are_taken_as_they_are() -> None:
    found = align([([1, 2, 3], [10, 20, 30]), ([1, 2, 3], [11, 21, 31])])
    assert not found.was_interpolated and found.dotted_from is None
    assert found.x.tolist() == [1, 2, 3]
    assert found.y.tolist() == [[10, 20, 30], [11, 21, 31]]


def test_a_run_that_ended_early_is_missing_from_there_and_the_line_dotted() -> None:
    found = align([([1, 2, 3, 4], [10, 20, 30, 40]), ([1, 2], [11, 21])])
    assert not found.was_interpolated
    assert rows(found.y) == [[10, 20, 30, 40], [11, 21, None, None]]
    assert found.n.tolist() == [2, 2, 1, 1] and found.dotted_from == 2
    assert found.is_whole.tolist() == [True, True, False, False]


def test_a_run_that_began_later_is_missing_at_the_start() -> None:
    found = align([([1, 2, 3], [10, 20, 30]), ([2, 3], [21, 31])])
    assert found.n.tolist() == [1, 2, 2] and found.dotted_from is None
    assert found.is_whole.tolist() == [False, True, True]


def test_different_x_are_interpolated_within_the_common_range_alone() -> None:
    found = align([([0, 10, 20], [0, 100, 200]), ([5, 15, 25], [1, 2, 3])])
    assert found.was_interpolated
    assert found.x.tolist() == [5, 10, 15, 20]
    assert found.y.tolist() == [[50, 100, 150, 200], [1, 1.5, 2, 2.5]]


def test_runs_without_a_common_range_have_nothing_in_common() -> None:
    found = align([([0, 2, 4], [1, 1, 1]), ([5, 7], [2, 2]), ([1, 6], [3, 3])])
    assert found.x.tolist() == [] and found.y.shape == (3, 0) and found.was_interpolated


def test_of_runs_one_after_the_other_there_is_nothing_to_average() -> None:
    assert align([([0, 1], [1, 1]), ([2, 3], [2, 2])]).n.tolist() == []


def test_a_value_that_is_not_finite_is_missing_where_it_is() -> None:
    found = align([([1, 2, 3], [10, NAN, 30]), ([1, 2, 3], [11, 21, math.inf])])
    assert not found.was_interpolated
    assert rows(found.y) == [[10, None, 30], [11, 21, None]]


def test_missing_values_are_bridged_where_x_differ() -> None:
    found = align([([0, 1, 2], [0, NAN, 20]), ([0, 1.5, 2], [0, 0, 0])])
    assert found.x.tolist() == [0, 1, 1.5, 2]
    assert found.y[0].tolist() == [0, 10, 15, 20]


def test_of_rows_with_one_x_the_last_counts_and_order_does_not_matter() -> None:
    found = align([([3, 1, 2, 2, NAN], [30, 10, 20, 21, 99])])
    assert (found.x.tolist(), found.y.tolist()) == ([1, 2, 3], [[10, 21, 30]])


def test_nothing_and_an_empty_run_are_no_error() -> None:
    assert align([]).x.tolist() == []
    found = align([([], []), ([1, 2], [3, 4])])
    assert rows(found.y) == [[None, None], [3, 4]] and found.dotted_from == 0
    assert np.isnan(align([([], []), ([1, 3], [3, 4]), ([1, 2, 3], [3, 4, 5])]).y[0]).all()


def test_x_and_y_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"x has the shape \(2,\) and y \(3,\)"):
        align([([1, 2], [1, 2, 3])])


@given(curves)
def test_no_value_is_made_up_outside_the_x_of_its_run_or_beyond_its_values(runs: list[Curve]) -> None:
    found = align(runs)
    for (x, y), row in zip(runs, found.y, strict=True):
        there = found.x[~np.isnan(row)]
        assert all(min(x) <= place <= max(x) for place in there)
        assert all(min(y) - 1e-9 <= value <= max(y) + 1e-9 for value in row[~np.isnan(row)])


@given(curves)
def test_where_a_run_has_a_row_its_value_is_that_of_the_row(runs: list[Curve]) -> None:
    found = align(runs)
    for (x, y), row in zip(runs, found.y, strict=True):
        known = dict(zip(x, y, strict=True))
        for place, value in zip(found.x.tolist(), row.tolist(), strict=True):
            assert place not in known or value == pytest.approx(known[place], abs=1e-9)


@given(curves)
def test_interpolated_runs_are_there_everywhere(runs: list[Curve]) -> None:
    found = align(runs)
    if found.was_interpolated:
        assert (found.n == sum(bool(x) for x, _ in runs)).all()
    assert (np.diff(found.x) > 0).all()
