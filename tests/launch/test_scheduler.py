"""The scheduler on a fake engine and a fake clock: no process, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sweep.launch.engines.base import Ended
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job, Outcome
from sweep.launch.resources import Capacity
from sweep.launch.scheduler import Limits, Scheduler
from sweep.launch.slots import Demand, Slot, Slots
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status

GB = 2**30


class Stage:
    """Jobs in a temporary directory, an engine that plays them, and the order in which they were prepared."""

    def __init__(self, folder: Path, cores: int = 4, takes: Callable[[Job], float] = lambda job: 1.0) -> None:
        self.folder, self.prepared = folder, list[str]()
        self.failing, self.clock = set[str](), FakeClock()
        self.engine = FakeEngine(self.clock, takes, self._end)
        self.slots = Slots(Capacity(tuple(range(cores)), 8 * GB, ()), 0, lambda: 8 * GB)

    def jobs(self, *names: str) -> Iterator[Job]:
        for name in names:
            run = RunDir(self.folder / name)
            run.own.mkdir(parents=True)
            write_status(run, Status(State.PENDING).begun())
            self.prepared.append(name)
            yield Job(run, name)

    def _end(self, job: Job) -> int:
        if job.name in self.failing:
            return 1
        status = read_status(job.run)
        assert status is not None
        write_status(job.run, status.ended_as(State.DONE))
        return 0

    def run(self, *names: str, demand: Demand | None = None, **limits: float) -> list[Outcome]:
        return list(self.start(*names, demand=demand, **limits))

    def start(self, *names: str, demand: Demand | None = None, **limits: float) -> Iterator[Outcome]:
        chosen = Limits(**{"at_once": 99, **limits})  # type: ignore[arg-type]
        scheduler = Scheduler(self.engine, self.slots, demand or Demand(), chosen, self.clock)
        return scheduler.run(self.jobs(*names))


def states(outcomes: list[Outcome]) -> dict[str, State]:
    return {outcome.job.name: outcome.state for outcome in outcomes}


def test_every_job_runs_once_and_in_order(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=1)
    outcomes = stage.run("a", "b", "c")
    assert [outcome.job.name for outcome in outcomes] == ["a", "b", "c"]
    assert set(states(outcomes).values()) == {State.DONE}
    assert stage.engine.history == [(verb, name) for name in "abc" for verb in ("submit", "end")]


def test_as_many_run_at_once_as_there_are_cores_for(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=4)
    stage.run("a", "b", "c", demand=Demand(ranks=2))
    assert stage.engine.history == [
        ("submit", "a"), ("submit", "b"), ("end", "a"), ("end", "b"), ("submit", "c"), ("end", "c"),
    ]  # fmt: skip
    assert stage.clock.now == 2.0


def test_never_more_run_at_once_than_asked(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=4)
    stage.run("a", "b", "c", at_once=1)
    assert stage.clock.now == 3.0


def test_a_job_is_prepared_only_when_there_is_room_for_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=2)
    outcomes = stage.start("a", "b", "c", "d")
    next(outcomes)
    assert stage.prepared == ["a", "b"]
    outcomes.close()  # type: ignore[attr-defined]


def test_runs_at_once_hold_cores_of_their_own(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=4)
    held = dict[str, tuple[int, ...]]()
    submit = stage.engine.submit

    def kept(job: Job, slot: Slot) -> None:
        held[job.name] = slot.cores
        submit(job, slot)

    stage.engine.submit = kept  # type: ignore[method-assign]
    stage.run("a", "b", demand=Demand(ranks=2))
    assert held == {"a": (0, 1), "b": (2, 3)}


def test_a_failure_does_not_stop_the_rest(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=1)
    stage.failing = {"b"}
    outcomes = stage.run("a", "b", "c")
    assert states(outcomes) == {"a": State.DONE, "b": State.FAILED, "c": State.DONE}
    assert outcomes[1].cause == "exit code 1"
    status = read_status(RunDir(tmp_path / "b"))
    assert status is not None
    assert (status.state, status.cause) == (State.FAILED, "exit code 1")


def test_an_exit_code_of_zero_without_a_completion_record_is_a_failure(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.engine.on_end = lambda job: 0
    assert states(stage.run("a")) == {"a": State.FAILED}


def test_a_run_that_takes_too_long_is_ended_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=2, takes=lambda job: float("inf") if job.name == "a" else 1.0)
    outcomes = stage.run("a", "b", "c", timeout_s=5.0)
    assert states(outcomes) == {"a": State.FAILED, "b": State.DONE, "c": State.DONE}
    (hung,) = [outcome for outcome in outcomes if outcome.job.name == "a"]
    assert hung.cause == "timeout: it took longer than 5.0 s"
    assert stage.engine.history.count(("cancel", "a")) == 1
    assert stage.clock.now == 5.0


def test_stopping_ends_what_runs_marks_it_and_starts_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, cores=2)

    def stopped(wait_s: float) -> list[Ended]:
        raise KeyboardInterrupt("SIGTERM")

    monkeypatch.setattr(stage.engine, "poll", stopped)
    with pytest.raises(KeyboardInterrupt):
        stage.run("a", "b", "c")
    assert stage.engine.history == [("submit", "a"), ("submit", "b"), ("cancel", "a"), ("cancel", "b")]
    for name in "ab":
        status = read_status(RunDir(tmp_path / name))
        assert status is not None
        assert (status.state, status.cause) == (State.INTERRUPTED, "stopped by SIGTERM")


def test_while_memory_is_short_nothing_starts_beside_what_runs(tmp_path: Path) -> None:
    stage = Stage(tmp_path, cores=2)
    stage.slots = Slots(Capacity((0, 1), 8 * GB, ()), GB, lambda: GB // 2)
    stage.run("a", "b")
    assert stage.clock.now == 2.0
