"""Waiting for, and stopping, what Slurm has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sweep.front.stop import Stopping, stop
from sweep.front.wait import Waited, wait
from sweep.launch.engines.fake import FakeClock
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.rundir.lock import Lock, take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.submission import Submission, write_submission

from .conftest import TICKET

Handed = Callable[..., RunDir]


@dataclass
class Scene:
    """A Slurm, a clock, and what happens when."""

    folder: Path
    fake: FakeSlurm = field(default_factory=FakeSlurm)
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds
        for event in [one for one in self.events if one[0] <= self.clock.now]:
            self.events.remove(event)
            event[1]()

    def wait(self, timeout_s: float | None = None) -> Waited:
        return wait(self.folder, timeout_s, self.sleep, self.clock, self.fake.slurm())

    def stop(self, **options: Any) -> Stopping:
        return stop(self.folder, sleep=self.sleep, clock=self.clock, slurm=self.fake.slurm(), **options)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def held(run: RunDir) -> Lock:
    lock = take(run.lock)
    assert lock is not None
    return lock


def test_it_waits_while_a_job_is_in_the_queue_and_asks_ever_less_often(scene: Scene, handed: Handed) -> None:
    run = handed(0)
    scene.fake.array(TICKET, 1)
    scene.events = [
        (600.0, lambda: write_status(run, Status(State.DONE))),
        (600.0, lambda: scene.fake.ends(TICKET, "COMPLETED")),
    ]
    assert scene.wait().exit_code == 0
    assert scene.clock.now < 607  # its directory says so, whenever the queue is asked next
    assert 20 < scene.fake.calls["squeue"] < 40


def test_waiting_takes_as_many_calls_for_many_runs_as_for_one(scene: Scene, handed: Handed) -> None:
    for index in range(20):
        handed(index)
    scene.fake.array(TICKET, 20)
    scene.events = [(10.0, lambda: scene.fake.ends(TICKET, "CANCELLED"))]
    assert scene.wait().counts == {"pending": 20}
    assert scene.fake.calls["squeue"] < 10


def test_where_nothing_was_submitted_slurm_is_not_asked(scene: Scene, made: Any) -> None:
    made("a/a_s0", State.DONE)
    assert (scene.wait().exit_code, scene.stop().exit_code) == (0, 0)
    assert not scene.fake.calls


def test_when_the_time_is_over_runs_are_counted_as_their_status_is_told(scene: Scene, handed: Handed) -> None:
    for index, state in enumerate((State.PENDING, State.INTERRUPTED, State.RUNNING, State.DONE)):
        handed(index, state)
    scene.fake.array(TICKET, 2)
    scene.fake.queue += _running("12_2")
    result = scene.wait(3.0)
    assert result.counts == {"queued": 2, "running": 1, "done": 1}
    assert (result.exit_code, result.with_slurm, result.as_json()["queued"]) == (2, 3, 2)
    assert next(result.lines()) == "still with Slurm: 3 runs"


def _running(*jobs: str) -> list[Any]:
    fake = FakeSlurm()
    fake.array(TICKET, 9, "RUNNING", "None", "n1")
    return [one for one in fake.queue if one.id in jobs]


def test_where_slurm_does_not_answer_it_goes_on_waiting_and_nothing_is_known(scene: Scene, handed: Handed) -> None:
    handed(0)
    scene.fake.silent = True
    result = scene.wait(5.0)
    assert (result.counts, result.exit_code) == ({"not known": 1}, 2)


def test_what_waits_is_cancelled_and_what_runs_is_waited_for(scene: Scene, handed: Handed) -> None:
    waits, runs = handed(0), handed(1, State.RUNNING)
    lock = held(runs)
    scene.fake.array(TICKET, 1)
    scene.fake.queue += _running("12_1")
    scene.events = [
        (1.0, lambda: scene.fake.queue.pop(0)),
        (9.0, lock.release),
        (9.0, lambda: scene.fake.ends(TICKET, "FAILED", "75:0")),
    ]
    result = scene.stop(tell=_nobody)
    assert (result.exit_code, result.jobs, scene.fake.cancelled[0]) == (0, 2, "12_[0]")
    assert list(result.lines()) == ["stopped: 2 runs with Slurm; the same command goes on"]
    assert runs.stop.exists()
    assert waits.stop.exists()


def _nobody(owner: object) -> str:
    raise AssertionError("a job is asked through its run's directory")


def test_what_does_not_end_in_time_is_named_by_its_job(scene: Scene, handed: Handed) -> None:
    lock = held(handed(0, State.RUNNING))
    scene.fake.queue = _running("12_0")
    result = scene.stop(timeout_s=5.0)
    lock.release()
    assert result.exit_code == 2
    assert result.as_json()["slurm"]["left"][0]["job"] == "Slurm job 12_0 (running)"
    assert next(result.lines()).startswith("not stopped: Slurm job 12_0 (running): it has not ended after 5.0 s")


def test_a_job_that_the_queue_has_lost_and_that_is_at_work_is_named_by_its_process(
    scene: Scene, handed: Handed
) -> None:
    lock = held(handed(0, State.RUNNING))
    result = scene.stop(timeout_s=5.0)
    lock.release()
    assert (result.exit_code, len(result.left)) == (2, 1)


def test_where_slurm_does_not_answer_stopping_says_so(scene: Scene, handed: Handed) -> None:
    run = handed(0)
    scene.fake.silent = True
    result = scene.stop(timeout_s=5.0)
    assert (result.exit_code, run.stop.exists()) == (2, True)
    assert "Slurm does not answer" in next(result.lines())


def test_what_is_submitted_while_its_driver_is_being_stopped_is_stopped_too(
    scene: Scene, handed: Handed, tmp_path: Path
) -> None:
    (tmp_path / "data" / ".sweep").mkdir(parents=True)
    launch = take(tmp_path / "data" / ".sweep" / "grid.lock")
    assert launch is not None

    def submitted_last() -> None:
        handed(0)
        scene.fake.array(TICKET, 1)
        launch.release()

    scene.events = [(2.0, submitted_last), (20.0, lambda: scene.fake.ends(TICKET, "CANCELLED"))]
    result = scene.stop(tell=lambda owner: "")
    assert (len(result.stopped), result.jobs, result.exit_code) == (1, 1, 0)
    assert scene.fake.cancelled[0] == "12_[0]"


def of_cluster(run: RunDir, name: str) -> RunDir:
    write_submission(run, Submission("f" * 12, 0, 1.0, cluster=name))
    return run


def test_what_is_with_another_cluster_is_not_stopped_from_here_and_that_is_said(scene: Scene, handed: Handed) -> None:
    runs = [of_cluster(handed(index), "abc") for index in range(2)]
    result = scene.stop()
    assert (result.exit_code, scene.clock.now) == (2, 0.0)
    (line,) = result.lines()
    assert line == (
        "not stopped: 2 submitted runs: not reached from here, as it is with the cluster 'abc', and this is "
        "'throwaway'; ask there. What goes on there finds in its directory that it is to stop."
    )
    assert all(run.stop.exists() for run in runs)
    assert scene.wait(1.0).counts == {"not known": 2}


def test_what_runs_on_another_cluster_and_leaves_as_its_directory_says_is_stopped(scene: Scene, handed: Handed) -> None:
    run = of_cluster(handed(0, State.RUNNING), "abc")
    lock = held(run)
    scene.events = [(3.0, lambda: write_status(run, Status(State.INTERRUPTED))), (3.0, lock.release)]
    result = scene.stop(tell=_nobody)
    assert (result.exit_code, result.jobs, result.jobs_left) == (0, 1, [])


def test_a_run_that_was_done_before_it_could_be_stopped_is_not_called_stopped(scene: Scene, handed: Handed) -> None:
    handed(0)
    run = handed(1, State.RUNNING)
    scene.fake.array(TICKET, 1)
    scene.fake.queue += _running("12_1")
    scene.events = [
        (2.0, lambda: write_status(run, Status(State.DONE))),
        (2.0, lambda: scene.fake.ends(TICKET, "COMPLETED")),
    ]
    result = scene.stop()
    assert (result.exit_code, result.jobs, result.ended) == (0, 1, 1)
    assert list(result.lines()) == [
        "stopped: 1 run with Slurm; the same command goes on",
        "1 run with Slurm came to an end of its own meanwhile",
    ]
    assert result.as_json()["slurm"] == {"stopped": 1, "ended": 1, "left": []}


def test_a_run_at_work_that_the_queue_has_lost_and_that_leaves_is_counted(scene: Scene, handed: Handed) -> None:
    lock = held(handed(0, State.RUNNING))
    scene.events = [(3.0, lock.release)]
    assert list(scene.stop().lines()) == ["stopped: 1 run with Slurm; the same command goes on"]
