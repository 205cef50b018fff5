"""How far runs are, and how long they may still take."""

from __future__ import annotations

import time

import pytest

from sweep.results.status.pace import Headway, Pace
from sweep.rundir.status import State, Status, write_status

from .conftest import DataDir, curve

NOW = 1_000_000.0
FAR = "another-host"  # whose locks are not asked about: its runs count as alive


def run(data_dir: DataDir, seed: int, state: str, rows: int = 0, began: float = NOW - 100, **config: object) -> None:
    made = data_dir.run(seed=seed, rows=curve(*range(rows)), state=state, host=FAR, **config)
    ended = None if state in ("running", "pending") else NOW
    write_status(made, Status(State(state), 1, FAR, 1, began, ended))


def headway(data_dir: DataDir, seed: int) -> Headway:
    runs = data_dir.find()
    return Pace(runs, NOW).of(next(one for one in runs if one.seed == seed))


def test_a_parameter_that_says_how_many_epochs_there_are_is_believed(data_dir: DataDir) -> None:
    run(data_dir, 0, "running", rows=5, epochs=20)
    assert headway(data_dir, 0) == Headway(0.25, 300)


def test_it_may_be_nested(data_dir: DataDir) -> None:
    run(data_dir, 0, "running", rows=5, algo__n_epochs=10)
    assert headway(data_dir, 0).fraction == 0.5


def test_without_one_the_end_of_finished_runs_counts(data_dir: DataDir) -> None:
    run(data_dir, 0, "done", rows=40)
    run(data_dir, 1, "running", rows=10)
    assert headway(data_dir, 1) == Headway(0.25, 300)


def test_without_rows_the_time_of_finished_runs_counts_and_never_says_that_it_is_over(data_dir: DataDir) -> None:
    run(data_dir, 0, "done", began=NOW - 400)
    run(data_dir, 1, "running", began=NOW - 100)
    run(data_dir, 2, "running", began=NOW - 9000)
    assert headway(data_dir, 1) == Headway(0.25, 300)
    assert headway(data_dir, 2) == Headway(0.99, 0)


def test_where_nothing_is_known_nothing_is_said(data_dir: DataDir) -> None:
    run(data_dir, 0, "running")
    run(data_dir, 1, "running", rows=3)
    run(data_dir, 2, "pending")
    assert [headway(data_dir, seed) for seed in (0, 1, 2)] == [Headway()] * 3
    assert Pace(data_dir.find(), NOW).left_s() is None


def test_what_is_left_is_shared_by_as_many_as_go_at_once(data_dir: DataDir) -> None:
    run(data_dir, 0, "done", rows=20, began=NOW - 200)
    for seed in (1, 2):
        run(data_dir, seed, "running", rows=10)
    for seed in (3, 4, 5):
        run(data_dir, seed, "pending")
    assert Pace(data_dir.find(), NOW).left_s() == pytest.approx((100 + 100 + 3 * 200) / 2)


def test_a_run_that_was_gone_on_with_is_not_judged_by_the_time_of_its_last_attempt(data_dir: DataDir) -> None:
    run(data_dir, 0, "done", rows=20, began=NOW - 200)
    made = data_dir.run(seed=1, rows=curve(*range(10)), state="running", host=FAR)
    write_status(made, Status(State.RUNNING, 2, FAR, 1, NOW - 1))
    assert headway(data_dir, 1) == Headway(0.5, 100)


def test_a_clock_that_is_behind_makes_no_time_negative(data_dir: DataDir) -> None:
    run(data_dir, 0, "running", rows=5, began=time.time() + 1e6, epochs=10)
    assert headway(data_dir, 0) == Headway(0.5, 0)
