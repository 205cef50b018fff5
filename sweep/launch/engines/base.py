"""What an engine is: three verbs, and what it promises.

Everything that it must remember beyond its own life is in the run directory.
"""

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


@dataclass(frozen=True)
class Promises:
    """What can be relied on.

    Attributes:
        stays: its runs need the driver, which stays until they have ended. False: they go on without it, and it may
            leave once they are submitted.
        keeps_time: it watches the time limits of runs itself, where they go on; the scheduler then does not.
    """

    stays: bool = True
    keeps_time: bool = False


class Engine(Protocol):
    """Starts runs and tells when they are over.

    submit ──> running ──> poll gives Ended
                  └── cancel ──> poll gives Ended
    """

    @property
    def promises(self) -> Promises:
        """What can be relied on; the same from the beginning to the end."""

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


class LeavingEngine(Engine, Protocol):
    """An engine whose runs go on without the driver.

    submit ──> finish ──> (the driver ends) ──> running
    """

    @property
    def submitted(self) -> Sequence[tuple[str, int]]:
        """What has been handed over: of each array of jobs its number there, and how many runs it is for."""

    def finish(self) -> None:
        """Hand over what has been collected.

        Raises:
            LaunchError: it is not taken.
        """
