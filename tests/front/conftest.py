"""What the tests of the front share: runs in a temporary data directory, and launches, without a process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sweep.front.counting import make_plan
from sweep.front.plan import Plan
from sweep.front.prepare import prepare
from sweep.front.verdict import Call, Look, PlannedRun, Verdict
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job
from sweep.launch.slots import Demand
from sweep.rundir.launch_file import write_launch
from sweep.rundir.lock import Lock, take
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST, Manifest, StoredItem, snapshot_name, stored_file
from sweep.rundir.status import Kind, State, Status, read_status, write_status
from sweep.rundir.submission import Submission, ticket_folder, write_submission
from sweep.rundir.variant_file import write_variant

TICKET = "0123456789ab"


def train(lr: float = 0.1, seed: int = 0, workers: int = 1) -> None: ...


@dataclass(frozen=True)
class Scene:
    """A data directory, and what may be found in it."""

    place: Place

    def dated(self, stamp: datetime) -> Scene:
        return Scene(Place(self.place.data_dir, stamp))

    def call(self, name: str = "ppo", thunk: Any = train, **config: Any) -> Call:
        config.setdefault("seed", 0)
        return Call(name, thunk, config, config["seed"])

    def extendable(self, *keys: str, **config: Any) -> Call:
        """Return a call whose parameters of these names may change."""
        return replace(self.call(**config), extendable=frozenset(keys))

    def at(self, call: Call, **more: Any) -> PlannedRun:
        return Look(self.place, **more).at(call)

    def made(self, call: Call, state: State, seconds: float = 10.0, cause: str = "") -> RunDir:
        """Leave a run behind that has ended in a state."""
        run = prepare(self.at(call), Demand()).run
        begun = Status(State.PENDING).begun()
        write_status(run, Status(state, 1, begun.host, begun.pid, 100.0, 100.0 + seconds, cause))
        return run

    def snapshot(self, run: RunDir, step: int, item: str = "w", **words: Any) -> Path:
        """Leave a snapshot in a run's directory, of one item, in JSON."""
        folder = run.snapshots / snapshot_name(step)
        folder.mkdir(parents=True)
        file = folder / f"{item}.json"
        file.write_text(f"{step}")
        items = {item: StoredItem("dict", "json", file.name)}
        manifest = Manifest(step, items=items, files={file.name: stored_file(file)}, **words)
        (folder / MANIFEST).write_text(json.dumps(manifest.as_json()))
        return folder

    def held(self, run: RunDir) -> Lock:
        """Let another launch have a run."""
        run.own.mkdir(parents=True, exist_ok=True)
        lock = take(run.lock)
        assert lock is not None
        return lock

    def plan(self, *calls: Call, **asked: Any) -> Plan:
        return make_plan(calls, self.place, **asked)

    def verdicts(self, *calls: Call, **asked: Any) -> list[Verdict]:
        plan = self.plan(*calls, **asked)
        return [plan.at(number) for number in range(len(calls))]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(Place(tmp_path))


def finish(job: Job) -> int:
    """Leave in a run's directory what its child would."""
    write_status(job.run, (read_status(job.run) or Status(State.PENDING)).begun().ended_as(State.DONE))
    return 0


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[FakeEngine]:
    """Let launches of grids play their runs; the list gets the engine of each launch."""
    played: list[FakeEngine] = []

    def new(*words: Any, show: Callable[[bytes], None] | None = None) -> FakeEngine:
        played.append(FakeEngine(FakeClock(), on_end=finish))
        return played[-1]

    monkeypatch.setattr("sweep.front.sites.here.LocalEngine", new)
    return played


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., RunDir]:
    """Return a function that makes a run in a state, as a launch leaves it."""

    def make(relative: str, state: State = State.PENDING, num_cpu: int = 1, **demand: Any) -> RunDir:
        run = RunDir(tmp_path / "data" / relative)
        run.own.mkdir(parents=True)
        name, _, seed = run.path.name.partition("_s")
        write_variant(run, relative, name, "m:train", {"seed": int(seed or 0)})
        write_status(run, Status(state, kind=Kind.ERROR if state is State.FAILED else ""))
        write_launch(run, num_cpu, **demand)
        run.payload.touch(0o600)
        return run

    return make


@pytest.fixture
def handed(made: Callable[..., RunDir], tmp_path: Path) -> Callable[..., RunDir]:
    """Return a function that makes a run which was submitted to Slurm as an element of the job 12."""

    def hand(index: int, state: State = State.PENDING) -> RunDir:
        run = made(f"a/a_s{index}", state)
        write_submission(run, Submission(TICKET, index, 1.0))
        folder = ticket_folder(tmp_path / "data", TICKET)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "job").write_text("12\n")
        return run

    return hand
