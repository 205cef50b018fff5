"""What an engine is: three verbs. Everything an engine must remember beyond its own life is in the run directory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sweep.launch.causes import Cause
from sweep.launch.job import Job
from sweep.launch.slots import Slot


@dataclass(frozen=True)
class Ended:
    """A job whose processes are gone, all of them.

    Attributes:
        cause: what the engine saw: the rank that ended and how. It counts where the run's directory neither says
            that it is done nor why it is not.
    """

    job: Job
    cause: Cause


class Engine(Protocol):
    """Starts runs and tells when they are over.

    submit ──> running ──> poll gives Ended
                  └── cancel ──> poll gives Ended
    """

    def submit(self, job: Job, slot: Slot) -> None:
        """Start a prepared run on its share of the machine; returns at once."""

    def poll(self, wait_s: float) -> list[Ended]:
        """Return the jobs that have ended since the last call, after waiting at most so long for a first one."""

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        """Begin to end runs: ask, wait, kill, or with `now` kill at once; returns at once.

        `poll` then gives them; one that has ended already is passed over.
        """

    def close(self) -> None:
        """End whatever is left and give everything back."""
