"""A memory as an item of a run's state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sweep.memory import Ring
from sweep.rundir.paths import RunDir
from sweep.runtime.context.run import RunContext

from .conftest import same, steps


def test_a_run_that_goes_on_has_its_memory_and_shares_its_segments(ring: Callable[..., Ring], tmp_path: Path) -> None:
    (tmp_path / "run/.sweep").mkdir(parents=True)

    def learn(epochs: int) -> Ring:
        run, memory = RunContext(RunDir(tmp_path / "run")), ring()
        run.snapshots("all")
        run.state(memory=memory)
        for epoch in run.epochs(epochs):
            memory.add(**steps(epoch, epoch + 1))
        return memory

    learn(2)
    assert same(learn(4), ring(4))
    segments = [path.name for path in sorted((tmp_path / "run/snapshots").glob("step_*/memory/segment_*"))]
    assert len(segments) == 1 + 2 + 3 + 4
    files = {path.stat().st_ino for path in (tmp_path / "run/snapshots").glob("step_*/memory/segment_*")}
    assert len(files) == 4
