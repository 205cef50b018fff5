"""A run in the calling process, for a breakpoint: an engine without a process."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.launch.causes import ended_cause, written_cause
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.job import Job
from sweep.launch.slots import Slot
from sweep.launch.stops import Stopped, stops_held
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.supervised import FAILED_EXIT, ORIGIN_VARIABLE

INLINE = "inline"


def check_inline(runs: int, ranks: int) -> None:
    """Refuse what cannot be run in the calling process.

    Raises:
        UsageError
    """
    if ranks > 1:
        raise UsageError(f"start='inline' runs one rank in this process, not num_cpu={ranks}; leave num_cpu out.")
    if runs > 1:
        raise UsageError(
            f"start='inline' runs one variant in this process, and {runs:,} are to be run; narrow the grid to one."
        )


class InlineEngine:
    """Runs a job while it is submitted. The function is loaded from the payload, as everywhere else.

    Args:
        environ: where the record of what the launch comes from is named, if there is one.
    """

    promises = Promises()

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._ended: list[Ended] = []
        self._origin = environ.get(ORIGIN_VARIABLE, "")

    def submit(self, job: Job, slot: Slot) -> None:
        from sweep.runtime.process.child import run_rank

        status = read_status(job.run) or Status(State.PENDING)
        write_status(job.run, status.begun(start=INLINE))
        here = Path.cwd()
        os.environ[ORIGIN_VARIABLE] = self._origin  # which the run takes out
        try:
            with stops_held(held=False) as stops:  # Ctrl-C reaches the function
                code = run_rank(RunDir(job.run.path.absolute()), supervised=True)
        finally:
            os.chdir(here)  # the function may have left it, and paths of ours count from here
        if stops.came and code == FAILED_EXIT:  # it is the signal that it failed of
            for file in job.run.failures():
                file.unlink()
            raise Stopped(stops.last)
        self._ended.append(Ended(job, written_cause(job.run) or ended_cause(code, "rank 0")))

    def poll(self, wait_s: float) -> list[Ended]:
        ended, self._ended = self._ended, []
        return ended

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        """Do nothing: what was submitted has ended."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""
