"""Whether a run writes anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.rundir.activity import activity
from sweep.rundir.paths import RunDir


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "run")
    run.own.mkdir(parents=True)
    (run.path / "snapshots").mkdir()
    for file in (run.output, run.progress, run.status, run.path / "snapshots" / "1"):
        file.write_text("a")
    return run


def test_nothing_written_is_nothing_changed(run: RunDir) -> None:
    assert activity(run) == activity(run) != ()


@pytest.mark.parametrize(
    "write",
    [
        lambda run: run.output.write_text("ab"),
        lambda run: run.progress.write_text("ab"),
        lambda run: run.status.write_text("ab"),
        lambda run: (run.path / "metrics.jsonl").write_text(""),
        lambda run: (run.path / "snapshots" / "2").write_text(""),
        lambda run: (run.path / "snapshots" / "1").write_text("ab"),
        lambda run: (run.own / f"{run.output_ring.name}.0").write_text("a"),
        lambda run: run.progress.unlink(),
    ],
)
def test_whatever_is_written_changes_it(run: RunDir, write: Callable[[RunDir], object]) -> None:
    before = activity(run)
    write(run)
    assert activity(run) != before


def test_what_sweep_itself_keeps_is_no_activity(run: RunDir) -> None:
    before = activity(run)
    run.lock.write_text("somebody")
    assert activity(run) == before


def test_a_directory_that_is_gone_has_none(tmp_path: Path) -> None:
    assert activity(RunDir(tmp_path / "gone")) == ()
