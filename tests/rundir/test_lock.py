"""Locks: one holder at a time, known without taking, free as soon as the holder lets go or dies."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.rundir.lock import holder, take


def test_a_lock_is_had_once_until_it_is_let_go(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    first = take(file)
    assert first is not None
    assert take(file) is None
    first.release()
    second = take(file)
    assert second is not None
    second.release()


def test_letting_go_twice_does_not_free_what_somebody_else_has_taken(tmp_path: Path) -> None:
    first = take(tmp_path / "lock")
    assert first is not None
    first.release()
    second = take(tmp_path / "lock")
    first.release()
    assert second is not None
    assert take(tmp_path / "lock") is None
    second.release()


def test_a_shared_lock_leaves_room_for_others_who_share_it_and_for_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    first, second = take(file, shared=True), take(file, shared=True)
    assert first is not None
    assert second is not None
    assert (take(file), holder(file, shared=True)) == (None, None)
    first.release()
    assert holder(file) is not None
    second.release()
    alone = take(file)
    assert alone is not None
    assert take(file, shared=True) is None
    assert holder(file, shared=True) is not None
    alone.release()


def test_the_holder_is_known_without_taking_the_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    assert holder(file) is None
    lock = take(file)
    assert lock is not None
    owner = holder(file)
    assert owner is not None
    assert (owner.host, owner.pid) == (socket.gethostname(), os.getpid())
    assert str(owner).startswith(f"process {os.getpid()} on {socket.gethostname()} since 20")
    lock.release()
    assert holder(file) is None


def test_text_in_the_file_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text('{"host": "elsewhere", "pid": 1, "since": 0}')
    assert holder(tmp_path / "lock") is None
    lock = take(tmp_path / "lock")
    assert lock is not None
    lock.release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_a_lock_whose_text_cannot_be_read_is_held_all_the_same(tmp_path: Path, text: str) -> None:
    lock = take(tmp_path / "lock")
    assert lock is not None
    (tmp_path / "lock").write_text(text)
    assert "an unknown host" in str(holder(tmp_path / "lock"))
    lock.release()


HOLD = """
import sys
from pathlib import Path
from sweep.rundir.lock import take
lock = take(Path(sys.argv[1]))
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_free_when_its_holder_is_killed_and_says_who_it_was_before(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        owner = holder(file)
        assert owner is not None
        assert owner.pid == other.pid
        assert take(file) is None
        other.kill()
        other.wait()
    lock = take(file)
    assert lock is not None
    lock.release()


def test_who_was_handed_the_descriptor_holds_the_lock_too(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    lock = take(file)
    assert lock is not None
    handed = os.dup(lock.descriptor)
    lock.release()
    assert holder(file) is not None
    os.close(handed)
    assert holder(file) is None


def test_a_file_system_without_locks_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*words: Any) -> bytes:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "fcntl", none)
    with pytest.raises(LaunchError, match=r"has no locks \(No locks available\).*name a data_dir on another one"):
        take(tmp_path / "lock")


def test_a_place_where_no_file_can_be_made_is_the_system_s_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take(tmp_path / "missing" / "lock")
