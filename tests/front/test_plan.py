"""The plan: what a launch would do, from the data directory alone."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import ConfigMismatch, Conflict, LaunchError
from sweep.front.counting import make_plan
from sweep.front.plan import plan_notes
from sweep.front.verdict import Call, Verdict
from sweep.rundir.naming import Place
from sweep.rundir.status import State, Status, write_status

NIGHT = datetime(2026, 11, 21, 23, 59, 59)


def other(lr: float = 0.1, seed: int = 0) -> None: ...


def test_in_an_empty_data_directory_everything_is_new(tmp_path: Path, scene: Any) -> None:
    assert scene.verdicts(scene.call(lr=1.0), scene.call("b", lr=2.0)) == [Verdict.NEW, Verdict.NEW]
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_is_there_no_variant_is_looked_at(tmp_path: Path) -> None:
    def none() -> Iterator[Call]:
        raise AssertionError("a variant was asked for")
        yield

    (tmp_path / ".sweep").mkdir()
    plan = make_plan(none(), Place(tmp_path), total=10**9)
    assert (plan.runs, plan.to_start, plan.at(10**8)) == (10**9, 10**9, Verdict.NEW)


def test_runs_of_another_function_cost_no_variant_its_identity(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.made(scene.call("elsewhere", thunk=other, lr=1.0), State.DONE)

    def never(call: Call) -> str:
        raise AssertionError("an identity was asked for")

    monkeypatch.setattr(Call, "identity", property(never))
    assert scene.verdicts(scene.call(lr=1.0), scene.call("b", lr=2.0)) == [Verdict.NEW, Verdict.NEW]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.DONE, Verdict.DONE),
        (State.FAILED, Verdict.FAILED),
        (State.INTERRUPTED, Verdict.RESUME),
        (State.RUNNING, Verdict.RESUME),
        (State.PENDING, Verdict.RESUME),
    ],
)
def test_a_run_that_was_there_is_known_by_its_state(scene: Any, state: State, verdict: Verdict) -> None:
    scene.made(scene.call(lr=1.0), state)
    assert scene.verdicts(scene.call(lr=1.0)) == [verdict]


def test_a_run_that_was_made_ready_and_never_started_is_new_and_nothing_to_move_aside(scene: Any) -> None:
    write_status(scene.made(scene.call(lr=1.0), State.DONE), Status(State.PENDING))
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.NEW]
    assert scene.plan(scene.call(lr=1.0), fresh=True).moved == 0


def test_d12_a_run_is_found_by_what_it_is_when_its_name_has_changed(scene: Any) -> None:
    old = scene.made(scene.call("ppo", lr=1.0), State.FAILED)
    plan = scene.plan(scene.call("ppo_lr1-0", lr=1.0), scene.call("ppo_lr2-0", lr=2.0))
    assert [plan.at(0), plan.at(1)] == [Verdict.FAILED, Verdict.NEW]
    assert plan.of(Verdict.FAILED)[0].run == old
    assert list(plan.elsewhere.values()) == ["ppo/ppo_s0"]


def test_d12_runs_whose_names_have_been_swapped_are_found(scene: Any) -> None:
    scene.made(scene.call("a", lr=1.0), State.DONE)
    scene.made(scene.call("b", lr=2.0), State.FAILED)
    assert scene.verdicts(scene.call("b", lr=1.0), scene.call("a", lr=2.0)) == [Verdict.DONE, Verdict.FAILED]


def test_d12_two_grids_that_differ_in_a_fixed_setting_never_share_a_directory(scene: Any) -> None:
    scene.made(scene.call("ppo", lr=1.0), State.DONE)
    with pytest.raises(
        ConfigMismatch,
        match=r"ppo_s0 holds another configuration, differing in 'lr': 1\.0 there, 3\.0 here\. Nothing is overwritten",
    ) as caught:
        scene.plan(scene.call("ppo", lr=3.0)).check()
    assert caught.value.differences == (("lr", "1.0", "3.0"),)


def test_another_function_with_the_same_arguments_is_a_conflict(scene: Any) -> None:
    scene.made(scene.call(lr=1.0), State.DONE)
    with pytest.raises(Conflict, match=r"of the function .*:train, not .*:other\."):
        scene.plan(scene.call(thunk=other, lr=1.0)).check()


def test_a_directory_that_somebody_else_made_is_a_conflict(tmp_path: Path, scene: Any) -> None:
    (tmp_path / "ppo" / "ppo_s0").mkdir(parents=True)
    (tmp_path / "ppo" / "ppo_s0" / "progress.txt").write_text("Epoch\n0\n")
    with pytest.raises(Conflict, match="holds files that this sweep did not make"):
        scene.plan(scene.call(lr=1.0)).check()


def test_a_record_that_cannot_be_read_is_a_conflict(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.DONE)
    for file in (run.config, run.status):
        file.unlink()
    run.variant.write_text("{")
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.CONFLICT]


def test_a_file_where_a_directory_must_be_made_is_a_conflict(tmp_path: Path, scene: Any) -> None:
    (tmp_path / "ppo").write_text("notes")
    with pytest.raises(Conflict, match=r"ppo_s0 cannot be made: .*/ppo is a file"):
        scene.plan(scene.call(lr=1.0)).check()


def test_an_empty_directory_is_free(tmp_path: Path, scene: Any) -> None:
    (tmp_path / "ppo" / "ppo_s0").mkdir(parents=True)
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.NEW]


def test_a_directory_with_nothing_but_the_lock_of_a_dead_launch_is_free(scene: Any) -> None:
    run = scene.place.run_dir("ppo", 0)
    lock = scene.held(run)
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.RUNNING]
    lock.release()
    (run.own / ".variant.json.x.tmp").touch()
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.NEW]


def test_with_a_date_a_finished_run_of_an_earlier_date_counts(scene: Any) -> None:
    first = scene.dated(NIGHT).made(scene.call(lr=1.0), State.DONE)
    plan = scene.dated(datetime(2026, 11, 23)).plan(scene.call(lr=1.0))
    assert plan.of(Verdict.DONE)[0].run == first


def test_d18_two_configurations_in_one_second_get_two_directories(scene: Any) -> None:
    first = scene.dated(NIGHT).made(scene.call(lr=1.0), State.DONE)
    second = scene.dated(NIGHT).at(scene.call(lr=2.0))
    assert second.verdict is Verdict.NEW
    assert second.run != first
    assert second.run.path.name == "2026-11-22_00-00-00-ppo_s0"


def test_a_run_that_another_launch_has_is_not_started_twice(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.FAILED)
    lock = scene.held(run)
    plan = scene.plan(scene.call(lr=1.0), retry_failed=True)
    with pytest.raises(LaunchError, match=f"ppo_s0 is being run by process {os.getpid()} on .* since .*; wait for it"):
        plan.check()
    plan.check(share=True)
    lock.release()
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.FAILED]


def test_a_run_is_going_on_by_its_lock_and_not_by_the_process_number_in_its_status(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.DONE)
    write_status(run, Status(State.PENDING).begun())
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.RESUME]


def test_failed_runs_are_started_only_if_asked(scene: Any) -> None:
    scene.made(scene.call(lr=1.0), State.FAILED)
    calls = (scene.call(lr=1.0), scene.call("b", lr=2.0))
    assert (scene.plan(*calls).to_start, scene.plan(*calls, retry_failed=True).to_start) == (1, 2)


def test_the_forecast_is_the_median_of_what_finished(scene: Any) -> None:
    for number, seconds in enumerate((5.0, 10.0, 60.0)):
        scene.made(scene.call(f"n{number}", lr=float(number)), State.DONE, seconds=seconds)
    plan = scene.plan(*(scene.call(f"n{number}", lr=float(number)) for number in range(5)))
    assert (plan.forecast_s(), plan.forecast_s(at_once=2)) == (20.0, 10.0)
    assert list(plan_notes(plan)) == [
        f"in {scene.place.data_dir}: 2 new, 3 done",
        "about 20 s to go, as the finished runs of this grid took",
    ]


def test_without_finished_runs_there_is_no_forecast(scene: Any) -> None:
    assert scene.plan(scene.call(lr=1.0)).forecast_s() is None


def test_fresh_makes_everything_new_but_what_another_launch_has(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(4)]
    for call, state in zip(calls, (State.DONE, State.FAILED, State.INTERRUPTED), strict=False):
        run = scene.made(call, state)
    lock = scene.held(run)
    plan = scene.plan(*calls, fresh=True)
    assert [plan.at(number) for number in range(4)] == [Verdict.NEW, Verdict.NEW, Verdict.RUNNING, Verdict.NEW]
    assert f"2 old runs moved to {scene.place.data_dir}/.sweep/aside first" in list(plan_notes(plan))
    lock.release()


def test_a_conflict_stays_one_when_everything_is_to_be_fresh(scene: Any) -> None:
    scene.made(scene.call(lr=1.0), State.DONE)
    assert scene.verdicts(scene.call(lr=2.0), fresh=True) == [Verdict.CONFLICT]


def version_one() -> Any:
    def train(lr: float, seed: int = 0) -> float:
        return lr

    return train


def version_two() -> Any:
    def train(lr: float, seed: int = 0) -> float:
        return lr * 2

    train.__qualname__ = train.__qualname__.replace("two", "one")
    return train


def test_runs_made_with_other_code_are_counted_and_stay_what_they_are(scene: Any) -> None:
    for number, state in enumerate((State.DONE, State.DONE, State.FAILED)):
        scene.made(scene.call(f"n{number}", version_one(), lr=float(number)), state)
    same = scene.plan(scene.call("n0", version_one(), lr=0.0))
    assert same.other_code.total() == 0
    plan = scene.plan(*(scene.call(f"n{number}", version_two(), lr=float(number)) for number in range(3)))
    assert [plan.at(number) for number in range(3)] == [Verdict.DONE, Verdict.DONE, Verdict.FAILED]
    notes = "\n".join(plan_notes(plan))
    assert "2 done and 1 failed with other code since" in notes
    assert "code changed since: n0 seed 0, n1 seed 0, n2 seed 0" in notes


def test_a_run_without_a_recorded_digest_is_not_counted(scene: Any) -> None:
    run = scene.made(scene.call("n0", version_one(), lr=0.0), State.DONE)
    text = run.variant.read_text().replace('"code"', '"was"')
    run.variant.write_text(text)
    assert scene.plan(scene.call("n0", version_two(), lr=0.0)).other_code.total() == 0


def test_a_plan_keeps_a_byte_of_each_variant_and_a_bounded_number_of_examples(scene: Any) -> None:
    for number in range(120):
        scene.made(scene.call(f"n{number}", lr=float(number)), State.FAILED)

    class Calls:
        def __iter__(self) -> Iterator[Call]:
            return (scene.call(f"n{number}", lr=float(number)) for number in range(20_000))

    tracemalloc.start()
    plan = make_plan(Calls(), scene.place)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (plan.counts[Verdict.FAILED], plan.counts[Verdict.NEW], len(plan.of(Verdict.FAILED))) == (120, 19_880, 100)
    assert peak < 3_000_000  # a list of 20,000 calls would take seven times that
