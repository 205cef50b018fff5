"""Stopping launches from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sweep.front.stop import ask_to_stop, stop
from sweep.launch.engines.fake import FakeClock
from sweep.rundir.lock import Lock, Owner, take


@dataclass
class Drivers:
    """Locks held by this process in place of drivers, and what they are told."""

    ends_after: int = 1
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[Owner] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    refusal: str = ""

    def hold(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = take(file)
        assert lock is not None
        self.locks.append(lock)

    def tell(self, owner: Owner) -> str:
        self.told.append(owner)
        return self.refusal

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds
        if len(self.told) >= self.ends_after:
            self.release()

    def release(self) -> None:
        while self.locks:
            self.locks.pop().release()

    def stop(self, folder: Path, **options: Any) -> Any:
        return stop(folder, tell=self.tell, sleep=self.sleep, clock=self.clock, **options)


@pytest.fixture
def drivers() -> Iterator[Callable[..., Drivers]]:
    made = list[Drivers]()

    def make(**options: Any) -> Drivers:
        made.append(Drivers(**options))
        return made[-1]

    yield make
    for one in made:
        one.release()


def test_a_driver_is_asked_once_whatever_it_holds_and_waited_for(made: Any, tmp_path: Path, drivers: Any) -> None:
    one = drivers()
    for run in (made("a/a_s0"), made("a/a_s1")):
        one.hold(run.lock)
    one.hold(tmp_path / "data" / ".sweep" / "grid.lock")
    result = one.stop(tmp_path)
    assert [owner.pid for owner in one.told] == [os.getpid()]
    assert [owner.pid for owner in result.stopped] == [os.getpid()]
    assert (result.left, result.exit_code) == ([], 0)
    assert result.as_json()["stopped"] == [{"host": socket.gethostname(), "pid": os.getpid()}]
    assert next(result.lines()).startswith(f"stopped: process {os.getpid()} on ")


def test_where_nothing_is_going_on_nobody_is_asked(made: Any, tmp_path: Path, drivers: Any) -> None:
    made("a/a_s0").lock.touch()
    one = drivers()
    result = one.stop(tmp_path)
    assert (one.told, result.exit_code, list(result.lines())) == ([], 0, [f"nothing is going on under {tmp_path}"])


def test_now_asks_a_second_time_after_a_moment(made: Any, tmp_path: Path, drivers: Any) -> None:
    one = drivers(ends_after=2)
    one.hold(made("a/a_s0").lock)
    assert one.stop(tmp_path, now=True).exit_code == 0
    assert len(one.told) == 2
    assert one.clock.now >= 1.0


def test_who_does_not_end_in_time_is_left_and_named(made: Any, tmp_path: Path, drivers: Any) -> None:
    one = drivers(ends_after=99)
    one.hold(made("a/a_s0").lock)
    result = one.stop(tmp_path, timeout_s=5.0)
    assert (result.stopped, result.exit_code, len(one.told)) == ([], 2, 1)
    (line,) = result.lines()
    assert line.endswith(": it has not ended after 5.0 s; --now ends it harder")
    assert one.clock.now >= 5.0


def test_who_cannot_be_reached_is_not_waited_for(made: Any, tmp_path: Path, drivers: Any) -> None:
    one = drivers(refusal="it belongs to another user", ends_after=99)
    one.hold(made("a/a_s0").lock)
    result = one.stop(tmp_path)
    assert result.exit_code == 2
    assert result.as_json()["left"][0]["why"] == "it belongs to another user"
    assert one.clock.now == 0.0


def test_a_holder_on_another_host_is_not_signalled() -> None:
    assert "on another host" in ask_to_stop(Owner("elsewhere.example", os.getpid(), time.time()))


def test_a_holder_that_is_gone_is_no_obstacle() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert ask_to_stop(Owner(socket.gethostname(), process.pid, time.time())) == ""


def test_only_a_process_that_is_older_than_its_lock_is_signalled() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
                               stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    host, now = socket.gethostname(), time.time()
    assert ask_to_stop(Owner(host, process.pid, now - 3600)) == ""
    assert process.poll() is None
    assert ask_to_stop(Owner(host, process.pid, now)) == ""
    assert process.wait(timeout=10) == -signal.SIGTERM
    process.stdout.close()
