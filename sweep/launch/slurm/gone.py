"""Why no job runs a run any more, in words for people. Pure, but for a look into the submission's own folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sweep.launch.slurm.script import UNSEEN
from sweep.launch.slurm.talk.jobs import LiveJob, PastJob
from sweep.rundir.submission import Submission

Key = tuple[str, int | None]
_Job = TypeVar("_Job")
# The file, in a submission's folder, with the number that Slurm gave it.
NUMBER = "job"
_UNSEEN = f"{UNSEEN}:0"
# A task whose run can be gone on with, see `sweep.launch.slurm.task`.
_LEFT = "75:0"
_NOT_SAID = "its Slurm job is gone, and Slurm does not say why"
_NOT_SUBMITTED = "it was not submitted: its launch ended before that"


@dataclass(frozen=True)
class Traces:
    """What is still known of jobs that are over.

    Attributes:
        known: what the queue remembers, by ticket and index.
        past: what accounting knows; what it takes for alive is not in it.
    """

    known: Mapping[Key, LiveJob]
    past: Mapping[Key, PastJob]

    def why(self, record: Submission, folder: Path | None) -> str:
        """Return why the job of a submission is no more.

        Args:
            folder: of the submission; None if it is gone.
        """
        known, past = of_element(self.known, record), of_element(self.past, record)
        if known is not None and known.is_held:
            return known.cause
        if past is not None:
            return self._of_accounting(past)
        if known is not None:
            return _of_queue(known, folder)
        return self._without_trace(record, folder)

    def _without_trace(self, record: Submission, folder: Path | None) -> str:
        """Return what is said of a job that neither the queue nor accounting knows.

        Seen with Slurm 22.05: nobody knows of an element that was cancelled before it had begun, while others wait.
        """
        number = number_in(folder)
        if not number or folder is None:
            return _NOT_SUBMITTED
        others_wait = any(job.ticket == record.ticket and job.is_pending for job in self.known.values())
        if others_wait and not (folder / f"{record.index}.out").exists():
            return f"Slurm job {number}_{record.index} was cancelled before it had begun"
        return _NOT_SAID

    def _of_accounting(self, past: PastJob) -> str:
        if past.exit_code == _UNSEEN:
            return _unseen(past)
        if past.exit_code == _LEFT:
            where = f" on {past.nodes}" if past.nodes else ""
            return f"Slurm job {past.id}{where} was ended, and is not started again by itself"
        others = (job for job in self.past.values() if job.ticket == past.ticket and job.exit_code == _UNSEEN)
        blind = next(others, None) if past.state.startswith("CANCELLED") else None
        return past.cause if blind is None else f"{past.cause}, as {_unseen(blind)}"


def of_element(jobs: Mapping[Key, _Job], record: Submission) -> _Job | None:
    """Return the job of a submission's run; elements of an array that never began may stand there as one, unnumbered.

    Seen with Slurm 22.05: of cancelled ones `squeue` lists the array, and `sacct` '12_[8-9]'.
    """
    found = jobs.get((record.ticket, record.index))
    return jobs.get((record.ticket, None)) if found is None else found


def _unseen(job: PastJob) -> str:
    return f"node {job.nodes or '(unknown)'} does not see the data directory (Slurm job {job.id})"


def _of_queue(job: LiveJob, folder: Path | None) -> str:
    """Return what a queue says that knows no exit codes; what a job prints tells whether it came as far as that."""
    began = folder is not None and (folder / f"{job.index}.out").exists()
    if job.state != "FAILED" or began:
        return job.cause
    return f"{job.cause} before it had begun; perhaps that node does not see the data directory"


def number_in(folder: Path | None) -> str:
    """Return the number that Slurm gave to a submission, '' if nobody noted one."""
    try:
        return "" if folder is None else (folder / NUMBER).read_text().strip()
    except (OSError, ValueError):
        return ""


def ended(jobs: Iterable[PastJob]) -> dict[Key, PastJob]:
    """Return those that are over, by ticket and index: accounting is some seconds behind the queue."""
    over = (job for job in jobs if not LiveJob(job.id, job.name, job.state.partition(" ")[0]).is_alive)
    return {(job.ticket, job.index): job for job in over}
