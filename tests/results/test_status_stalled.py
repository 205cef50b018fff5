"""Runs that say they are going on and are silent."""

from __future__ import annotations

import os

import pytest

from sweep.results.status.stalled import find_stalled
from sweep.results.status.times import row_interval_s
from sweep.rundir.activity import activity
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status

from .conftest import DataDir, Row, curve

NOW = 1_000_000.0
FAR = "another-host"


def run(data_dir: DataDir, rows: list[Row], silent_s: float, seed: int = 0, state: str = "running") -> RunDir:
    """Make a run that began at NOW - 1000 and has written nothing for some seconds."""
    made = data_dir.run(seed=seed, rows=rows, state=state, host=FAR)
    write_status(made, Status(State(state), 1, FAR, 1, NOW - 1000, NOW if state == "done" else None))
    for path, _, _ in activity(made):  # type: ignore[misc]
        os.utime(path, (NOW - silent_s, NOW - silent_s))
    return made


def timed(*times: float) -> list[Row]:
    return [{"Epoch": epoch, "Time": moment} for epoch, moment in enumerate(times)]


def test_the_time_between_rows_is_the_median_of_the_column_time(data_dir: DataDir) -> None:
    run(data_dir, timed(10, 20, 30, 400, 410), 5)
    assert row_interval_s(data_dir.find()[0]) == 10


def test_without_that_column_it_is_the_mean_since_the_start(data_dir: DataDir) -> None:
    run(data_dir, curve(*range(10)), 500)
    assert row_interval_s(data_dir.find()[0]) == pytest.approx(50)


@pytest.mark.parametrize(("silent_s", "is_stalled"), [(50, False), (99, False), (101, True)])
def test_a_run_is_stalled_after_ten_times_that(data_dir: DataDir, silent_s: float, is_stalled: bool) -> None:
    run(data_dir, timed(0, 10, 20, 30), silent_s)
    found = find_stalled(data_dir.find(), NOW)
    assert [(one.silent_s, one.interval_s) for one in found] == [(silent_s, 10)] * is_stalled


def test_the_number_of_times_can_be_chosen(data_dir: DataDir) -> None:
    run(data_dir, timed(0, 10, 20, 30), 70)
    assert not find_stalled(data_dir.find(), NOW)
    assert find_stalled(data_dir.find(), NOW, times=5)


def test_quick_rows_give_a_minute_nevertheless(data_dir: DataDir) -> None:
    run(data_dir, timed(0, 0.1, 0.2), 59)
    run(data_dir, timed(0, 0.1, 0.2), 61, seed=1)
    assert [one.run.seed for one in find_stalled(data_dir.find(), NOW)] == [1]


def test_any_file_that_is_written_is_a_sign_of_life(data_dir: DataDir) -> None:
    made = run(data_dir, timed(0, 10, 20), 900)
    made.output.write_text("still here")
    os.utime(made.output, (NOW - 1, NOW - 1))
    assert not find_stalled(data_dir.find(), NOW)


def test_a_run_without_rows_is_measured_by_finished_ones(data_dir: DataDir) -> None:
    run(data_dir, [], 500)
    assert not find_stalled(data_dir.find(), NOW)
    run(data_dir, timed(0, 10, 20), 0, seed=1, state="done")
    assert [one.interval_s for one in find_stalled(data_dir.find(), NOW)] == [10]


def test_what_does_not_go_on_cannot_stall(data_dir: DataDir) -> None:
    run(data_dir, timed(0, 1, 2), 900, state="done")
    assert not find_stalled(data_dir.find(), NOW)
