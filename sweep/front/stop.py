"""Stopping launches from outside: their drivers, or the jobs that Slurm has, are asked to stop, and waited for."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from sweep.base.text import duration, plural
from sweep.front.held import owners_of, owners_under, pauses
from sweep.front.jobs import Stopped, is_task
from sweep.front.summary import EXIT_DONE, EXIT_HELD
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.truth import open_runs
from sweep.rundir.lock import Owner, holder
from sweep.rundir.paths import RunDir

# What the first of two signals is given before the second one.
_BETWEEN_S = 1.0
# By so much a process may seem to have started later than it has: the kernel counts in hundredths of a second, from a
# start of the machine that is itself an estimate.
_SLACK_S = 1.0
# So many jobs are told that could not be stopped.
_TOLD = 20

_Process = tuple[str, int]


@dataclass
class Stopping:
    """What came of stopping.

    Attributes:
        stopped: those who were at work and no longer are.
        left: those who still are, each with the reason.
        jobs: how many runs Slurm had, and has no more, as they were stopped.
        ended: how many of its runs ended by themselves before they were stopped.
        jobs_left: the jobs that it still has, or may have, each with the reason.
    """

    directory: Path
    stopped: list[Owner] = field(default_factory=list)
    left: list[tuple[Owner, str]] = field(default_factory=list)
    jobs: int = 0
    ended: int = 0
    jobs_left: list[tuple[str, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 nobody is at work any more · 2 somebody could not be stopped."""
        return EXIT_HELD if self.left or self.jobs_left else EXIT_DONE

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        for owner in self.stopped:
            yield f"stopped: {owner}; the same command goes on"
        for owner, why in self.left:
            yield f"not stopped: {owner}: {why}"
        if self.jobs:
            yield f"stopped: {plural(self.jobs, 'run')} with Slurm; the same command goes on"
        if self.ended:
            own = "its" if self.ended == 1 else "their"
            yield f"{plural(self.ended, 'run')} with Slurm came to an end of {own} own meanwhile"
        yield from (f"not stopped: {job}: {why}" for job, why in self.jobs_left[:_TOLD])
        if len(self.jobs_left) > _TOLD:
            yield f"... and {len(self.jobs_left) - _TOLD:,} more"
        if not (self.stopped or self.left or self.jobs or self.ended or self.jobs_left):
            yield f"nothing is going on under {self.directory}"

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {
            "stopped": [{"host": owner.host, "pid": owner.pid} for owner in self.stopped],
            "left": [{"host": owner.host, "pid": owner.pid, "why": why} for owner, why in self.left],
            "slurm": {
                "stopped": self.jobs,
                "ended": self.ended,
                "left": [{"job": job, "why": why} for job, why in self.jobs_left],
            },
            "exit_code": self.exit_code,
        }


def stop(
    directory: Path,
    timeout_s: float = 60.0,
    now: bool = False,
    tell: Callable[[Owner], str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    slurm: Slurm | None = None,
) -> Stopping:
    """Ask the driver of every launch with runs under a directory to stop, and wait until they have.

    Runs that Slurm has are asked through their directories, where their jobs look, and jobs that wait are cancelled.

    Args:
        timeout_s: how long to wait for them.
        now: ask twice: not to let runs save what they have.
        tell: asks one, and returns '' or why that cannot be done; `ask_to_stop` by default.
        slurm: is asked only if there are runs that were submitted.

    Raises:
        UsageError: there is no such directory.
        LaunchError: its file system has no locks.
    """
    talk, began, pausing = _Talk(tell or ask_to_stop, clock, now), clock(), pauses(sleep)
    jobs = Stopped(directory, slurm or Slurm(), clock, now)
    held = owners_under(directory)
    while True:
        drivers = [owner for lock, owner in held.items() if not is_task(lock)]
        talk.ask(drivers)
        is_over = jobs.is_over(held)
        is_hopeless = len(drivers) == len(held) and talk.is_hopeless(drivers)
        if (is_over and is_hopeless) or clock() - began >= timeout_s:
            break
        next(pausing)
        held = owners_of(held) or owners_under(directory)
    otherwise = f"it has not ended after {duration(timeout_s)}; --now ends it harder"
    return _with_jobs(talk.result(directory, _but_for(jobs, held), otherwise), jobs, otherwise)


def _but_for(jobs: Stopped, held: Mapping[Path, Owner]) -> list[Owner]:
    """Return who still holds a lock, but for jobs of Slurm's that are told as such."""
    told = {run.lock for run in jobs.alive}
    return [owner for lock, owner in held.items() if lock not in told]


def _with_jobs(result: Stopping, jobs: Stopped, otherwise: str) -> Stopping:
    over = [run for run in jobs.met - jobs.alive.keys() - jobs.out_of_sight.keys() if holder(run.lock) is None]
    result.jobs = len(open_runs(over))
    result.ended = len(over) - result.jobs
    result.jobs_left = [(f"Slurm job {job.id} ({job.state.lower()})", otherwise) for job in jobs.alive.values()]
    result.jobs_left += _unreached(jobs.out_of_sight)
    if jobs.silence:
        what = "runs that were submitted"
        result.jobs_left = [(what, f"{jobs.silence} What goes on has been told to stop in its directory.")]
    return result


def _unreached(out_of_sight: Mapping[RunDir, str]) -> Iterator[tuple[str, str]]:
    """Yield what is not reached from here, that of one reason together."""
    for why, count in Counter(out_of_sight.values()).items():
        reason = f"not reached from here, as {why}. What goes on there finds in its directory that it is to stop."
        yield plural(count, "submitted run"), reason


class _Talk:
    """What was said to whom. One process may hold many locks, and is asked once, or twice."""

    def __init__(self, tell: Callable[[Owner], str], clock: Callable[[], float], now: bool) -> None:
        self._tell, self._clock, self._now = tell, clock, now
        self._met: dict[_Process, Owner] = {}
        self._refusals: dict[_Process, str] = {}
        self._hurry_at: dict[_Process, float] = {}

    def ask(self, owners: Iterable[Owner]) -> None:
        for owner in owners:
            key = _process(owner)
            if key not in self._met:
                self._met[key], self._refusals[key] = owner, self._tell(owner)
                if self._now:
                    self._hurry_at[key] = self._clock() + _BETWEEN_S
            elif self._clock() >= self._hurry_at.get(key, float("inf")):
                del self._hurry_at[key]
                self._tell(owner)

    def is_hopeless(self, owners: Iterable[Owner]) -> bool:
        """Say whether nobody is left who was reached."""
        return all(self._refusals[_process(owner)] for owner in owners)

    def result(self, directory: Path, owners: Iterable[Owner], otherwise: str) -> Stopping:
        left = {_process(owner): self._met.get(_process(owner), owner) for owner in owners}
        return Stopping(
            directory,
            [owner for key, owner in self._met.items() if key not in left],
            [(left[key], self._refusals.get(key) or otherwise) for key in left],
        )


def _process(owner: Owner) -> _Process:
    return owner.host, owner.pid


def ask_to_stop(owner: Owner) -> str:
    """Send SIGTERM to the process that holds a lock; return why it cannot be reached, '' if it was or is gone.

    Where the process is gone, or its number belongs to another one by now, its supervisor still has the lock, which
    ends what is left and is gone soon by itself.
    """
    if owner.host != socket.gethostname():
        return f"it is on another host; sweep stop works on {owner.host}"
    try:
        descriptor = os.pidfd_open(owner.pid)
    except ProcessLookupError:
        return ""
    try:
        if psutil.Process(owner.pid).create_time() <= owner.since + _SLACK_S:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
    except PermissionError:
        return "it belongs to another user"
    except (ProcessLookupError, psutil.NoSuchProcess):
        return ""
    finally:
        os.close(descriptor)
    return ""
