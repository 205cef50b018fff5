"""The pickled call of a run."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from sweep.base.errors import LaunchError
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, read_call, read_header, write_payload


def a_run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path)
    run.own.mkdir()
    return run


def test_a_call_survives_the_file_behind_its_header(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    write_payload(run, Call(lambda x: x + 1, {"x": 2}), num_cpu=3)
    with run.payload.open("rb") as file:
        header = read_header(file)
        call = read_call(file)
    assert header["num_cpu"] == 3
    assert header["path"] == [str(Path(folder).absolute()) for folder in sys.path]
    assert call.thunk(**call.kwargs) == 3


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    write_payload(run, Call(len, {}), num_cpu=1)
    assert stat.S_IMODE(run.payload.stat().st_mode) == 0o600


def test_what_cannot_be_pickled_is_named_and_leaves_no_file(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    with pytest.raises(
        LaunchError, match=r"the argument 'guard' \(_thread\.lock\) cannot be sent to another .*\. Pass what it is"
    ):
        write_payload(run, Call(print, {"fine": 1, "guard": threading.Lock()}), num_cpu=1)
    assert list(run.own.iterdir()) == []


def test_a_function_that_closes_over_a_lock_is_named(tmp_path: Path) -> None:
    lock = threading.Lock()

    def train() -> None:
        lock.acquire()

    with pytest.raises(LaunchError, match=r"'.*train': its variable 'lock' \(_thread\.lock\) cannot be sent"):
        write_payload(a_run(tmp_path), Call(train, {}), num_cpu=1)
