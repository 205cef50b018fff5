"""What is below a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.front.held import owners_under, pauses, runs_under
from sweep.rundir.lock import take


def test_runs_are_found_from_anywhere_above_them(made: Any, tmp_path: Path) -> None:
    runs = [made("a"), made("a/a_s0"), made("b/b_s1")]
    assert runs_under(tmp_path) == runs_under(tmp_path / "data") == runs
    assert runs_under(tmp_path / "data" / "b") == [runs[2]]
    assert runs_under(runs[2].path) == [runs[2]]


def test_what_a_run_or_sweep_itself_keeps_is_no_run(made: Any, tmp_path: Path) -> None:
    run = made("a/a_s0")
    inner = run.path / "copies" / "deep" / run.own.name
    aside = tmp_path / "data" / run.own.name / "aside" / "old" / run.own.name
    for own in (inner, aside):
        own.mkdir(parents=True)
        (own / run.variant.name).write_text("{}")
    assert runs_under(tmp_path) == [run]


def test_the_locks_of_runs_and_of_launches_count(made: Any, tmp_path: Path) -> None:
    run, other = made("a/a_s0"), made("b/b_s0")
    launch = tmp_path / "data" / run.own.name / "grid.lock"
    launch.parent.mkdir()
    locks = [take(run.lock), take(launch)]
    other.lock.touch()
    assert set(owners_under(tmp_path)) == {run.lock, launch}
    assert set(owners_under(tmp_path / "data" / "a")) == {run.lock}
    assert owners_under(tmp_path / "data" / "b") == {}
    for lock in locks:
        assert lock is not None
        lock.release()
    assert owners_under(tmp_path) == {}


@pytest.mark.parametrize(("name", "message"), [("gone", "is not there"), ("file", "is a file")])
def test_what_is_no_directory_is_one_clear_line(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"{message}; name a run's directory"):
        runs_under(tmp_path / name)


def test_pauses_grow_to_a_second() -> None:
    slept = list[float]()
    pausing = pauses(slept.append)
    for _ in range(20):
        next(pausing)
    assert slept[0] == 0.05
    assert slept == sorted(slept)
    assert slept[-1] == 1.0
