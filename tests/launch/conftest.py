"""What tests share: a stage of jobs in a temporary directory, played by a fake engine; and a single run that waits."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sweep.base.files import write_json
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job, Outcome
from sweep.launch.limits import Limits
from sweep.launch.resources import Capacity
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slots
from sweep.rundir.lock import holder, take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status

GB = 2**30


@dataclass
class Stage:
    """Jobs, the engine that plays them, and what was seen of them.

    Attributes:
        failing: how often each run fails before it is done.
        code: with which exit code.
        demands: of runs that are not given one core.
        prepared: the runs in the order in which they were prepared.
        retried: what was said of runs that are tried again.
    """

    folder: Path
    cores: int = 4
    takes: Callable[[Job], float] = lambda job: 1.0
    code: int = 1
    failing: Counter[str] = field(default_factory=Counter)
    demands: Mapping[str, Demand] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    scheduler: Any = None

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.engine = FakeEngine(self.clock, self.takes, self._end)
        self.slots = Slots(Capacity(tuple(range(self.cores)), 8 * GB, ()), 0, lambda: 8 * GB)
        submit = self.engine.submit

        def begun(job: Job, slot: Any) -> None:
            submit(job, slot)
            status = read_status(job.run)
            assert status is not None
            write_status(job.run, status.begun())

        self.engine.submit = begun  # type: ignore[method-assign]

    def jobs(self, *names: str) -> Iterator[Job]:
        for name in names:
            run = RunDir(self.folder / name)
            run.own.mkdir(parents=True)
            write_status(run, Status(State.PENDING))
            run.payload.touch()
            self.prepared.append(name)
            yield Job(run, name, self.demands.get(name, Demand()), take(run.lock))

    def _end(self, job: Job) -> int:
        if self.failing[job.name] > 0:
            self.failing[job.name] -= 1
            write_json(job.run.failure(0), {"rank": 0, "error": "ValueError: no", "time": 1}) if self.code > 0 else None
            return self.code
        status = read_status(job.run)
        assert status is not None
        write_status(job.run, status.ended_as(State.DONE))
        return 0

    def run(self, *names: str, **limits: Any) -> list[Outcome]:
        return list(self.start(*names, **limits))

    def start(self, *names: str, **limits: Any) -> Iterator[Outcome]:
        self.scheduler = Scheduler(
            self.engine, self.slots, Limits(**{"at_once": 99, **limits}), self.clock, trying_again=self._again
        )
        return self.scheduler.run(self.jobs(*names))

    def _again(self, outcome: Outcome, which: str) -> None:
        self.retried.append(f"{outcome.job.name}: {outcome.cause} ({which}) at {self.clock.now:g}")

    def status(self, name: str) -> Status:
        status = read_status(RunDir(self.folder / name))
        assert status is not None
        return status

    def is_held(self, name: str) -> bool:
        return holder(RunDir(self.folder / name).lock) is not None

    @property
    def started(self) -> list[str]:
        return [name for verb, name in self.engine.history if verb == "submit"]


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Stage]:
    """Return a function that makes a stage."""

    def make(**options: Any) -> Stage:
        return Stage(tmp_path, **{**options, "failing": Counter(options.get("failing", {}))})

    return make


@pytest.fixture
def states() -> Callable[[list[Outcome]], dict[str, State]]:
    return lambda outcomes: {outcome.job.name: outcome.state for outcome in outcomes}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / os.fsdecode(b"a \n'\xff") / "a_s0")
    run.own.mkdir(parents=True)
    write_status(run, Status(State.PENDING))
    return run


@pytest.fixture
def job(run: RunDir) -> Iterator[Job]:
    lock = take(run.lock)
    assert lock is not None
    yield Job(run, "a seed 0", Demand(), lock)
    lock.release()
