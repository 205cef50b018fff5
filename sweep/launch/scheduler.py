"""The scheduler: starts what fits, waits for what runs, until nothing is left. It runs in the driver.

What it knows beyond this launch is in the run directories, so it can die at any moment and be started again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sweep.base.files import last_lines
from sweep.base.text import duration
from sweep.launch.causes import Cause, written_cause
from sweep.launch.engines.base import Ended, Engine
from sweep.launch.job import Job, Outcome
from sweep.launch.slots import Demand, Slot, Slots
from sweep.rundir.status import Kind, State, Status, read_status, write_status

# Longest wait for an end, after which free memory and time limits are looked at again.
_PATIENCE_S = 1.0


@dataclass
class _Running:
    slot: Slot
    started: float
    overdue: bool = False


@dataclass(frozen=True)
class Limits:
    """What a launch allows.

    Attributes:
        at_once: runs at once, at most; the machine may have room for fewer.
        timeout_s: of one run; None for none.
        failure_lines: how many of a failed run's last lines its outcome carries.
    """

    at_once: int = 1
    timeout_s: float | None = None
    failure_lines: int = 5


class Scheduler:
    """Runs jobs that all need the same share of the machine.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self, engine: Engine, slots: Slots, demand: Demand, limits: Limits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._slots, self._demand, self._limits, self._clock = engine, slots, demand, limits, clock
        self._running: dict[Job, _Running] = {}

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Run jobs and yield what became of each as it ends; a failure does not stop the rest.

        A job is taken from `jobs`, which may prepare it then, only when there is room for it. If the caller is stopped,
        every run that is going on is ended and marked interrupted.
        """
        waiting = iter(jobs)
        try:
            while self._start(waiting) or self._running:
                self._cancel_overdue()
                for ended in self._engine.poll(self._patience()):
                    yield self._finished(ended)
        except BaseException as error:
            self._stop(f"stopped by {str(error) or 'Ctrl-C'}" if isinstance(error, KeyboardInterrupt) else "stopped")
            raise

    def _start(self, waiting: Iterator[Job]) -> bool:
        """Start jobs while there is room; say whether any was started."""
        started = False
        while len(self._running) < self._limits.at_once:
            slot = self._slots.take(self._demand)
            if slot is None:
                return started
            job = next(waiting, None)
            if job is None:
                self._slots.give_back(slot)
                return started
            self._engine.submit(job, slot)
            self._running[job] = _Running(slot, self._clock())
            started = True
        return started

    def _patience(self) -> float:
        """Return how long to wait for an end before something else is due."""
        if self._limits.timeout_s is None:
            return _PATIENCE_S
        ends = (one.started + self._limits.timeout_s for one in self._running.values() if not one.overdue)
        return max(0.0, min(_PATIENCE_S, min(ends, default=_PATIENCE_S + self._clock()) - self._clock()))

    def _cancel_overdue(self) -> None:
        limit = self._limits.timeout_s
        if limit is None:
            return
        now = self._clock()
        overdue = [job for job, one in self._running.items() if not one.overdue and now - one.started >= limit]
        for job in overdue:
            self._running[job].overdue = True
        if overdue:
            self._engine.cancel(overdue)

    def _finished(self, ended: Ended) -> Outcome:
        """Give the slot back, and read from the directory what became of the run."""
        job, one = ended.job, self._running.pop(ended.job)
        self._slots.give_back(one.slot)
        seconds = self._clock() - one.started
        if _is_done(job):
            job.run.payload.unlink(missing_ok=True)
            return Outcome(job, State.DONE, duration_s=seconds)
        cause = self._cause(ended, one)
        _commit(job, State.FAILED, cause.text, cause.kind)
        lines = tuple(last_lines(job.run.output, self._limits.failure_lines))
        return Outcome(job, State.FAILED, cause.text, cause.kind, seconds, lines)

    def _cause(self, ended: Ended, one: _Running) -> Cause:
        if one.overdue and self._limits.timeout_s is not None:
            return Cause(Kind.TIMEOUT, f"timeout: it took longer than {duration(self._limits.timeout_s)}")
        if not ended.job.run.path.is_dir():
            return Cause(Kind.ERROR, "its directory is gone")
        return written_cause(ended.job.run) or ended.cause

    def _stop(self, cause: str) -> None:
        self._engine.cancel(list(self._running))
        for job, one in self._running.items():
            _commit(job, State.INTERRUPTED, cause)
            self._slots.give_back(one.slot)
        self._running.clear()


def _is_done(job: Job) -> bool:
    """Say whether the child committed its completion; what the process's exit code claims is no evidence."""
    status = read_status(job.run)
    return status is not None and status.state is State.DONE


def _commit(job: Job, state: State, cause: str, kind: str = "") -> None:
    """Write the end of a run whose own process could not."""
    status = read_status(job.run) or Status(State.PENDING)
    if status.state not in (State.PENDING, State.RUNNING):
        return
    try:
        write_status(job.run, status.ended_as(state, cause, kind))
    except OSError:  # the run took its own directory away, or the disk is full: the other runs go on
        return
