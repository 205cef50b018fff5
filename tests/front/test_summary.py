"""The closing report and the exit code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sweep.front.plan import Plan
from sweep.front.summary import Sweep
from sweep.front.verdict import Call, PlannedRun, Verdict
from sweep.launch.job import Job, Outcome
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State


def planned(verdict: Verdict, note: str = "") -> PlannedRun:
    return PlannedRun(Call("ppo", len, {"seed": 0}), RunDir(Path("data/ppo/ppo_s0")), verdict, note)


def sweep(*runs: PlannedRun, outcomes: tuple[Outcome, ...] = (), **more: Any) -> Sweep:
    plan = Plan(Place(Path("data")), retry_failed=more.pop("retry_failed", False))
    for run in runs:
        plan.take(run)
    found = Sweep(plan, **more)
    for one in outcomes:
        found.take(one)
    return found


def outcome(state: State, cause: str = "", lines: tuple[str, ...] = ()) -> Outcome:
    return Outcome(Job(RunDir(Path("data/ppo/ppo_s0")), "ppo seed 0"), state, cause, None, 2.0, lines)


DONE = outcome(State.DONE)


def test_all_done_is_zero() -> None:
    assert sweep(planned(Verdict.NEW), outcomes=(DONE,)).exit_code == 0
    assert sweep(planned(Verdict.DONE)).exit_code == 0


def test_a_failure_is_one_and_is_told_with_cause_last_lines_and_log() -> None:
    failure = outcome(State.FAILED, "rank 1: ValueError: no", ("  File x", "no"))
    found = sweep(planned(Verdict.NEW), outcomes=(failure,))
    assert (found.exit_code, found.failed) == (1, [failure])
    text = found.summary()
    for part in ("0 runs done, 1 failed", "failed: ppo seed 0: rank 1: ValueError: no", "      File x", "output.log"):
        assert part in text
    assert "retry_failed=True" in text


def test_a_failure_of_before_is_not_forgotten_unless_it_is_tried_again() -> None:
    found = sweep(planned(Verdict.FAILED, "rank 0: old"))
    assert found.exit_code == 1
    assert "failed before: ppo seed 0: rank 0: old" in found.summary()
    again = sweep(planned(Verdict.FAILED, "rank 0: old"), outcomes=(DONE,), retry_failed=True)
    assert again.exit_code == 0
    assert "failed before" not in again.summary()


def test_what_another_launch_has_is_two_and_is_told_with_its_holder() -> None:
    found = sweep(planned(Verdict.RUNNING), outcomes=(DONE,))
    found.take_held(planned(Verdict.RUNNING, "is being run by process 7 on there since 2026"))
    assert found.exit_code == 2
    assert "1 run is held by another launch" in found.summary()
    assert "data/ppo/ppo_s0 is being run by process 7 on there" in found.summary()


def test_a_failure_counts_more_than_a_held_run() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=(outcome(State.FAILED, "no"),))
    found.take_held(planned(Verdict.RUNNING))
    assert found.exit_code == 1


def test_what_another_launch_has_finished_meanwhile_is_said() -> None:
    found = sweep(planned(Verdict.NEW), planned(Verdict.NEW), meanwhile=1, outcomes=(DONE,))
    assert (found.exit_code, found.left) == (0, 0)
    assert "1 run finished by another launch meanwhile" in found.summary()


def test_the_time_is_the_launch_s_own_however_many_ran_at_once() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=(DONE, DONE), seconds=2.5)
    assert "2 runs done, 0 failed, in 2.5 s" in found.summary()


def test_stopped_is_75_and_says_how_to_go_on() -> None:
    found = sweep(planned(Verdict.NEW), planned(Verdict.NEW), outcomes=(DONE,), stopped=True)
    assert found.exit_code == 75
    assert "stopped with 1 run to go; run the same again to go on" in found.summary()


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_a_second_signal_is_128_and_its_number(number: int, code: int) -> None:
    assert sweep(planned(Verdict.NEW), stopped=True, signal=number).exit_code == code


def test_a_launch_that_halted_says_why_and_how_many_are_left() -> None:
    failure = outcome(State.FAILED, "no")
    found = sweep(planned(Verdict.NEW), planned(Verdict.NEW), outcomes=(failure,), halted="halted after 1 failure")
    assert found.exit_code == 1
    assert "halted after 1 failure, with 1 run to go; run the same again to go on" in found.summary()


def test_a_dry_run_is_no_failure() -> None:
    assert sweep(planned(Verdict.FAILED), dry=True).exit_code == 0


def test_control_characters_of_a_cause_never_reach_the_terminal() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=(outcome(State.FAILED, "\x1b[31mred", ("\x1b]0;title\x07",)),))
    assert "\x1b" not in found.summary()
    assert "\x07" not in found.summary()


def test_however_many_fail_a_bounded_number_is_kept_and_told() -> None:
    found = sweep(outcomes=tuple(outcome(State.FAILED, f"cause {number}") for number in range(1500)))
    found.plan.counts = Counter({Verdict.NEW: 1500})
    assert (found.failures, len(found.failed)) == (1500, 1000)
    assert "... and 1,480 more" in found.summary()
    assert found.summary().count("log: ") == 20
