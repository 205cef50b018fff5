"""A run that is asked to stop: by a signal, at its next boundary, once what it goes on from is saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from sweep.rundir.asked import STOP_SIGNALS, note_asked
from sweep.rundir.paths import RunDir


class RunInterrupted(BaseException):
    """The run has saved itself and leaves; not an `Exception`, so that no handler for errors takes it for one."""


class StopRequest:
    """Hears the first signal to stop. The second one does what it did before this was installed.

    Args:
        run: where it is noted that the run was asked, as a second signal may leave no time to say so.

    Attributes:
        number: of the signal that came; 0 for none.
    """

    def __init__(self, run: RunDir) -> None:
        self.number = 0
        self._run = run
        self._before: dict[int, Any] = {}

    def install(self) -> None:
        """Listen from now on; not outside the main thread, which alone gets signals, nor for one that is ignored."""
        if threading.current_thread() is not threading.main_thread() or self._before:
            return
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)

    def remove(self) -> None:
        """Put back what was there before."""
        before, self._before = self._before, {}
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        note_asked(self._run)
        self.remove()
