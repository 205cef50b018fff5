"""Failed runs given to Slurm from their own directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sweep.base.errors import SweepError
from sweep.base.settings import Settings
from sweep.front.provenance import environ_again
from sweep.front.request import Request
from sweep.front.share import limits_of
from sweep.front.sites.base import Work
from sweep.front.sites.on_slurm import OnSlurm
from sweep.launch.job import Job
from sweep.launch.slots import Demand, Slot
from sweep.launch.slurm.engine import SlurmEngine
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.stops import stop_signals, stops_held
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.submission import read_submission

_Prepared = Callable[[RunDir, Demand], Job | None]


@dataclass(frozen=True)
class Resubmitting:
    """The failed runs of one data directory, to be submitted.

    Attributes:
        demands: what each run needs.
    """

    home: Path
    demands: Mapping[RunDir, Demand]
    request: Request
    settings: Settings
    slurm: Slurm

    @cached_property
    def site(self) -> OnSlurm:
        """The cluster, for the runs that need most."""
        ranks = sorted({demand.ranks for demand in self.demands.values()})
        most = max(self.demands.values(), key=lambda demand: demand.cores)
        name = self.home.absolute().name
        return OnSlurm(Work(self.request, self.settings, self.home, ranks, most, name), self.slurm)

    def check(self) -> None:
        """Refuse what Slurm cannot take, before anything is written.

        Raises:
            SweepError
        """
        self.site.check()

    def run(self, prepared: _Prepared, submitted: list[tuple[str, int]]) -> None:
        """Submit the runs.

        Args:
            prepared: makes a run ours and ready; None if that cannot be.
            submitted: gets the number of each array of jobs, and of how many runs it is.

        Raises:
            LaunchError: Slurm does not take them; those that it has not taken have failed as before.
        """
        before = {run: read_status(run) for run in self.demands}
        limits = limits_of(self.request, self.settings, self.site.at_once)
        environ = environ_again(self.home, self.demands) or os.environ
        with stop_signals() as stops:
            engine = self.site.engine(None, limits, environ)
            try:
                for run, demand in self.demands.items():
                    stops.check()
                    with stops_held():
                        self._hand_over(engine, prepared(run, demand))
                with stops_held():
                    engine.finish()
            finally:
                with stops_held():
                    engine.close()
                    submitted += engine.submitted
                    _put_back(before)

    def _hand_over(self, engine: SlurmEngine, job: Job | None) -> None:
        if job is not None:
            engine.submit(job, Slot(()))


def _put_back(before: Mapping[RunDir, Status | None]) -> None:
    """Let runs that were made ready and not submitted have failed, as they had."""
    for run, status in before.items():
        now = read_status(run)
        if status is None or now is None or now.state is not State.PENDING or read_submission(run) is not None:
            continue
        try:
            lock = take(run.lock)
            if lock is not None:
                write_status(run, status)
                lock.release()
        except (OSError, SweepError):  # it is pending then, and the command that made it starts it
            continue
