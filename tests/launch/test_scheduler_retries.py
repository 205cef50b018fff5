"""Runs that fail and are tried again within the launch."""

from __future__ import annotations

from typing import Any

from sweep.launch.retries import Retries
from sweep.rundir.status import Kind, State, read_status, write_status


def test_a_run_with_tries_left_is_tried_again_and_only_its_last_outcome_is_told(stage: Any) -> None:
    play = stage(failing={"a": 2})
    outcomes = play.run("a", retries=Retries(2))
    assert [(outcome.job.name, outcome.state) for outcome in outcomes] == [("a", State.DONE)]
    assert play.started == ["a", "a", "a"]
    assert play.retried == ["a: rank 0: ValueError: no (2 of 3) at 1", "a: rank 0: ValueError: no (3 of 3) at 3"]
    assert play.status("a").attempt == 3


def test_a_run_without_tries_left_has_failed(stage: Any) -> None:
    play = stage(failing={"a": 9})
    (outcome,) = play.run("a", retries=Retries(1))
    assert outcome.state is State.FAILED
    assert play.started == ["a", "a"]
    assert play.status("a").state is State.FAILED
    assert not play.is_held("a")


def test_each_class_of_failures_has_tries_of_its_own(stage: Any) -> None:
    play = stage(failing={"a": 9}, code=-9)
    play.run("a", retries=Retries(by_kind={Kind.KILLED: 2, Kind.ERROR: 0}))
    assert play.started == ["a", "a", "a"]


def test_a_class_without_tries_is_not_tried_again(stage: Any) -> None:
    play = stage(failing={"a": 9})
    play.run("a", retries=Retries(by_kind={Kind.KILLED: 2}))
    assert play.started == ["a"]


def test_the_pause_before_a_try_grows_and_others_go_first_meanwhile(stage: Any) -> None:
    play = stage(cores=1, failing={"a": 2}, takes=lambda job: 0.5)
    play.run("a", "b", "c", "d", retries=Retries(2))
    assert play.started == ["a", "b", "c", "a", "d", "a"]


def test_what_ranks_said_of_the_last_failure_is_gone_before_the_next_try(stage: Any) -> None:
    play = stage(failing={"a": 1})
    seen = list[bool]()
    submit = play.engine.submit

    def looked(job: Any, slot: Any) -> None:
        seen.append(bool(job.run.failures()))
        submit(job, slot)

    play.engine.submit = looked
    play.run("a", retries=Retries(1))
    assert seen == [False, False]


def test_a_timeout_is_tried_again_too(stage: Any) -> None:
    play = stage(takes=lambda job: float("inf"))
    (outcome,) = play.run("a", timeout_s=2.0, retries=Retries(by_kind={Kind.TIMEOUT: 1}))
    assert play.started == ["a", "a"]
    assert outcome.kind is Kind.TIMEOUT


def test_a_run_that_waits_for_another_try_when_all_is_stopped_stays_pending(stage: Any) -> None:
    play = stage(cores=2, failing={"a": 1}, takes=lambda job: 1.0 if job.name == "a" else 1.5)
    outcomes = play.start("a", "b", "c", retries=Retries(1))
    assert next(outcomes).job.name == "b"
    assert play.status("a").state is State.PENDING
    assert play.is_held("a")
    outcomes.close()
    assert play.status("a").state is State.PENDING
    assert not play.is_held("a")


def test_an_interruption_that_a_supervisor_has_written_as_it_lost_its_driver_is_lost_and_tried_again(
    stage: Any,
) -> None:
    play = stage(failing={"a": 1})
    end = play.engine.on_end

    def lost(job: Any) -> int:
        code = int(end(job))
        if code:
            status = read_status(job.run)
            assert status is not None
            write_status(job.run, status.ended_as(State.INTERRUPTED, "its driver died", Kind.LOST))
            job.run.failure(0).unlink(missing_ok=True)
        return code

    play.engine.on_end = lost
    (outcome,) = play.run("a", retries=Retries(1))
    assert (outcome.state, play.started) == (State.DONE, ["a", "a"])
