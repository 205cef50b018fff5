"""Values by tag, the intervals at which they are written, and direct writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.errors import LoggerError
from sweep.runtime.log.intervals import interval_of, is_due
from sweep.runtime.log.logger import Logger
from sweep.runtime.log.packing import packed, unpacked
from sweep.runtime.log.series import EMPTY_STATE, Series
from sweep.runtime.log.tracking import Tracker


@pytest.mark.parametrize(
    ("given", "total", "steps"),
    [(250, 1000, 250), (0, 1000, 0), (-3, 1000, 0), ("auto", 5000, 50), ("auto", 50, 1), ("auto", None, 1)],
)
def test_an_interval_is_a_number_never_or_a_hundred_times_in_the_run(given: Any, total: int | None, steps: int) -> None:
    assert interval_of(given, total) == steps


def test_an_interval_may_be_another_part_of_the_run() -> None:
    assert interval_of("auto", 1000, parts=10) == 100


@pytest.mark.parametrize("given", ["often", 2.5, True, None])
def test_what_is_no_interval_is_an_error_that_says_what_is(given: Any) -> None:
    with pytest.raises(LoggerError, match="a whole number, 0 for never, or 'auto'"):
        interval_of(given, 10)
    with pytest.raises(LoggerError):
        Tracker(given)


def test_steps_may_be_skipped_without_missing_a_write() -> None:
    assert [step for step in (3, 9, 11, 12, 25) if is_due(step, {11: 9, 12: 11, 25: 12}.get(step, 0), 10)] == [11, 25]


def tracked(tag: str, *values: Any) -> float:
    tracker = Tracker(1)
    for value in values:
        tracker.add(tag, value)
    return tracker.due(1, None)[tag]


def test_the_end_of_a_tag_says_how_its_values_become_one() -> None:
    assert tracked("Reward (min)", 3, 1, 2) == 1
    assert tracked("Reward (max)", 3, 1, 2) == 3
    assert tracked("Reward (mean)", 3, 1, 5) == 3
    assert tracked("Loss", np.array([1.0, 2.0]), 6) == 3


def test_values_are_written_once_an_interval_and_begin_anew() -> None:
    tracker = Tracker(2)
    written = []
    for step in range(1, 7):
        tracker.add("a", step)
        written.append(tracker.due(step, 6))
    assert written == [{}, {"a": 1.5}, {}, {"a": 3.5}, {}, {"a": 5.5}]


def test_an_interval_of_0_tracks_nothing_and_holds_nothing() -> None:
    tracker = Tracker(0)
    tracker.add("a", 1)
    assert (tracker.due(1000, 1000), tracker.taken()) == ({}, {})


@pytest.mark.parametrize("arguments", [(3, 1), ("a", "high"), ("a", None)])
def test_what_cannot_be_tracked_is_an_error(arguments: Any) -> None:
    with pytest.raises(LoggerError):
        Tracker().add(*arguments)


@given(st.lists(st.floats(width=32)), st.lists(st.floats(width=32)))
def test_a_series_goes_on_from_its_state_with_the_same_bits(before: list[float], after: list[float]) -> None:
    one, other = Series("a"), Series("a")
    for value in before:
        one.put(value)
    state, put = one.state(), other.put
    other.put(7)
    other.back_to(state)
    for value in after:
        one.put(value)
        put(value)
    assert repr(one.moments()) == repr(other.moments())


def test_the_state_of_a_long_series_keeps_what_is_folded_and_what_is_not() -> None:
    one, other = Series("a"), Series("a")
    for value in range(5000):
        one.put(value * 0.1)
    other.back_to(one.state())
    assert other.moments() == one.moments()
    assert one.moments().n == 5000


@pytest.mark.parametrize("state", ["", "00" * 8, "zz", EMPTY_STATE + "00"])
def test_a_damaged_state_of_a_series_is_an_error_and_changes_nothing(state: str) -> None:
    series = Series("a")
    series.put(3)
    with pytest.raises((ValueError, TypeError)):
        series.back_to(state)
    assert series.moments().mean == 3


VALUES: Any = st.recursive(
    st.one_of(
        st.floats(),
        st.integers(),
        st.text(),
        st.none(),
        st.booleans(),
        st.floats(width=32).map(np.float32),
        st.integers(0, 255).map(np.uint8),
        st.complex_numbers(),
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(VALUES)
def test_a_logged_value_comes_back_from_json_as_it_was(value: Any) -> None:
    again = unpacked(json.loads(json.dumps(packed(value), allow_nan=False)))
    assert (repr(again), type(again)) == (repr(value), type(value))


# Through the logger


def lines(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "tracked.jsonl").read_text().splitlines()]


def row(logger: Logger, value: float = 0) -> None:
    logger.log_tabular("A", value)
    logger.dump_tabular()


def test_a_step_is_a_row_unless_steps_are_counted(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path / "rows"), write_interval=2)
    for value in range(4):
        logger.track("a", value)
        row(logger)
    assert lines(tmp_path / "rows") == [{"a": 0.5, "step": 1}, {"a": 2.5, "step": 3}]
    logger = Logger(str(tmp_path / "steps"), write_interval="auto")
    for step in range(1, 601):
        logger.track("a", step)
        logger.end_step(step, 600)
        row(logger)
    assert [line["step"] for line in lines(tmp_path / "steps")] == list(range(6, 601, 6))


def test_what_is_left_at_the_end_is_written_when_the_logger_is_closed(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path), write_interval=10)
    logger.track("a", 3)
    row(logger)
    logger.close()
    assert lines(tmp_path) == [{"a": 3.0, "step": 1}]


def test_direct_writes_go_to_the_outputs_that_take_them(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path))
    logger.writer.add_scalar("a", np.float32(0.5), 7)
    row(logger)
    logger.writer.add_scalar("b", [2])
    logger.writer.add_text("note", "hello")
    logger.writer.flush()
    assert lines(tmp_path) == [{"a": 0.5, "step": 7}, {"b": 2.0, "step": 1}]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda writer: writer.add_scalar("a", [1, 2]), "is not one number; use add_histogram"),
        (lambda writer: writer.add_scalar("a", "x"), "is not numeric"),
        (lambda writer: writer.add_histogram("a", ["x"]), "is not numeric"),
        (lambda writer: writer.add_figure("a", 3), "is no figure"),
    ],
)
def test_a_wrong_direct_write_is_an_error_also_where_no_output_takes_it(tmp_path: Path, call: Any, words: str) -> None:
    with pytest.raises(LoggerError, match=words):
        call(Logger(str(tmp_path)).writer)


def test_on_another_rank_direct_writes_and_tracked_values_go_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMI_RANK", "1")
    monkeypatch.setenv("PMI_SIZE", "2")
    logger = Logger(str(tmp_path / "run"))
    logger.track("a", 1)
    logger.writer.add_scalar("a", 1)
    row(logger)
    logger.close()
    assert list(tmp_path.iterdir()) == []
