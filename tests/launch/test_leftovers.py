"""What is left of a launch whose supervisor was killed: found by its token, ended, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sweep.launch import leftovers
from sweep.launch.leftovers import SUPERVISOR, clear_leftovers, new_token

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a process with a token and more words on its command line."""
    started: list[subprocess.Popen[bytes]] = []

    def start_it(token: str, *words: str) -> subprocess.Popen[bytes]:
        code = "import sys; print(1, flush=True); sys.stdin.read()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            env={**os.environ, "SWEEP_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        started.append(process)
        return process

    yield start_it
    for process in started:
        process.kill()
        process.communicate()


def test_processes_without_their_supervisor_are_ended_and_told(tmp_path: Path, start: Start) -> None:
    token = new_token(tmp_path)
    left = [start(token), start(token)]
    assert clear_leftovers(tmp_path) == ["ended 2 processes that an earlier launch had left behind"]
    assert [process.wait(10) for process in left] == [-9, -9]
    assert clear_leftovers(tmp_path) == []


def test_a_launch_whose_supervisor_is_there_is_left_alone(tmp_path: Path, start: Start) -> None:
    token = new_token(tmp_path)
    start(token, SUPERVISOR)
    rank = start(token)
    assert clear_leftovers(tmp_path) == []
    assert rank.poll() is None


def test_a_supervisor_that_begins_while_processes_are_looked_through_is_left_alone(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = new_token(tmp_path)
    supervisor, rank = start(token, SUPERVISOR), start(token)
    looks = iter([[rank.pid]])  # of the supervisor, just forked, the first look sees neither token nor command
    monkeypatch.setattr(leftovers, "ours", lambda: next(looks, [supervisor.pid, rank.pid]))
    assert clear_leftovers(tmp_path) == []
    assert rank.poll() is None


def test_launches_into_other_directories_are_left_alone(tmp_path: Path, start: Start) -> None:
    other = start(new_token(tmp_path / "other"))
    assert clear_leftovers(tmp_path) == []
    assert other.poll() is None


def test_the_directory_of_a_dead_supervisor_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = tmp_path / f"sweep-{new_token(tmp_path)}-abc"
    dead.mkdir()
    (dead / "starts").touch()
    clear_leftovers(tmp_path)
    assert not dead.exists()
