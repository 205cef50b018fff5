"""A local engine whose run may be taken away from it, or asked to stop, by way of the run's directory."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from sweep.launch.engines.base import Ended, Engine, Promises
from sweep.launch.job import Job
from sweep.launch.slots import Slot
from sweep.launch.stops import Stopped
from sweep.rundir.paths import RunDir

# How often the run's directory is looked at, on a file system that all nodes share.
_LOOK_S = 2.0
# So long is waited for the end of a run that is not ours any more, between looks.
_PATIENCE_S = 0.2


class WatchedEngine:
    """Passes everything on, and looks at the run's directory while it waits.

    Args:
        is_ours: says whether the run is still to be run by this job.
        leave: is called when it is not, and its processes are gone; whatever this process wrote then would be in the
            way of another's, so it does not return.
    """

    def __init__(
        self,
        engine: Engine,
        run: RunDir,
        is_ours: Callable[[], bool],
        leave: Callable[[], NoReturn],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._run, self._is_ours, self._leave, self._clock = engine, run, is_ours, leave, clock
        self._jobs: list[Job] = []
        self._look_at, self._told = clock() + _LOOK_S, False

    @property
    def promises(self) -> Promises:
        return self._engine.promises

    def submit(self, job: Job, slot: Slot) -> None:
        self._engine.submit(job, slot)
        self._jobs.append(job)

    def poll(self, wait_s: float) -> list[Ended]:
        """See `Engine`.

        Raises:
            Stopped: somebody wants the run to stop.
        """
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + _LOOK_S
            if not self._is_ours():
                self._end_in_silence()
                self._leave()
            if not self._told and self._run.stop.exists():
                self._told = True
                raise Stopped(signal.SIGTERM)
        ends = self._engine.poll(wait_s)
        self._forget(ends)
        return ends

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        self._engine.cancel(jobs, now)

    def close(self) -> None:
        self._engine.close()

    def _end_in_silence(self) -> None:
        self._engine.cancel(self._jobs, now=True)
        while self._jobs:
            self._forget(self._engine.poll(_PATIENCE_S))
        self._engine.close()

    def _forget(self, ends: Sequence[Ended]) -> None:
        gone = [ended.job for ended in ends]
        self._jobs = [job for job in self._jobs if job not in gone]
