"""How processes are ended: ask, wait, end, wait, kill. Steps with a time each; nothing here waits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sweep.launch.supervisor.processes import tell

# Between SIGTERM and SIGKILL.
TERM_S = 0.5
# Between two kills of what is still there: a process may have been forked in between.
_AGAIN_S = 0.05
# A process that is still there after so many kills is in the kernel's hands (a device, a network file system).
_KILLS = 200


@dataclass
class Ending:
    """The end of one run's processes.

    Attributes:
        due: when the next step is to be taken, on the supervisor's clock.
        ask: whether ranks are first told to save what they have and leave (SIGUSR1).
        grace_s: how long they have for that.
    """

    due: float
    ask: bool = False
    grace_s: float = 0.0
    kill_now: bool = False
    stage: str = "begin"
    kills: int = 0

    @property
    def given_up(self) -> bool:
        return self.kills >= _KILLS

    @property
    def asks_next(self) -> bool:
        return self.ask and self.stage == "begin" and not self.kill_now

    def step(self, now: float, ranks: Iterable[int], everything: Callable[[], Iterable[int]]) -> None:
        """Take the step that is due.

        Args:
            ranks: the ranks that are there.
            everything: returns all processes of the run that are there.
        """
        if self.kill_now or self.stage in ("term", "kill"):
            self._send(signal.SIGKILL, everything(), now, "kill", _AGAIN_S)
            self.kills += 1
        elif self.asks_next:
            self._send(signal.SIGUSR1, ranks, now, "asked", self.grace_s)
        else:
            self._send(signal.SIGTERM, everything(), now, "term", TERM_S)

    def ranks_are_gone(self, now: float) -> None:
        """Do not wait for ranks that have left when they were asked to."""
        if self.stage == "asked":
            self.due = min(self.due, now)

    def greet(self, pid: int) -> None:
        """Ask a rank that was only just being made when the others were asked."""
        if self.stage == "asked":
            tell(pid, signal.SIGUSR1)

    def hurry(self, now: float) -> None:
        """Kill at once."""
        self.kill_now, self.due = True, now

    def _send(self, number: int, pids: Iterable[int], now: float, stage: str, wait_s: float) -> None:
        for pid in pids:
            tell(pid, number)
        self.stage, self.due = stage, now + wait_s
