"""A scheduler that is stopped: by signals, and by errors."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.stops import Stopped, stop_signals
from sweep.rundir.status import State


def signalled(play: Any, *numbers: int, when: float = 0.5) -> None:
    """Let the process get signals, one a poll, once the clock stands at `when`."""
    left, poll = list(numbers), play.engine.poll

    def polled(wait_s: float) -> Any:
        if left and play.clock.now >= when:
            os.kill(os.getpid(), left.pop(0))
        return poll(wait_s)

    play.engine.poll = polled


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGINT, "stopped by Ctrl-C"),
        (signal.SIGTERM, "stopped by SIGTERM"),
        (signal.SIGHUP, "stopped by SIGHUP"),
    ],
)
def test_a_signal_ends_what_runs_marks_it_and_starts_nothing_more(stage: Any, number: int, cause: str) -> None:
    play = stage(cores=2, takes=lambda job: 9.0)
    signalled(play, number)
    with stop_signals(), pytest.raises(Stopped) as caught:
        play.run("a", "b", "c", "d")
    assert (caught.value.number, caught.value.now) == (number, False)
    assert play.engine.history == [("submit", "a"), ("submit", "b"), ("cancel", "a"), ("cancel", "b")]
    assert {(play.status(name).state, play.status(name).cause) for name in "ab"} == {(State.INTERRUPTED, cause)}
    assert play.prepared == ["a", "b", "c"]
    assert play.status("c").state is State.PENDING
    assert not any(play.is_held(name) for name in "abc")
    assert [outcome.state for outcome in play.scheduler.stopped] == [State.INTERRUPTED] * 2


def test_all_that_runs_is_waited_for(stage: Any) -> None:
    play = stage(takes=lambda job: 9.0)
    play.engine.grace_s = 4.0
    signalled(play, signal.SIGTERM)
    with stop_signals(), pytest.raises(Stopped):
        play.run("a")
    assert play.engine.running == {}
    assert play.clock.now >= 4.0


def test_a_second_signal_ends_at_once_and_is_the_one_that_is_raised(stage: Any) -> None:
    play = stage(takes=lambda job: 9.0)
    play.engine.grace_s = 1000.0
    signalled(play, signal.SIGTERM, signal.SIGINT)
    with stop_signals(), pytest.raises(Stopped) as caught:
        play.run("a")
    assert (caught.value.number, caught.value.now) == (signal.SIGINT, True)
    assert play.engine.history == [("submit", "a"), ("cancel", "a"), ("kill", "a")]
    assert play.clock.now < 100.0
    assert play.status("a").cause == "stopped by SIGTERM"


def test_a_run_that_was_done_meanwhile_is_done(stage: Any) -> None:
    play = stage(takes=lambda job: 9.0)
    cancel = play.engine.cancel

    def late(jobs: Any, now: bool = False) -> None:
        for job in jobs:
            play.engine.on_end(job)
        cancel(jobs, now)

    play.engine.cancel = late
    signalled(play, signal.SIGTERM)
    with stop_signals(), pytest.raises(Stopped):
        play.run("a")
    assert play.status("a").state is State.DONE
    assert [outcome.state for outcome in play.scheduler.stopped] == [State.DONE]


def test_a_signal_never_comes_between_a_start_and_the_note_of_it(stage: Any) -> None:
    play = stage(cores=2, takes=lambda job: 9.0)
    submit = play.engine.submit

    def struck(job: Any, slot: Any) -> None:
        submit(job, slot)
        os.kill(os.getpid(), signal.SIGTERM)

    play.engine.submit = struck
    with stop_signals(), pytest.raises(Stopped):
        play.run("a")
    assert play.engine.history == [("submit", "a"), ("cancel", "a")]
    assert play.status("a").state is State.INTERRUPTED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (lambda: KeyboardInterrupt(), "stopped by Ctrl-C"),
        (lambda: ValueError("a mistake"), "stopped"),
        (lambda: LaunchError("the disk is full"), "stopped"),
    ],
)
def test_an_error_ends_what_runs_too_and_is_passed_on(
    stage: Any, error: Callable[[], BaseException], cause: str
) -> None:
    play, raised = stage(cores=2, takes=lambda job: 9.0), error()

    def jobs() -> Any:
        yield from play.jobs("a")
        raise raised

    play.run()
    with pytest.raises(type(raised)) as caught:
        list(play.scheduler.run(jobs()))
    assert caught.value is raised
    assert (play.status("a").state, play.status("a").cause) == (State.INTERRUPTED, cause)
    assert not play.is_held("a")


def test_an_engine_that_can_end_nothing_any_more_leaves_runs_marked_and_free(stage: Any) -> None:
    play = stage(takes=lambda job: 9.0)

    def gone(*anything: Any, **named: Any) -> Any:
        raise LaunchError("the supervisor is gone")

    play.engine.poll, play.engine.cancel = gone, gone
    with pytest.raises(LaunchError, match="the supervisor is gone"):
        play.run("a")
    assert play.status("a").state is State.INTERRUPTED
    assert not play.is_held("a")


def test_who_stops_listening_ends_what_runs(stage: Any) -> None:
    play = stage(cores=2, takes=lambda job: 1.0 if job.name == "a" else 9.0)
    outcomes = play.start("a", "b", "c")
    next(outcomes)
    outcomes.close()
    assert (play.status("b").state, play.status("b").cause) == (State.INTERRUPTED, "stopped")


def test_a_run_that_is_cut_off_while_it_is_submitted_was_interrupted(stage: Any) -> None:
    play = stage()
    submit = play.engine.submit

    def inline(job: Any, slot: Any) -> None:
        submit(job, slot)
        raise Stopped(signal.SIGINT)

    play.engine.submit = inline
    with pytest.raises(Stopped):
        play.run("a", "b")
    assert (play.status("a").state, play.status("a").cause) == (State.INTERRUPTED, "stopped by Ctrl-C")
    assert not play.is_held("a")
