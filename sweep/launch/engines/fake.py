"""An engine and a clock for tests: no process, no waiting; a script says when each run ends and how."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sweep.launch.causes import Cause, ended_cause, written_cause
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.job import Job
from sweep.launch.slots import Slot
from sweep.rundir.status import Kind


@dataclass
class FakeClock:
    """A clock that moves only when told, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeEngine:
    """Runs that take the time a function says, on a fake clock.

    Attributes:
        takes: seconds that a job needs; infinite for one that hangs.
        on_end: is called with each job as it ends by itself, to leave in its directory what a run would; returns the
            exit code, negative for a signal.
        seen: what is said of a job that was cancelled.
        grace_s: what a job takes to end once it is cancelled; with `now` it takes nothing.
        history: ``("submit" | "end" | "cancel" | "kill", name)`` in order.
        running: job to the time it ends, and its slot.
        cancelled: the jobs that are being ended.
        promises: what the engine that it stands for promises; a local one by default.
    """

    clock: FakeClock
    takes: Callable[[Job], float] = lambda job: 1.0
    on_end: Callable[[Job], int] = lambda job: 0
    seen: Cause = field(default_factory=lambda: Cause(Kind.KILLED, "it was ended"))
    grace_s: float = 0.0
    history: list[tuple[str, str]] = field(default_factory=list)
    running: dict[Job, tuple[float, Slot]] = field(default_factory=dict)
    cancelled: set[Job] = field(default_factory=set)
    promises: Promises = field(default_factory=Promises)

    def submit(self, job: Job, slot: Slot) -> None:
        self.history.append(("submit", job.name))
        self.running[job] = (self.clock.now + self.takes(job), slot)

    def poll(self, wait_s: float) -> list[Ended]:
        first = min((end for end, _ in self.running.values()), default=math.inf)
        self.clock.now = max(self.clock.now, min(first, self.clock.now + wait_s))
        over = [job for job, (end, _) in self.running.items() if end <= self.clock.now]
        return [self._end(job) for job in over]

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        for job in jobs:
            if job in self.running and (now or job not in self.cancelled):
                self.history.append(("kill" if now else "cancel", job.name))
                self.cancelled.add(job)
                self.running[job] = (self.clock.now + (0.0 if now else self.grace_s), self.running[job][1])

    def close(self) -> None:
        self.running.clear()

    def _end(self, job: Job) -> Ended:
        del self.running[job]
        if job in self.cancelled:
            self.cancelled.remove(job)
            return Ended(job, self.seen)
        self.history.append(("end", job.name))
        code = self.on_end(job)
        return Ended(job, written_cause(job.run) or ended_cause(code, "rank 0"))
