"""The scheduler on a fake engine and a fake clock: what starts when, and what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.causes import Cause
from sweep.launch.job import Job
from sweep.launch.resources import Capacity
from sweep.launch.slots import Demand, Slot, Slots
from sweep.rundir.status import Kind, State

GB = 2**30
NOT_RETURNED = "rank 0 ended with exit code 0 before the function returned"


def test_every_job_runs_once_and_in_order(stage: Any, states: Any) -> None:
    play = stage(cores=1)
    outcomes = play.run("a", "b", "c")
    assert [outcome.job.name for outcome in outcomes] == ["a", "b", "c"]
    assert set(states(outcomes).values()) == {State.DONE}
    assert play.engine.history == [(verb, name) for name in "abc" for verb in ("submit", "end")]


def test_as_many_run_at_once_as_there_are_cores_for(stage: Any) -> None:
    play = stage(cores=4, demands=dict.fromkeys("abc", Demand(ranks=2)))
    play.run("a", "b", "c")
    assert play.engine.history == [
        ("submit", "a"), ("submit", "b"), ("end", "a"), ("end", "b"), ("submit", "c"), ("end", "c"),
    ]  # fmt: skip
    assert play.clock.now == 2.0


def test_never_more_run_at_once_than_asked(stage: Any) -> None:
    play = stage()
    play.run("a", "b", "c", at_once=1)
    assert play.clock.now == 3.0


def test_each_job_holds_what_it_demands_itself(stage: Any) -> None:
    play = stage(cores=4, demands={"b": Demand(ranks=3)})
    held = dict[str, tuple[int, ...]]()
    submit = play.engine.submit

    def kept(job: Job, slot: Slot) -> None:
        held[job.name] = slot.cores
        submit(job, slot)

    play.engine.submit = kept
    play.run("a", "b")
    assert held == {"a": (0,), "b": (1, 2, 3)}


def test_a_job_that_does_not_fit_yet_is_not_overtaken_by_smaller_ones(stage: Any) -> None:
    length = {"a": 1.0, "b": 5.0}
    play = stage(cores=2, takes=lambda job: length.get(job.name, 1.0), demands={"wide": Demand(ranks=2)})
    play.run("a", "b", "wide", "c", "d")
    assert play.engine.history == [
        ("submit", "a"), ("submit", "b"), ("end", "a"), ("end", "b"), ("submit", "wide"), ("end", "wide"),
        ("submit", "c"), ("submit", "d"), ("end", "c"), ("end", "d"),
    ]  # fmt: skip


def test_a_job_that_can_never_fit_is_an_error_once_nothing_runs(stage: Any) -> None:
    play = stage(cores=2, demands={"wide": Demand(ranks=3)})
    with pytest.raises(LaunchError, match="a run needs 3 cores"):
        play.run("a", "wide", "c")
    assert play.status("a").state is State.DONE
    assert play.status("wide").state is State.PENDING
    assert not play.is_held("wide")


def test_while_all_slots_are_busy_one_job_is_prepared_ahead_and_no_more(stage: Any) -> None:
    play = stage(cores=2)
    seen = list[list[str]]()
    poll = play.engine.poll

    def watched(wait_s: float) -> Any:
        seen.append(list(play.prepared))
        return poll(wait_s)

    play.engine.poll = watched
    play.run("a", "b", "c", "d", "e")
    assert seen[0] == ["a", "b", "c"]
    assert play.prepared == ["a", "b", "c", "d", "e"]


def test_when_nothing_is_left_the_jobs_are_not_asked_for_more(stage: Any) -> None:
    play = stage(cores=1)
    asked = list[str]()

    def jobs() -> Any:
        yield from play.jobs("a", "b")
        asked.append("again")

    play.run()
    assert len(list(play.scheduler.run(jobs()))) == 2
    assert asked == ["again"]


def test_the_lock_of_a_run_is_free_when_its_outcome_is_told(stage: Any) -> None:
    play = stage(cores=1, failing={"b": 1})
    seen = [(outcome.job.name, play.is_held("a"), play.is_held("b")) for outcome in play.start("a", "b")]
    assert seen == [("a", False, True), ("b", False, False)]


def test_the_payload_of_a_done_run_is_removed_and_that_of_a_failed_one_kept(stage: Any) -> None:
    play = stage(failing={"b": 1})
    outcomes = {outcome.job.name: outcome.job.run for outcome in play.run("a", "b")}
    assert (outcomes["a"].payload.exists(), outcomes["b"].payload.exists()) == (False, True)


def test_a_failure_does_not_stop_the_rest(stage: Any, states: Any) -> None:
    play = stage(cores=1, failing={"b": 1})
    outcomes = play.run("a", "b", "c")
    assert states(outcomes) == {"a": State.DONE, "b": State.FAILED, "c": State.DONE}
    assert (outcomes[1].cause, outcomes[1].kind) == ("rank 0: ValueError: no", Kind.ERROR)
    status = play.status("b")
    assert (status.state, status.cause, status.kind) == (State.FAILED, "rank 0: ValueError: no", "error")


def test_an_exit_code_of_zero_without_a_completion_record_is_a_failure(stage: Any, states: Any) -> None:
    play = stage()
    play.engine.on_end = lambda job: 0
    outcomes = play.run("a")
    assert states(outcomes) == {"a": State.FAILED}
    assert outcomes[0].cause == NOT_RETURNED


def test_a_run_that_takes_too_long_is_ended_alone(stage: Any, states: Any) -> None:
    play = stage(cores=2, takes=lambda job: float("inf") if job.name == "a" else 1.0)
    outcomes = play.run("a", "b", "c", timeout_s=5.0)
    assert states(outcomes) == {"a": State.FAILED, "b": State.DONE, "c": State.DONE}
    (hung,) = [outcome for outcome in outcomes if outcome.job.name == "a"]
    assert (hung.cause, hung.kind) == ("timeout: it took longer than 5.0 s", Kind.TIMEOUT)
    assert play.engine.history.count(("cancel", "a")) == 1
    assert play.clock.now == pytest.approx(5.0)


def test_what_the_engine_saw_of_a_run_that_took_too_long_is_said_behind_it(stage: Any) -> None:
    play = stage(takes=lambda job: float("inf"))
    play.engine.seen = Cause(Kind.TIMEOUT, "rank 1 is stopped (SIGSTOP)")
    (outcome,) = play.run("a", timeout_s=5.0)
    assert outcome.cause == "timeout: it took longer than 5.0 s; rank 1 is stopped (SIGSTOP)"


def test_a_run_that_ends_slowly_after_its_time_limit_is_cancelled_once(stage: Any) -> None:
    play = stage(takes=lambda job: float("inf"))
    play.engine.grace_s = 3.0
    play.run("a", timeout_s=5.0)
    assert play.engine.history == [("submit", "a"), ("cancel", "a")]
    assert play.clock.now == pytest.approx(8.0)


def test_a_run_that_writes_nothing_for_too_long_has_failed(stage: Any) -> None:
    play = stage(takes=lambda job: float("inf"))
    (outcome,) = play.run("a", stall_timeout_s=2.0)
    assert (outcome.cause, outcome.kind) == ("stalled: nothing was written for 2.0 s", Kind.TIMEOUT)
    assert play.status("a").kind == "timeout"


def test_a_run_that_goes_on_writing_is_left_alone(stage: Any, states: Any) -> None:
    play = stage(takes=lambda job: 20.0)
    poll = play.engine.poll

    def writing(wait_s: float) -> Any:
        for job in play.engine.running:
            with job.run.output.open("a") as log:
                log.write("more\n")
        return poll(wait_s)

    play.engine.poll = writing
    assert states(play.run("a", stall_timeout_s=2.0)) == {"a": State.DONE}


def test_while_memory_is_short_nothing_starts_beside_what_runs(stage: Any) -> None:
    play = stage(cores=2)
    play.slots = Slots(Capacity((0, 1), 8 * GB, ()), GB, lambda: GB // 2)
    play.run("a", "b")
    assert play.clock.now == pytest.approx(2.0)


def test_a_run_that_cannot_be_submitted_gives_its_slot_back_and_ends_the_others(stage: Any) -> None:
    play = stage(cores=2)
    submit = play.engine.submit

    def refused(job: Job, slot: Slot) -> None:
        if job.name == "b":
            raise LaunchError("no process can be started")
        submit(job, slot)

    play.engine.submit = refused
    with pytest.raises(LaunchError, match="no process"):
        play.run("a", "b")
    assert play.status("a").state is State.INTERRUPTED
    assert play.status("b").state is State.PENDING
    assert not play.is_held("a")
    assert not play.is_held("b")
    assert play.slots.take(Demand(ranks=2)) is not None
