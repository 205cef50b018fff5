"""The runs of a launch, played from the first to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep import ExperimentGrid
from sweep.launch.engines.base import Promises
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job
from sweep.rundir.status import State, Status, read_status, write_status

# Far less than a played run takes, whose clock goes on when the driver waits.
MOMENT_S = 0.0001


def train(lr: float = 0.1) -> None: ...


def finish(job: Job) -> int:
    write_status(job.run, (read_status(job.run) or Status(State.PENDING)).begun().ended_as(State.DONE))
    return 0


@pytest.mark.parametrize(("keeps_time", "ends"), [(True, (1, 0)), (False, (0, 1))])
def test_the_driver_watches_the_times_unless_the_engine_promises_to(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, keeps_time: bool, ends: tuple[int, int]
) -> None:
    engine = FakeEngine(FakeClock(), on_end=finish, promises=Promises(keeps_time=keeps_time))
    monkeypatch.setattr("sweep.front.sites.here.LocalEngine", lambda *words, **more: engine)
    sweep = ExperimentGrid("g").add("lr", 1).run(train, timeout=MOMENT_S)
    assert (sweep.done, sweep.failures) == ends


def test_an_engine_is_closed_when_the_launch_is_stopped(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, closed = FakeEngine(FakeClock(), takes=lambda job: 9.0), list[bool]()
    first, poll = iter([True]), engine.poll
    monkeypatch.setattr("sweep.front.sites.here.LocalEngine", lambda *words, **more: engine)
    monkeypatch.setattr(engine, "close", lambda: closed.append(True))
    monkeypatch.setattr(engine, "poll", lambda wait_s: _stop() if next(first, False) else poll(wait_s))
    sweep = ExperimentGrid("g").add("lr", [1, 2]).run(train, parallel=1)
    assert (sweep.stopped, sweep.exit_code, closed) == (True, 75, [True])


def _stop() -> list[object]:
    raise KeyboardInterrupt
