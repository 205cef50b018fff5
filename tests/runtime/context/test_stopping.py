"""Signals that ask a run to stop: the first is heard, the second does what it always did."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweep.rundir.asked import STOP_SIGNALS, was_asked
from sweep.rundir.paths import RunDir
from sweep.runtime.context.stopping import RunInterrupted, StopRequest


@pytest.fixture(autouse=True)
def as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    (tmp_path / ".sweep").mkdir()
    return RunDir(tmp_path)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_first_signal_is_heard_and_noted_and_then_all_are_what_they_were(
    number: signal.Signals, run: RunDir
) -> None:
    before = {one: signal.getsignal(one) for one in STOP_SIGNALS}
    request = StopRequest(run)
    request.install()
    request.install()
    assert (request.number, was_asked(run)) == (0, False)
    os.kill(os.getpid(), number)
    assert (request.number, was_asked(run)) == (number, True)
    assert {one: signal.getsignal(one) for one in STOP_SIGNALS} == before


def test_what_is_ignored_stays_ignored(run: RunDir) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = StopRequest(run)
    request.install()
    os.kill(os.getpid(), signal.SIGINT)
    assert request.number == 0
    request.remove()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_outside_the_main_thread_nothing_is_installed(run: RunDir) -> None:
    before = {one: signal.getsignal(one) for one in STOP_SIGNALS}
    thread = threading.Thread(target=StopRequest(run).install)
    thread.start()
    thread.join()
    assert {one: signal.getsignal(one) for one in STOP_SIGNALS} == before


def test_a_handler_for_errors_does_not_take_an_interrupted_run_for_one() -> None:
    assert not issubclass(RunInterrupted, Exception)
