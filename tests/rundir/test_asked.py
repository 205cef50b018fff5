"""The note that a run has been asked to stop."""

from __future__ import annotations

from pathlib import Path

from sweep.rundir.asked import forget_asked, note_asked, was_asked
from sweep.rundir.paths import RunDir


def test_it_is_there_from_when_it_is_made_until_it_is_forgotten(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    assert not was_asked(run)
    note_asked(run)
    note_asked(run)
    assert was_asked(run)
    forget_asked(run)
    forget_asked(run)
    assert not was_asked(run)


def test_a_directory_that_is_gone_is_no_error(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "gone")
    note_asked(run)
    forget_asked(run)
    assert not was_asked(run)
    assert list(tmp_path.iterdir()) == []
