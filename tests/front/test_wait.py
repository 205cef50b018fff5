"""Waiting for launches from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep.front.wait import wait
from sweep.launch.engines.fake import FakeClock
from sweep.rundir.lock import take
from sweep.rundir.status import State


def never(seconds: float) -> None:
    raise AssertionError("nothing is to be waited for")


@pytest.mark.parametrize(
    ("states", "code", "line"),
    [
        ([State.DONE, State.DONE], 0, "2 done"),
        ([State.DONE, State.FAILED], 1, "1 done, 1 failed"),
        ([State.FAILED, State.INTERRUPTED], 1, "1 failed, 1 interrupted"),
        ([State.DONE, State.INTERRUPTED], 75, "1 done, 1 interrupted"),
        ([State.DONE, State.PENDING], 75, "1 pending, 1 done"),
        ([State.DONE, State.RUNNING], 75, "1 done, 1 interrupted"),
    ],
)
def test_where_nobody_is_at_work_it_counts_at_once(
    made: Any, tmp_path: Path, states: list[State], code: int, line: str
) -> None:
    for number, state in enumerate(states):
        made(f"a/a_s{number}", state)
    result = wait(tmp_path, sleep=never)
    assert result.exit_code == code
    assert list(result.lines()) == [f"2 runs under {tmp_path}: {line}"]
    assert result.as_json()["runs"] == 2
    assert result.as_json()["exit_code"] == code


def test_no_runs_at_all_is_a_mistake(tmp_path: Path) -> None:
    result = wait(tmp_path, sleep=never)
    assert (result.exit_code, list(result.lines())) == (2, [f"0 runs under {tmp_path}"])


def test_it_waits_for_runs_and_for_launches_that_have_none_at_the_moment(made: Any, tmp_path: Path) -> None:
    run, clock = made("a/a_s0", State.DONE), FakeClock()
    launch = tmp_path / "data" / ".sweep" / "grid.lock"
    launch.parent.mkdir()
    held = {2.0: take(run.lock), 5.0: take(launch)}

    def sleep(seconds: float) -> None:
        clock.now += seconds
        for end, lock in held.items():
            if clock.now >= end and lock is not None:
                lock.release()

    assert wait(tmp_path, sleep=sleep, clock=clock).exit_code == 0
    assert clock.now >= 5.0


def test_it_waits_no_longer_than_asked_and_says_who_is_at_work(made: Any, tmp_path: Path) -> None:
    run, clock = made("a/a_s0", State.RUNNING), FakeClock()
    lock = take(run.lock)
    assert lock is not None

    def sleep(seconds: float) -> None:
        clock.now += seconds

    result = wait(tmp_path, 3.0, sleep, clock)
    lock.release()
    assert (result.exit_code, result.counts) == (2, {State.RUNNING: 1})
    assert next(result.lines()).startswith("still at work: process ")
    assert 3.0 <= clock.now < 5.0
