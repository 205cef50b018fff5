"""What is the matter with a run that was submitted: its directory says so first, then the queue, then the accounting.

A job's number alone is never trusted: Slurm may forget a job that it has accepted and give its number to the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sweep.base.errors import LaunchError
from sweep.launch.causes import Cause
from sweep.launch.slurm.client import Slurm
from sweep.launch.slurm.jobs import LiveJob, PastJob
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, read_status
from sweep.rundir.submission import Submission, read_submission

_Key = tuple[str, int | None]
# A state of the queue is believed for so long.
_FRESH_S = 5.0
_OVER = (State.DONE, State.FAILED)


@dataclass
class Queue:
    """What Slurm says of the jobs that carry our tickets: asked once for all of them, when somebody wants to know.

    Attributes:
        silence: why Slurm does not answer; empty while it does.
    """

    slurm: Slurm
    fresh_s: float = _FRESH_S
    clock: Callable[[], float] = time.monotonic
    silence: str = ""
    _alive: dict[_Key, LiveJob] = field(default_factory=dict)
    _known: dict[_Key, LiveJob] = field(default_factory=dict)
    _past: dict[_Key, PastJob] = field(default_factory=dict)
    _asked: float | None = None
    _asked_past: set[str] = field(default_factory=set)

    def job(self, submission: Submission) -> LiveJob | None:
        """Return the job that is to run a run and may still do so; None if there is none, as far as Slurm answers."""
        self._look()
        return self._alive.get((submission.ticket, submission.index))

    def waits(self, run: RunDir) -> str:
        """Return what of Slurm's has a run whose lock is free, in words; '' if nothing has."""
        record = read_submission(run)
        if record is None:
            return ""
        job = self.job(record)
        if job is not None:
            return f"is in Slurm's queue: job {job.id}, {job.state.lower()}"
        return f"was given to Slurm, which does not answer ({self.silence})" if self.silence else ""

    def is_over(self, run: RunDir) -> bool:
        """Say whether nothing will happen to a run any more unless somebody submits it again."""
        status = read_status(run)
        if status is not None and status.state in _OVER:
            return True
        return holder(run.lock) is None and not self.waits(run)

    def cause(self, run: RunDir) -> Cause:
        """Return why a run is over whose directory does not say so."""
        record = read_submission(run)
        if record is None:
            return Cause(Kind.LOST, "nothing is to run it")
        past = self._last(record)
        if past is not None:
            return Cause(Kind.LOST, past.cause)
        known = self._known.get((record.ticket, record.index))
        if known is not None:
            return Cause(Kind.LOST, f"its Slurm job {known.id} has ended as {known.state}")
        return Cause(Kind.LOST, "its Slurm job is gone, and Slurm does not say why")

    def _last(self, record: Submission) -> PastJob | None:
        key = (record.ticket, record.index)
        if record.ticket not in self._asked_past:
            self._asked_past.add(record.ticket)
            self._past.update({(job.ticket, job.index): job for job in self.slurm.history([record.ticket])})
        return self._past.get(key)

    def _look(self) -> None:
        now = self.clock()
        if self._asked is not None and now - self._asked < self.fresh_s:
            return
        self._asked = now
        try:
            jobs = [job for job in self.slurm.queue() if job.ticket]
        except LaunchError as error:
            self.silence = str(error)
            return
        self.silence = ""
        self._known = {(job.ticket, job.index): job for job in jobs}
        self._alive = {key: job for key, job in self._known.items() if job.is_alive}
