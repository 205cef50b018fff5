"""Waiting for launches from outside, and counting what became of their runs."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweep.base.text import plural
from sweep.front.held import owners_of, owners_under, pauses, runs_under
from sweep.front.jobs import Waiting, is_task
from sweep.front.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD, EXIT_STOPPED
from sweep.launch.slurm.talk.client import Slurm
from sweep.rundir.handed import Handed
from sweep.rundir.lock import Owner, holder
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, read_status

# As `sweep status` calls them.
QUEUED, NOT_KNOWN = "queued", "not known"
_STATES = (*map(str, State), QUEUED, NOT_KNOWN)


@dataclass
class Waited:
    """What was there when the waiting was over.

    Attributes:
        counts: of runs, by state: one of `State`, `QUEUED` or `NOT_KNOWN`.
        left: who was still at work when the time was over.
        with_slurm: how many runs Slurm still had then, or may have had.
    """

    directory: Path
    counts: Counter[str] = field(default_factory=Counter)
    left: list[Owner] = field(default_factory=list)
    with_slurm: int = 0

    @property
    def exit_code(self) -> int:
        """0 all done · 1 some failed · 75 some interrupted or pending · 2 the time was over, or there are no runs."""
        if self.left or self.with_slurm or not self.counts:
            return EXIT_HELD
        if self.counts[State.FAILED]:
            return EXIT_FAILED
        return EXIT_DONE if self.counts.total() == self.counts[State.DONE] else EXIT_STOPPED

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        for owner in self.left:
            yield f"still at work: {owner}"
        if self.with_slurm:
            yield f"still with Slurm: {plural(self.with_slurm, 'run')}"
        states = ", ".join(f"{self.counts[state]:,} {state}" for state in _STATES if self.counts[state])
        yield f"{plural(self.counts.total(), 'run')} under {self.directory}" + (f": {states}" if states else "")

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {
            "runs": self.counts.total(),
            **{state: self.counts[state] for state in _STATES},
            "left": [{"host": owner.host, "pid": owner.pid} for owner in self.left],
            "with_slurm": self.with_slurm,
            "exit_code": self.exit_code,
        }


def wait(
    directory: Path,
    timeout_s: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    slurm: Slurm | None = None,
) -> Waited:
    """Wait until nobody is at work on a run under a directory, or launches into it, and Slurm has none any more.

    Args:
        timeout_s: how long; None is for ever.
        slurm: is asked only if there are runs that were submitted, in pauses of 1 to 30 s.

    Raises:
        UsageError: there is no such directory.
        LaunchError: its file system has no locks.
    """
    end, pausing = clock() + (math.inf if timeout_s is None else timeout_s), pauses(sleep)
    waiting, held = Waiting(directory, slurm or Slurm(), clock), owners_under(directory)
    while (held or waiting.alive()) and clock() < end:
        next(pausing)
        held = owners_of(held) or owners_under(directory)
    told = waiting.alive() if held or clock() >= end else {}
    owners = {(owner.host, owner.pid): owner for lock, owner in held.items() if not is_task(lock)}
    tasks = {RunDir(lock.parents[1]) for lock in held if is_task(lock)}
    counts = count_states(runs_under(directory), bool(held), told)
    return Waited(directory, counts, list(owners.values()), len(tasks | told.keys()))


def count_states(runs: list[RunDir], are_at_work: bool, told: Mapping[RunDir, Handed] | None = None) -> Counter[str]:
    """Return how many runs are in each state.

    Args:
        are_at_work: whether some may be going on; else one that says so was interrupted together with its owner.
        told: what Slurm says of runs that it has, or may have.
    """
    return Counter(_state(run, are_at_work, (told or {}).get(run)) for run in runs)


def _state(run: RunDir, are_at_work: bool, told: Handed | None) -> str:
    status = read_status(run)
    state = State.PENDING if status is None else status.state
    if state in (State.DONE, State.FAILED):
        return state
    if told is not None and not (state is State.RUNNING and holder(run.lock) is not None):
        return _told_state(state, told)
    return State.INTERRUPTED if state is State.RUNNING and not are_at_work else state


def _told_state(state: State, told: Handed) -> str:
    if told.is_alive is None:
        return NOT_KNOWN
    waits = told.state.startswith(("pending", "requeue", "being submitted"))
    return State.RUNNING if state is State.RUNNING and not waits else QUEUED
