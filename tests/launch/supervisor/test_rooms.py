"""Directories for temporary files: used again while empty, removed with what a failed run left in them."""

from __future__ import annotations

from pathlib import Path

from sweep.launch.supervisor.rooms import Rooms


def test_an_empty_room_is_used_again(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    first = rooms.take()
    assert first.is_dir()
    assert first.stat().st_mode & 0o777 == 0o700
    rooms.give_back(first, clear=False)
    assert rooms.take() == first


def test_two_runs_never_share_a_room(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    assert rooms.take() != rooms.take()


def test_what_a_finished_run_left_stays_and_what_a_failed_one_left_goes(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    done, failed = rooms.take(), rooms.take()
    for room in (done, failed):
        (room / "file").write_text("kept on purpose?")
    rooms.give_back(done, clear=False)
    rooms.give_back(failed, clear=True)
    assert (done / "file").exists()
    assert not failed.exists()
    assert rooms.take() not in (done, failed)


def test_a_room_that_its_run_has_removed_is_not_given_out_again(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    room = rooms.take()
    room.rmdir()
    rooms.give_back(room, clear=False)
    assert rooms.take() != room
