"""Runs that take too long, or write nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.rundir.paths import RunDir


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path)
    run.own.mkdir()
    return run


def test_without_limits_nothing_is_ever_late(run: RunDir) -> None:
    watch = Watch(run, Limits(), 0.0)
    assert watch.late(1e9) is None
    assert watch.due == float("inf")


def test_a_run_is_late_when_its_time_is_over(run: RunDir) -> None:
    watch = Watch(run, Limits(timeout_s=90.0), 10.0)
    assert watch.late(99.0) is None
    assert watch.due == 100.0
    late = watch.late(100.0)
    assert late is not None
    assert late.text == "timeout: it took longer than 1 min 30 s"


def test_a_run_that_is_silent_for_its_limit_is_late(run: RunDir) -> None:
    watch = Watch(run, Limits(stall_timeout_s=4.0), 0.0)
    assert [watch.late(float(second)) is None for second in range(4)] == [True] * 4
    late = watch.late(4.0)
    assert late is not None
    assert late.text == "stalled: nothing was written for 4.0 s"


def test_whatever_is_written_ends_the_silence(run: RunDir) -> None:
    watch = Watch(run, Limits(stall_timeout_s=4.0), 0.0)
    for second in range(12):
        if second % 3 == 0:
            run.output.write_text("x" * (second + 1))
        assert watch.late(float(second)) is None


def test_it_is_looked_at_once_a_second_or_four_times_within_the_limit(run: RunDir) -> None:
    slow, quick = Watch(run, Limits(stall_timeout_s=60.0), 0.0), Watch(run, Limits(stall_timeout_s=1.0), 0.0)
    for watch in (slow, quick):
        watch.late(5.0)
    assert (slow.due, quick.due) == (6.0, 5.25)


def test_a_pause_in_which_nobody_looked_counts_as_one_look(run: RunDir) -> None:
    watch = Watch(run, Limits(stall_timeout_s=10.0), 0.0)
    watch.late(0.0)
    assert watch.late(3600.0) is None
