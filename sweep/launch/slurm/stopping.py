"""Asking runs that Slurm has to stop: a file in each run's directory, which its job reads; what waits is cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from sweep.base.files import write_text
from sweep.launch.engines.errand import STOP
from sweep.launch.slurm.elsewhere import out_of_sight
from sweep.launch.slurm.gone import of_element
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.jobs import LiveJob
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import read_submission


@dataclass(frozen=True)
class Asked:
    """Runs that were asked to stop.

    Attributes:
        jobs: those that had a job, each with it; also one that is held after a failed launch: somebody may release it.
        out_of_sight: those that may have one which cannot be reached from here, each with the reason.
    """

    jobs: dict[RunDir, LiveJob] = field(default_factory=dict)
    out_of_sight: dict[RunDir, str] = field(default_factory=dict)


def ask_to_stop(runs: Iterable[RunDir], slurm: Slurm, now: bool = False) -> Asked:
    """Have jobs that wait never start, and runs that go on save and leave; with `now` end these too.

    The files come first: a job that begins meanwhile finds one, and one that Slurm starts again does too.

    Raises:
        SlurmSilent: Slurm does not answer; the runs' directories say that they are to stop all the same.
    """
    wanted = {run: record for run in runs if (record := read_submission(run)) is not None}
    written = [run for run in wanted if _note(run)]
    known = {(job.ticket, job.index): job for job in slurm.queue()}
    there = {key: job for key, job in known.items() if job.is_alive or job.is_held}
    found = {run: there[key] for run, one in wanted.items() if (key := (one.ticket, one.index)) in there}
    unseen = out_of_sight(((run, one) for run, one in wanted.items() if of_element(known, one) is None), slurm)
    for run in written:
        if run not in found and run not in unseen and holder(run.lock) is None:
            run.stop.unlink(missing_ok=True)  # nobody is there to read it
    if ended := [job.id for job in found.values() if now or job.is_pending]:
        slurm.cancel(ended)
    return Asked(found, unseen)


def _note(run: RunDir) -> bool:
    """Write the file; False if it is there already, or the directory is gone."""
    with suppress(OSError):
        if not run.stop.exists():
            write_text(run.stop, STOP, durable=False)
            return True
    return False
