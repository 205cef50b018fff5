"""A local engine whose run may be taken away from it, or asked to stop, by way of the run's directory or by Slurm.

Slurm sends SIGTERM (when a job is cancelled, say) to every process of a job, so the ranks have heard what their job is
told. Ranks that have saved, and would be asked a second time, would leave at once; and what the signal has killed has
not failed. Of several ranks it is enough that one has noticed: all of them agree at their next boundary, and the
others, in the middle of a long computation it may be, have got the signal too.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from sweep.launch.engines.base import Ended, Engine, Promises
from sweep.launch.job import Job
from sweep.launch.slots import Slot
from sweep.launch.stops import Stopped
from sweep.rundir.asked import was_asked
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind

# How often the run's directory is looked at, on a file system that all nodes share.
_LOOK_S = 2.0
# So long is waited for the end of a run that is not ours any more, between looks.
_PATIENCE_S = 0.2
# Within this time all processes of a job have got a signal that Slurm sends to all of them, and Python has noticed.
_HEARSAY_S = 0.3
_STRUCK = (Kind.KILLED, Kind.LOST)


class WatchedEngine:
    """Passes everything on, and looks at the run's directory while it waits.

    Args:
        is_ours: says whether the run is still to be run by this job.
        leave: is called when it is not, and its processes are gone; whatever this process wrote then would be in the
            way of another's, so it does not return.
        check: raises if this process has been asked to stop.
        grace_s: how long ranks have that were asked already.
    """

    def __init__(
        self,
        engine: Engine,
        run: RunDir,
        is_ours: Callable[[], bool],
        leave: Callable[[], NoReturn],
        check: Callable[[], None] = lambda: None,
        grace_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine, self._run, self._is_ours, self._leave = engine, run, is_ours, leave
        self._check, self._grace_s, self._clock, self._sleep = check, grace_s, clock, sleep
        self._jobs: list[Job] = []
        self._look_at, self._told = clock() + _LOOK_S, False
        self._ending: list[Job] = []
        self._ask_at: float | None = None
        self._kept: list[Ended] = []

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
        self._look()
        self._ask()
        ends, self._kept = self._kept or self._engine.poll(wait_s), []
        if not self._ending and any(ended.cause.kind in _STRUCK for ended in ends):
            self._kept = ends  # for the next call, if what has struck the run has struck the whole job
            self._sleep(_HEARSAY_S)
            self._check()
            self._kept = []
        self._forget(ends)
        return ends

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        """See `Engine`; ranks that have heard it already are not asked again until their grace is over."""
        self._ending = list(jobs)
        if now:
            self._ask_at = None
            self._engine.cancel(jobs, now=True)
        elif self._ask_at is None:
            self._ask_at = self._clock() + _HEARSAY_S

    def close(self) -> None:
        self._engine.close()

    def _look(self) -> None:
        if self._clock() < self._look_at:
            return
        self._look_at = self._clock() + _LOOK_S
        try:
            is_ours, is_to_stop = self._is_ours(), self._run.stop.exists()
        except OSError:  # a network file system may be away for a while: what cannot be read says nothing
            return
        if not is_ours:
            self._end_in_silence()
            self._leave()
        if is_to_stop and not self._told:
            self._told = True
            raise Stopped(signal.SIGTERM)

    def _ask(self) -> None:
        """Ask what is to end, when that is due."""
        if self._ask_at is None or self._clock() < self._ask_at:
            return
        if was_asked(self._run) and self._grace_s:
            self._ask_at, self._grace_s = self._clock() + self._grace_s, 0.0
            return
        self._ask_at = None
        self._engine.cancel(self._ending)

    def _end_in_silence(self) -> None:
        self._engine.cancel(self._jobs, now=True)
        while self._jobs:
            self._forget(self._engine.poll(_PATIENCE_S))
        self._engine.close()

    def _forget(self, ends: Sequence[Ended]) -> None:
        gone = [ended.job for ended in ends]
        self._jobs = [job for job in self._jobs if job not in gone]
        if gone and not self._jobs:
            self._ending, self._ask_at = [], None
