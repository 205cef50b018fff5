"""Launches that end early after failures."""

from __future__ import annotations

from typing import Any

from sweep.launch.halt import parse_halt
from sweep.launch.retries import Retries
from sweep.rundir.status import State


def test_soon_starts_nothing_more_and_lets_what_runs_go_on(stage: Any, states: Any) -> None:
    play = stage(cores=2, failing={"a": 1}, takes=lambda job: 1.0 if job.name == "a" else 3.0)
    outcomes = play.run("a", "b", "c", "d", halt=parse_halt("soon"))
    assert states(outcomes) == {"a": State.FAILED, "b": State.DONE}
    assert play.started == ["a", "b"]
    assert play.scheduler.halted == "halted after 1 failure (halt=soon,fail=1)"


def test_now_ends_what_runs_and_marks_it_interrupted(stage: Any, states: Any) -> None:
    play = stage(cores=2, failing={"a": 1}, takes=lambda job: 1.0 if job.name == "a" else 3.0)
    outcomes = play.run("a", "b", "c", halt=parse_halt("now"))
    assert states(outcomes) == {"a": State.FAILED, "b": State.INTERRUPTED}
    assert play.clock.now == 1.0
    status = play.status("b")
    assert (status.state, status.cause) == (State.INTERRUPTED, "halted after 1 failure (halt=now,fail=1)")
    assert not play.is_held("b")


def test_the_job_prepared_ahead_is_let_go_and_stays_pending(stage: Any) -> None:
    play = stage(cores=1, failing={"a": 1})
    play.run("a", "b", "c", halt=parse_halt("now"))
    assert play.prepared == ["a", "b"]
    assert play.status("b").state is State.PENDING
    assert not play.is_held("b")


def test_so_many_failures_are_waited_for(stage: Any, states: Any) -> None:
    play = stage(cores=1, failing={"a": 1, "b": 1, "c": 1})
    assert list(states(play.run("a", "b", "c", halt=parse_halt("soon,fail=2")))) == ["a", "b"]


def test_per_cent_are_of_all_runs(stage: Any, states: Any) -> None:
    play = stage(cores=1, failing={"a": 1, "b": 1, "c": 1})
    assert list(states(play.run("a", "b", "c", "d", halt=parse_halt("now,fail=50%"), total=4))) == ["a", "b"]


def test_without_failures_nothing_halts(stage: Any, states: Any) -> None:
    play = stage(cores=1)
    assert len(play.run("a", "b", halt=parse_halt("now"))) == 2
    assert play.scheduler.halted == ""


def test_a_failure_that_is_tried_again_does_not_count(stage: Any, states: Any) -> None:
    play = stage(cores=1, failing={"a": 1})
    outcomes = play.run("a", "b", halt=parse_halt("now"), retries=Retries(1))
    assert states(outcomes) == {"a": State.DONE, "b": State.DONE}


def test_a_run_that_was_done_before_it_could_be_ended_is_done(stage: Any, states: Any) -> None:
    play = stage(cores=2, failing={"a": 1})
    cancel = play.engine.cancel

    def late(jobs: Any, now: bool = False) -> None:
        for job in jobs:
            play.engine.on_end(job)
        cancel(jobs, now)

    play.engine.cancel = late
    play.engine.takes = lambda job: 1.0 if job.name == "a" else 3.0
    assert states(play.run("a", "b", halt=parse_halt("now"))) == {"a": State.FAILED, "b": State.DONE}
