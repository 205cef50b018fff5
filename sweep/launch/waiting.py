"""What waits to be started: jobs in order, the next one already prepared, and failed runs that get another try."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator

from sweep.launch.job import Job


class Waiting:
    """Jobs in the order in which they are to start.

    Args:
        jobs: is asked for the next job only when the one before has been started: taking one prepares it.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs: Iterator[Job] = iter(jobs)
        self._ahead: Job | None = None
        self._over = False
        self._again: list[tuple[float, int, Job]] = []
        self._count = 0

    def first(self, now: float) -> Job | None:
        """Return the job whose turn it is, and leave it where it is; None if none can start now.

        A run whose pause before another try is over goes before those that have not been started.
        """
        if self._again and self._again[0][0] <= now:
            return self._again[0][2]
        if self._ahead is None and not self._over:
            self._ahead = next(self._jobs, None)
            self._over = self._ahead is None
        return self._ahead

    def take(self, job: Job) -> None:
        """Remove the job that `first` has returned."""
        if self._ahead is job:
            self._ahead = None
        else:
            heapq.heappop(self._again)

    def again(self, job: Job, due: float) -> None:
        """Put back a run that is to be tried again at `due`."""
        self._count += 1  # of two that are due at once the one that failed first goes first
        heapq.heappush(self._again, (due, self._count, job))

    def drain(self) -> list[Job]:
        """Return the jobs that were taken and not started, and forget everything else."""
        left = [job for _, _, job in sorted(self._again)] + ([self._ahead] if self._ahead else [])
        self._again, self._ahead, self._over = [], None, True
        return left

    @property
    def due(self) -> float:
        """When the next run may be tried again; infinite without one."""
        return self._again[0][0] if self._again else math.inf

    def __bool__(self) -> bool:
        return self._ahead is not None or bool(self._again)
