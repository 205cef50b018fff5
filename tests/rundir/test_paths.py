"""Names in a run directory."""

from __future__ import annotations

from pathlib import Path

from sweep.rundir.paths import RunDir


def test_what_is_set_aside_never_takes_a_name_that_is_there(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    first = run.next_orphan(run.progress)
    assert first == tmp_path / ".sweep" / "orphans" / "progress.1.txt"
    first.touch()
    assert run.next_orphan(run.progress).name == "progress.2.txt"


def test_failures_are_found_for_every_rank(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    for rank in (0, 10):
        run.failure(rank).touch()
    assert [file.name for file in run.failures()] == ["failure-rank0.json", "failure-rank10.json"]
