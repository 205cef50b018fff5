"""Runs claimed and made ready: the lock first, the verdict again, then the files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.front.prepare import arguments, claim, prepare
from sweep.front.verdict import Call, Look, Verdict
from sweep.launch.slots import Demand
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status


def anything(verdict: Verdict) -> bool:
    return verdict in (Verdict.NEW, Verdict.RESUME)


def ranked(lr: float, seed: int = 0) -> None: ...


def test_preparing_a_failed_run_again_forgets_its_failure_and_keeps_its_count(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.FAILED)
    run.failure(0).write_text("{}")
    prepare(scene.at(scene.call(lr=1.0)), Demand())
    status = read_status(run)
    assert status is not None
    assert (status.state, status.attempt, run.failures()) == (State.PENDING, 1, [])


def test_preparing_a_run_again_removes_what_was_cut_off_folders_too(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.FAILED)
    (run.path / ".tf1_save.12-34.tmp" / "variables").mkdir(parents=True)
    (run.own / ".status.json.12-34.tmp").touch()
    prepare(scene.at(scene.call(lr=1.0)), Demand())
    assert not list(run.path.rglob("*.tmp"))


def test_preparing_a_run_whose_owner_died_is_a_legal_move(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.DONE)
    write_status(run, Status(State.RUNNING, 1, "elsewhere", 1, started=1.0))
    prepare(scene.at(scene.call(lr=1.0)), Demand())
    status = read_status(run)
    assert status is not None
    assert status.state is State.PENDING


def test_a_prepared_directory_holds_the_reference_s_config(scene: Any) -> None:
    run = prepare(scene.at(scene.call("demo", lr=1e-3, workers=2)), Demand()).run
    assert run.config.read_text() == (
        '{\n    "exp_name":\t"demo",\n    "lr":\t0.001,\n    "seed":\t0,\n    "workers":\t2\n}'
    )


def test_a_claimed_run_is_held_until_its_lock_is_let_go(scene: Any) -> None:
    found = claim(scene.call(lr=1.0), Look(scene.place), anything)
    assert found.lock is not None
    job = prepare(found.planned, Demand(2), lock=found.lock)
    assert (job.lock, job.num_cpu, job.name) == (found.lock, 2, "ppo seed 0")
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.RUNNING]
    job.lock.release()
    assert scene.verdicts(scene.call(lr=1.0)) == [Verdict.NEW]


def test_of_two_claims_only_one_gets_the_run_and_the_other_says_who_has_it(scene: Any) -> None:
    first, second = (claim(scene.call(lr=1.0), Look(scene.place), anything) for _ in range(2))
    assert first.lock is not None
    assert (second.lock, second.planned.verdict) == (None, Verdict.RUNNING)
    assert f"process {os.getpid()} on" in second.planned.note


def test_a_run_that_was_finished_before_the_lock_was_had_is_not_claimed(scene: Any) -> None:
    done = scene.made(scene.call(lr=1.0), State.DONE)
    looks: list[Verdict] = []

    class Late(Look):
        """Sees the run cut off first; by the second look another launch has finished it."""

        def at(self, call: Call, mine: RunDir | None = None) -> Any:
            status = Status(State.INTERRUPTED) if not looks else Status(State.DONE)
            write_status(done, status)
            looks.append(super().at(call, mine).verdict)
            return super().at(call, mine)

    found = claim(scene.call(lr=1.0), Late(scene.place), anything)
    assert looks == [Verdict.RESUME, Verdict.DONE]
    assert (found.lock, found.planned.verdict) == (None, Verdict.DONE)
    assert holder(done.lock) is None


def test_fresh_moves_the_old_run_aside_whole_and_starts_in_an_empty_directory(scene: Any) -> None:
    old = scene.made(scene.call(lr=1.0), State.DONE)
    old.progress.write_text("Epoch\n0\n")
    found = claim(scene.call(lr=1.0), Look(scene.place, fresh=True), anything)
    assert (found.planned.verdict, found.planned.run) == (Verdict.NEW, old)
    assert sorted(path.name for path in old.path.rglob("*")) == [".sweep", "lock"]
    (aside,) = scene.place.own.glob("aside/*/ppo/ppo_s0")
    assert RunDir(aside).progress.read_text() == "Epoch\n0\n"
    assert read_status(RunDir(aside)) == Status(State.DONE, 1, *_owner(aside), 100.0, 110.0)


def _owner(aside: Path) -> tuple[str, int]:
    status = read_status(RunDir(aside))
    assert status is not None
    return status.host, status.pid


def test_fresh_leaves_a_run_alone_that_another_launch_has(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0), State.FAILED)
    lock = scene.held(run)
    found = claim(scene.call(lr=1.0), Look(scene.place, fresh=True), anything)
    assert (found.lock, found.planned.verdict) == (None, Verdict.RUNNING)
    assert not (scene.place.own / "aside").exists()
    lock.release()


def test_two_runs_moved_aside_in_one_second_both_stay(scene: Any) -> None:
    for _ in range(3):
        scene.made(scene.call(lr=1.0), State.DONE)
        found = claim(scene.call(lr=1.0), Look(scene.place, fresh=True), anything)
        assert found.lock is not None
        found.lock.release()
    assert len(list(scene.place.own.glob("aside/*/ppo/ppo_s0"))) == 3


class Unsendable:
    """Can be written down, but not sent."""

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if protocol > 4:
            raise TypeError("it is tied to this process")
        return (Unsendable, ())


def test_what_cannot_be_sent_is_the_run_s_own_failure_and_lets_the_lock_go(scene: Any) -> None:
    found = claim(scene.call(lr=Unsendable()), Look(scene.place), anything)
    with pytest.raises(LaunchError, match=r"the argument 'lr' \(Unsendable\) cannot be sent to another process: it is"):
        prepare(found.planned, Demand(), lock=found.lock)
    status = read_status(found.planned.run)
    assert status is not None
    assert (status.state, status.kind) == (State.FAILED, "error")
    assert holder(found.planned.run.lock) is None


def test_the_number_of_ranks_of_a_swept_num_cpu_is_no_argument(scene: Any) -> None:
    swept = Call("ppo", ranked, {"lr": 1.0, "num_cpu": 2, "seed": 0}, ranks=2)
    assert arguments(swept, RunDir(Path("r"))) == {"lr": 1.0, "seed": 0}
