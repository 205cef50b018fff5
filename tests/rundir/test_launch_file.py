"""What a run needs of a machine, kept beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.rundir.launch_file import LaunchRecord, read_launch, write_launch
from sweep.rundir.paths import RunDir


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path)
    run.own.mkdir()
    return run


def test_what_is_written_is_read_again(run: RunDir) -> None:
    write_launch(run, 4, threads=2, gpus=0.5, memory=2**30)
    assert read_launch(run) == LaunchRecord(str(run.path), 4, 2, 0.5, 2**30)
    write_launch(run, 1)
    assert read_launch(run) == LaunchRecord(str(run.path))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"path": "x", "num_cpu": "many"}'])
def test_what_cannot_be_read_is_none(run: RunDir, text: str) -> None:
    assert read_launch(run) is None
    (run.own / "launch.json").write_text(text)
    assert read_launch(run) is None
