"""Asking runs that Slurm has to stop: a file in each run's directory, which its job reads; what waits is cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sweep.base.files import write_text
from sweep.launch.engines.errand import STOP
from sweep.launch.slurm.client import Slurm
from sweep.launch.slurm.jobs import LiveJob
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import read_submission


def ask_to_stop(runs: Iterable[RunDir], slurm: Slurm, now: bool = False) -> dict[RunDir, LiveJob]:
    """Have jobs that wait never start, and runs that go on save and leave; with `now` end these too.

    The files come first: a job that begins meanwhile finds one, and one that Slurm starts again does too.

    Returns:
        The runs that had a job, each with it; one that is held after a failed launch too, as somebody may release it.

    Raises:
        SlurmSilent: Slurm does not answer; the runs' directories say that they are to stop all the same.
    """
    wanted = {(record.ticket, record.index): run for run in runs if (record := read_submission(run)) is not None}
    written = [run for run in wanted.values() if _note(run)]
    there = {(job.ticket, job.index): job for job in slurm.queue() if job.is_alive or job.is_held}
    found = {run: there[key] for key, run in wanted.items() if key in there}
    for run in written:
        if run not in found and holder(run.lock) is None:
            run.stop.unlink(missing_ok=True)  # nobody is there to read it
    if ended := [job.id for job in found.values() if now or job.is_pending]:
        slurm.cancel(ended)
    return found


def _note(run: RunDir) -> bool:
    """Write the file; False if it is there already, or the directory is gone."""
    with suppress(OSError):
        if not run.stop.exists():
            write_text(run.stop, STOP, durable=False)
            return True
    return False
