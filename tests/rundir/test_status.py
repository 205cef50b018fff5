"""States, their legal moves, and the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.status import MOVES, State, Status, read_status, write_status


def test_every_state_has_its_row_of_moves() -> None:
    assert set(MOVES) == set(State)


def test_a_done_run_goes_nowhere() -> None:
    assert MOVES[State.DONE] == frozenset()
    for state in State:
        with pytest.raises(ValueError, match="cannot go from done"):
            Status(State.DONE).moved(state)


def test_beginning_counts_the_attempt_and_forgets_the_last_end() -> None:
    before = Status(State.FAILED, attempt=2, ended=5.0, cause="rank 0: ValueError")
    begun = before.begun()
    assert (begun.state, begun.attempt, begun.ended, begun.cause) == (State.RUNNING, 3, None, "")
    assert begun.host
    assert begun.pid


def test_a_status_survives_the_file(tmp_path: Path) -> None:
    status = Status(State.PENDING).begun().ended_as(State.FAILED, "rank 1: boom")
    write_status(RunDir(tmp_path), status)
    assert read_status(RunDir(tmp_path)) == status
    assert status.duration_s is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"state": "sleeping"}', '{"state": 3}', "null", "\x00"])
def test_what_is_no_status_reads_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text)
    assert read_status(RunDir(tmp_path)) is None


def test_a_directory_without_a_status_reads_as_none(tmp_path: Path) -> None:
    assert read_status(RunDir(tmp_path / "missing")) is None


def test_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text('{"state": "done", "colour": "red"}')
    assert read_status(RunDir(tmp_path)) == Status(State.DONE)


def test_a_done_run_may_be_extended_and_no_other() -> None:
    done = Status(State.DONE, attempt=1, ended=5.0)
    assert (done.extended().state, done.extended().begun().attempt) == (State.PENDING, 2)
    for state in set(State) - {State.DONE}:
        with pytest.raises(ValueError, match="is not to be extended"):
            Status(state).extended()
