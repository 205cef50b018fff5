"""The closing report and the exit code."""

from __future__ import annotations

from pathlib import Path

from sweep.front.plan import Call, Plan, PlannedRun, Verdict
from sweep.front.summary import Sweep
from sweep.launch.job import Job, Outcome
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State


def planned(verdict: Verdict, note: str = "") -> PlannedRun:
    return PlannedRun(Call("ppo", len, {"seed": 0}), RunDir(Path("data/ppo/ppo_s0")), verdict, note)


def sweep(*runs: PlannedRun, **more: object) -> Sweep:
    return Sweep(Plan(Place(Path("data")), runs), **more)  # type: ignore[arg-type]


def outcome(state: State, cause: str = "", lines: tuple[str, ...] = ()) -> Outcome:
    return Outcome(Job(RunDir(Path("data/ppo/ppo_s0")), "ppo seed 0"), state, cause, 2.0, lines)


def test_all_done_is_zero() -> None:
    assert sweep(planned(Verdict.NEW), outcomes=[outcome(State.DONE)]).exit_code == 0
    assert sweep(planned(Verdict.DONE)).exit_code == 0


def test_a_failure_is_one_and_is_told_with_cause_last_lines_and_log() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=[outcome(State.FAILED, "rank 1: ValueError: no", ("  File x", "no"))])
    assert found.exit_code == 1
    text = found.summary()
    for part in ("0 runs done, 1 failed", "failed: ppo seed 0: rank 1: ValueError: no", "      File x", "output.log"):
        assert part in text
    assert "retry_failed=True" in text


def test_a_failure_of_before_is_not_forgotten() -> None:
    found = sweep(planned(Verdict.FAILED, "rank 0: old"))
    assert found.exit_code == 1
    assert "failed before: ppo seed 0: rank 0: old" in found.summary()


def test_the_time_is_the_launch_s_own_however_many_ran_at_once() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=[outcome(State.DONE), outcome(State.DONE)], seconds=2.5)
    assert "2 runs done, 0 failed, in 2.5 s" in found.summary()


def test_stopped_is_75_and_says_how_to_go_on() -> None:
    found = sweep(planned(Verdict.NEW), planned(Verdict.NEW), outcomes=[outcome(State.DONE)], stopped=True)
    assert found.exit_code == 75
    assert "stopped with 1 run to go; run the same again to go on" in found.summary()


def test_a_dry_run_is_no_failure() -> None:
    assert sweep(planned(Verdict.FAILED), dry=True).exit_code == 0


def test_control_characters_of_a_cause_never_reach_the_terminal() -> None:
    found = sweep(planned(Verdict.NEW), outcomes=[outcome(State.FAILED, "\x1b[31mred", ("\x1b]0;title\x07",))])
    assert "\x1b" not in found.summary()
    assert "\x07" not in found.summary()
