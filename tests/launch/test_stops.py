"""Signals that stop the driver."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from sweep.launch.stops import Stopped, stop_signals, stops_held

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def hit(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers back, whatever a test does to them."""
    before = {number: signal.getsignal(number) for number in STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP"), (signal.SIGUSR1, "SIGUSR1")],
)
def test_being_told_to_stop_raises_in_the_driver_and_only_inside(number: int, said: str) -> None:
    before = signal.getsignal(number)
    with stop_signals() as stops, pytest.raises(Stopped) as caught:
        hit(number)
    assert (str(caught.value), caught.value.number, caught.value.now) == (said, number, False)
    assert stops.cause == f"stopped by {said}"
    assert signal.getsignal(number) is before


def test_a_second_signal_says_not_to_wait() -> None:
    with stop_signals():
        with pytest.raises(Stopped):
            hit(signal.SIGTERM)
        with pytest.raises(Stopped) as caught:
            hit(signal.SIGHUP)
    assert (caught.value.number, caught.value.now) == (signal.SIGHUP, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_was_ignored_before_stays_ignored(number: int, handlers: None) -> None:
    signal.signal(number, signal.SIG_IGN)
    with stop_signals() as stops:
        hit(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    assert stops.came == []
    assert signal.getsignal(number) is signal.SIG_IGN


def test_a_handler_that_somebody_else_has_for_sigusr1_stays(handlers: None) -> None:
    came: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: came.append(number))
    with stop_signals() as stops:
        hit(signal.SIGUSR1)
    assert (came, stops.came) == ([signal.SIGUSR1], [])


@pytest.mark.parametrize("number", STOPS)
def test_inside_of_another_one_signals_count_together(number: int) -> None:
    before = signal.getsignal(number)
    with stop_signals() as outer:
        with stop_signals() as inner, pytest.raises(Stopped) as first:
            hit(number)
        assert inner is outer and not first.value.now
        with pytest.raises(Stopped) as second:
            hit(number)
    assert second.value.now and signal.getsignal(number) is before


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before, seen = [signal.getsignal(number) for number in STOPS], list[object]()

    def elsewhere() -> None:
        with stop_signals(), stops_held() as stops:
            seen.extend([*(signal.getsignal(number) for number in STOPS), stops.came])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [*before, []]


def test_a_signal_that_is_held_comes_when_it_is_asked_for() -> None:
    with stop_signals(), stops_held() as stops:
        hit(signal.SIGTERM)
        assert stops.came == [signal.SIGTERM]
        with pytest.raises(Stopped):
            stops.check()
        stops.check()


def test_a_third_signal_is_never_held() -> None:
    with stop_signals(), stops_held():
        hit(signal.SIGTERM)
        hit(signal.SIGTERM)
        with pytest.raises(Stopped):
            hit(signal.SIGTERM)


def test_inside_a_hold_signals_can_be_let_through() -> None:
    with stop_signals(), stops_held() as stops:
        with stops_held(False), pytest.raises(Stopped):
            hit(signal.SIGTERM)
        assert stops.held
