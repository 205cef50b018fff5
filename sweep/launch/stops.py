"""The signals that ask the driver to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# SIGUSR1 is what a batch system sends to a job whose time is nearly over.
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
# What a shell gives to a job in the background, and nohup to what it starts: these then stay ignored.
_MAY_BE_IGNORED = (signal.SIGINT, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """The person, or the system, asked the driver to stop.

    Attributes:
        number: of the signal.
        now: whether it is the second one: not to wait any more.
    """

    def __init__(self, number: int, now: bool = False) -> None:
        super().__init__(_name(number))
        self.number, self.now = number, now


def _name(number: int) -> str:
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


class Stops:
    """The stop signals that have come during a launch.

    While they are held a signal is only noted, so that it never comes between a process that has been started and the
    note of it. A third one is never held: somebody really means it.

    Attributes:
        came: their numbers.
    """

    def __init__(self) -> None:
        self.came: list[int] = []
        self.held = False
        self._told = 0

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, and raise unless signals are held: a signal handler."""
        self.came.append(number)
        if not self.held or len(self.came) > 2:
            self.check()

    def check(self) -> None:
        """Raise if a signal has come that nobody has been told of.

        Raises:
            Stopped
        """
        if len(self.came) > self._told:
            self._told = len(self.came)
            raise Stopped(self.last, now=len(self.came) > 1)

    @property
    def last(self) -> int:
        return self.came[-1]

    @property
    def again(self) -> bool:
        """Whether a second signal has come."""
        return len(self.came) > 1

    @property
    def cause(self) -> str:
        """What the first signal makes of a run, such as ``stopped by SIGTERM``; '' without one."""
        return f"stopped by {_name(self.came[0])}" if self.came else ""


@contextmanager
def stop_signals() -> Iterator[Stops]:
    """Let SIGINT (Ctrl-C), SIGTERM, SIGHUP and SIGUSR1 raise `Stopped` in the driver, so that it ends its runs first.

    A handler that somebody else has for SIGUSR1 stays. Inside of another `stop_signals` it is that one. Outside the
    main thread signals are somebody else's business and stay as they are.
    """
    around = _installed()
    if around is not None:
        yield around
        return
    stops = Stops()
    before = _install(stops) if threading.current_thread() is threading.main_thread() else {}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _install(stops: Stops) -> dict[int, Any]:
    """Return the handlers that were there before; one that is not Python's could not be put back and stays."""
    before: dict[int, Any] = {number: signal.getsignal(number) for number in _STOPS}
    ours = {
        number: handler for number, handler in before.items() if handler is not None and not _stays(number, handler)
    }
    for number in ours:
        signal.signal(number, stops.receive)
    return ours


def _stays(number: int, handler: Any) -> bool:
    if number == signal.SIGUSR1:
        return handler is not signal.SIG_DFL
    return handler is signal.SIG_IGN and number in _MAY_BE_IGNORED


@contextmanager
def stops_held(held: bool = True) -> Iterator[Stops]:
    """Hold the stop signals of the `stop_signals` around this, or with False let them through again.

    Who holds them looks at `Stops.check` in between.
    """
    stops = _current()
    before, stops.held = stops.held, held
    try:
        yield stops
    finally:
        stops.held = before


def _current() -> Stops:
    """Return what receives signals now; without any, one that never receives."""
    return _installed() or Stops()


def _installed() -> Stops | None:
    if threading.current_thread() is not threading.main_thread():
        return None
    owners = (getattr(signal.getsignal(number), "__self__", None) for number in _STOPS)
    return next((owner for owner in owners if isinstance(owner, Stops)), None)
