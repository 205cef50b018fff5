"""Asking runs that Slurm has to stop: a file in each run's directory, which its job reads; what waits is cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sweep.base.files import write_text
from sweep.launch.engines.errand import STOP
from sweep.launch.slurm.client import Slurm
from sweep.launch.slurm.jobs import LiveJob
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import read_submission


def ask_to_stop(runs: Iterable[RunDir], slurm: Slurm, now: bool = False) -> list[LiveJob]:
    """Have jobs that wait never start, and runs that go on save and leave; with `now` end these too.

    Returns:
        The jobs that were alive.

    Raises:
        SlurmSilent: Slurm does not answer; the runs' directories say that they are to stop all the same.
    """
    wanted = {}
    for run in runs:
        record = read_submission(run)
        if record is None:
            continue
        wanted[record.ticket, record.index] = run
        with suppress(OSError):  # its directory is gone
            write_text(run.stop, STOP, durable=False)
    jobs = [job for job in slurm.queue() if (job.ticket, job.index) in wanted and job.is_alive]
    slurm.cancel([job.id for job in jobs if now or job.is_pending])
    return jobs
