"""Waiting for launches from outside, and counting what became of their runs."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweep.base.text import plural
from sweep.front.held import owners_of, owners_under, pauses, runs_under
from sweep.front.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD, EXIT_STOPPED
from sweep.rundir.lock import Owner
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, read_status


@dataclass
class Waited:
    """What was there when the waiting was over.

    Attributes:
        counts: of runs, by state.
        left: who was still at work when the time was over.
    """

    directory: Path
    counts: Counter[State] = field(default_factory=Counter)
    left: list[Owner] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 all done · 1 some failed · 75 some interrupted or pending · 2 the time was over, or there are no runs."""
        if self.left or not self.counts:
            return EXIT_HELD
        if self.counts[State.FAILED]:
            return EXIT_FAILED
        return EXIT_DONE if self.counts.total() == self.counts[State.DONE] else EXIT_STOPPED

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        for owner in self.left:
            yield f"still at work: {owner}"
        states = ", ".join(f"{self.counts[state]:,} {state}" for state in State if self.counts[state])
        yield f"{plural(self.counts.total(), 'run')} under {self.directory}" + (f": {states}" if states else "")

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {
            "runs": self.counts.total(),
            **{str(state): self.counts[state] for state in State},
            "left": [{"host": owner.host, "pid": owner.pid} for owner in self.left],
            "exit_code": self.exit_code,
        }


def wait(
    directory: Path,
    timeout_s: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Waited:
    """Wait until nobody is at work on a run under a directory, or launches into it.

    Args:
        timeout_s: how long; None is for ever.

    Raises:
        UsageError: there is no such directory.
        LaunchError: its file system has no locks.
    """
    end, pausing = clock() + (math.inf if timeout_s is None else timeout_s), pauses(sleep)
    held = owners_under(directory)
    while held and clock() < end:
        next(pausing)
        held = owners_of(held) or owners_under(directory)
    owners = {(owner.host, owner.pid): owner for owner in held.values()}
    return Waited(directory, count_states(runs_under(directory), bool(held)), list(owners.values()))


def count_states(runs: list[RunDir], are_at_work: bool) -> Counter[State]:
    """Return how many runs are in each state.

    Args:
        are_at_work: whether some may be going on; else one that says so was interrupted together with its owner.
    """
    states = (status.state if (status := read_status(run)) else State.PENDING for run in runs)
    dead = State.RUNNING if are_at_work else State.INTERRUPTED
    return Counter(dead if state is State.RUNNING else state for state in states)
