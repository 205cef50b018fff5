"""A launch at its runs, one after another: what has changed meanwhile, and what cannot be prepared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sweep.front.summary import Sweep
from sweep.front.turns import Turns
from sweep.front.verdict import Verdict
from sweep.launch.job import Job, Outcome
from sweep.launch.slots import Demand
from sweep.launch.stops import Stopped
from sweep.rundir.status import State, Status, read_status, write_status


def turns(sweep: Sweep, calls: Any, **more: Any) -> Iterator[Job]:
    return Turns(calls, sweep, Demand(1, threads=2), 60.0, sweep.take, **more).jobs()


def test_runs_are_prepared_one_by_one_when_they_are_asked_for(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(3)]
    sweep = Sweep(scene.plan(*calls))
    jobs = turns(sweep, calls)
    assert next(jobs).name == "n0 seed 0"
    assert [path.name for path in sorted(scene.place.data_dir.iterdir())] == ["n0"]
    assert [job.name for job in jobs] == ["n1 seed 0", "n2 seed 0"]


def test_what_another_launch_has_finished_meanwhile_is_passed_over(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(3)]
    sweep = Sweep(scene.plan(*calls))
    scene.made(calls[1], State.DONE)
    assert [job.name for job in turns(sweep, calls)] == ["n0 seed 0", "n2 seed 0"]
    assert (sweep.meanwhile, sweep.failures) == (1, 0)


def test_what_failed_in_another_launch_meanwhile_is_a_failure_and_not_tried_again(scene: Any) -> None:
    calls = [scene.call(lr=1.0)]
    sweep = Sweep(scene.plan(*calls))
    scene.made(calls[0], State.FAILED, cause="rank 0: no")
    assert list(turns(sweep, calls)) == []
    assert [outcome.cause for outcome in sweep.failed] == ["in another launch: rank 0: no"]


def test_a_run_that_another_launch_has_is_looked_at_again_at_the_end(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(4)]
    locks = [scene.held(scene.place.run_dir(f"n{number}", 0)) for number in range(3)]
    sweep = Sweep(scene.plan(*calls))
    assert sweep.plan.counts[Verdict.RUNNING] == 3
    jobs = turns(sweep, calls)
    assert next(jobs).name == "n3 seed 0"
    locks[0].release()
    locks[1].release()
    scene.made(calls[1], State.DONE)
    assert [job.name for job in jobs] == ["n0 seed 0"]
    assert (sweep.meanwhile, sweep.held_runs, sweep.held[0].run) == (1, 1, scene.place.run_dir("n2", 0))
    locks[2].release()


def test_a_run_that_cannot_be_prepared_has_failed_and_the_others_go_on(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(3)]
    sweep = Sweep(scene.plan(*calls))
    (scene.place.data_dir / "n1").write_text("in the way")
    assert [job.name for job in turns(sweep, calls)] == ["n0 seed 0", "n2 seed 0"]
    assert [outcome.cause for outcome in sweep.failed] == [
        f"its directory cannot be made: {scene.place.data_dir}/n1 is a file"
    ]


def test_a_full_disk_is_the_failure_of_the_run_it_meets(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(2)]
    sweep = Sweep(scene.plan(*calls))

    def full(*words: Any) -> None:
        monkeypatch.undo()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sweep.front.prepare.write_variant", full)
    assert [job.name for job in turns(sweep, calls)] == ["n1 seed 0"]
    (outcome,) = sweep.failed
    assert "n0_s0 cannot be written: No space left on device." in outcome.cause
    assert "\n" not in outcome.cause
    assert scene.verdicts(calls[0]) == [Verdict.NEW]


def test_a_failure_to_prepare_is_in_the_run_s_status_where_it_can_be(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [scene.call(lr=1.0)]
    sweep = Sweep(scene.plan(*calls))

    def full(*words: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sweep.rundir.payload.write_payload", full)
    assert list(turns(sweep, calls)) == []
    status = read_status(scene.place.run_dir("ppo", 0))
    assert status is not None
    assert (status.state, "No space left on device" in status.cause) == (State.FAILED, True)
    assert scene.verdicts(calls[0]) == [Verdict.FAILED]


def test_each_run_has_the_ranks_of_its_variant(scene: Any) -> None:
    calls = [replace(scene.call(f"n{ranks}", lr=float(ranks)), ranks=ranks) for ranks in (1, 4)]
    jobs = list(turns(Sweep(scene.plan(*calls)), calls))
    assert [job.demand for job in jobs] == [Demand(1, threads=2), Demand(4, threads=2)]


def test_a_signal_is_heard_while_a_long_grid_is_passed_over(scene: Any) -> None:
    calls = [scene.call(f"n{number}", lr=float(number)) for number in range(5)]
    for call in calls:
        scene.made(call, State.DONE)
    looked: list[int] = []

    def check() -> None:
        looked.append(1)
        if len(looked) == 3:
            raise Stopped(15)

    with pytest.raises(Stopped):
        list(turns(Sweep(scene.plan(*calls)), calls, check=check))
    assert len(looked) == 3


def test_failures_of_preparation_are_told_at_once(scene: Any) -> None:
    calls = [scene.call(lr=1.0)]
    sweep, told = Sweep(scene.plan(*calls)), list[Outcome]()
    run = scene.place.run_dir("ppo", 0)
    run.path.mkdir(parents=True)
    (run.path / "mine.txt").touch()
    assert list(Turns(calls, sweep, Demand(), 60.0, told.append).jobs()) == []
    assert "holds files that this sweep did not make" in told[0].cause
    assert [path.name for path in run.path.iterdir()] == ["mine.txt"]


def test_retried_runs_are_claimed_too(scene: Any) -> None:
    calls = [scene.call(lr=1.0)]
    run = scene.made(calls[0], State.DONE)
    write_status(run, Status(State.FAILED, 1, cause="no"))
    sweep = Sweep(scene.plan(*calls, retry_failed=True))
    assert [job.name for job in turns(sweep, calls)] == ["ppo seed 0"]
