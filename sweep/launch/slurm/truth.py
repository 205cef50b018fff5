"""What is the matter with a run that was submitted: its directory says so first, then the queue, then the accounting.

A job's number alone is never trusted: Slurm may forget a job that it has accepted and give its number to the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.launch.causes import Cause
from sweep.launch.slurm.elsewhere import of_another_cluster, of_another_user
from sweep.launch.slurm.gone import Key, Traces, ended, number_in, of_element
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.jobs import LiveJob, PastJob
from sweep.rundir.handed import Handed
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, read_status
from sweep.rundir.submission import Submission, folder_of, read_submission

# A state of the queue is believed for so long.
_FRESH_S = 5.0
_STOPPED = "stopped with `sweep stop`"
_OVER = (State.DONE, State.FAILED)


@dataclass
class Queue:
    """What Slurm says of the jobs that carry our tickets: asked once for all of them, when somebody wants to know.

    Attributes:
        fresh_s: for how long an answer is believed.
        silence: why Slurm does not answer; empty while it does.
    """

    slurm: Slurm
    fresh_s: float = _FRESH_S
    clock: Callable[[], float] = time.monotonic
    silence: str = ""
    _known: dict[Key, LiveJob] = field(default_factory=dict)
    _past: dict[Key, PastJob] = field(default_factory=dict)
    _asked: float | None = None
    _here: str | None = None
    _asked_past: dict[str, float] = field(default_factory=dict)

    def job(self, submission: Submission) -> LiveJob | None:
        """Return the job that is to run a run and may still do so; None if there is none, as far as Slurm answers."""
        self._look()
        return self._job(submission)

    def _job(self, record: Submission) -> LiveJob | None:
        job = of_element(self._known, record)
        return None if job is None or not job.is_alive else job

    def waits(self, run: RunDir) -> str:
        """Return what of Slurm's has a run whose lock is free, in words; '' if nothing has."""
        record = read_submission(run)
        if record is None:
            return ""
        job = self.job(record)
        if job is not None:
            where = "is in Slurm's queue" if job.is_pending else "is with Slurm"
            return f"{where}: job {job.id}, {job.state.lower()}"
        unknown = self._unknown(run, record)
        return f"was given to Slurm, and what became of it is not known: {unknown}" if unknown else ""

    def is_over(self, run: RunDir) -> bool:
        """Say whether nothing will happen to a run any more unless somebody submits it again."""
        return _is_over_by_itself(run) or (holder(run.lock) is None and not self.waits(run))

    def cause(self, run: RunDir) -> Cause:
        """Return why a run is over whose directory does not say so."""
        record = read_submission(run)
        if record is None:
            return Cause(Kind.LOST, "nothing is to run it")
        return Cause(Kind.LOST, self._why({run: record})[run])

    def of(self, runs: Iterable[RunDir]) -> dict[RunDir, Handed]:
        """Return what Slurm says of those of some runs that were submitted; it is asked once or twice for all of them.

        Whoever has read the directories before must look once more at those that no job has: they may have ended
        between the two looks.
        """
        records = {run: record for run in runs if (record := read_submission(run)) is not None}
        if not records:
            return {}
        self._look()
        found = {run: told for run, record in records.items() if (told := self._going_on(run, record)) is not None}
        gone = {run: record for run, record in records.items() if run not in found}
        found.update((run, Handed(False, why=why)) for run, why in self._why(gone).items())
        return found

    def _going_on(self, run: RunDir, record: Submission) -> Handed | None:
        """Return what is the matter with a run that a job may still run; None if there is none."""
        job = self._job(record)
        if job is not None:
            return Handed(True, job.id, job.state.lower(), "" if job.reason == "None" else job.reason)
        if unknown := self._unknown(run, record):
            return Handed(None, why=unknown)
        folder = folder_of(run, record.ticket)
        if not number_in(folder) and _is_being_submitted(run):
            return Handed(True, state="being submitted")
        return None

    def _unknown(self, run: RunDir, record: Submission) -> str:
        """Return why nobody here knows of a run whose job may not be seen to be alive; '' if it would be seen."""
        if unknown := self.silence or of_another_user(run):
            return unknown
        if not record.cluster or of_element(self._known, record) is not None:  # a ticket is known to one cluster alone
            return ""
        if self._here is None:
            self._here = self.slurm.cluster_name()
        return of_another_cluster(record, self._here)

    def _why(self, gone: Mapping[RunDir, Submission]) -> dict[RunDir, str]:
        """Return why no job has some runs any more."""
        stopped = {run for run in gone if run.stop.exists()}
        others = {run: record for run, record in gone.items() if run not in stopped}
        self._ask_accounting(others)
        traces = Traces(self._known, self._past)
        told = {run: traces.why(record, folder_of(run, record.ticket)) for run, record in others.items()}
        return {**told, **dict.fromkeys(stopped, _STOPPED)}

    def _ask_accounting(self, gone: Mapping[RunDir, Submission]) -> None:
        """Learn what accounting knows of the jobs of some runs, in one call for those whose number was noted.

        A job of another ticket under the same number is none of theirs.
        """
        open_ones = {run: record for run, record in gone.items() if self._is_to_be_asked(record)}
        numbers = {record.ticket: number_in(folder_of(run, record.ticket)) for run, record in open_ones.items()}
        found = list[PastJob]()
        if ids := {number for number in numbers.values() if number}:
            found += self.slurm.history(ids)
        if tickets := {ticket for ticket, number in numbers.items() if not number}:
            since = min(record.since for record in open_ones.values() if record.ticket in tickets)
            found += self.slurm.history(tickets, since)
        self._past.update(ended(found))
        self._asked_past.update(dict.fromkeys(numbers, self.clock()))

    def _is_to_be_asked(self, record: Submission) -> bool:
        known = of_element(self._known, record)
        if (record.ticket, record.index) in self._past or (known is not None and known.is_held):
            return False
        asked = self._asked_past.get(record.ticket)
        return asked is None or self.clock() - asked >= self.fresh_s

    def _look(self) -> None:
        if self._asked is not None and self.clock() - self._asked < self.fresh_s:
            return
        try:
            jobs = [job for job in self.slurm.queue() if job.ticket]
        except LaunchError as error:
            self.silence = str(error)
            return
        finally:
            self._asked = self.clock()  # after the answer: that of a Slurm which hangs takes long, and counts too
        self.silence, self._here = "", self._here or None
        self._known = {(job.ticket, job.index): job for job in jobs}


def _is_over_by_itself(run: RunDir) -> bool:
    status = read_status(run)
    return status is not None and status.state in _OVER


def open_runs(runs: Iterable[RunDir]) -> list[RunDir]:
    """Return those of some runs that were submitted and have not come to an end of their own."""
    return [run for run in runs if run.submission.exists() and not _is_over_by_itself(run)]


def _is_being_submitted(run: RunDir) -> bool:
    """Say whether a launch into the run's data directory goes on: Slurm does not know of all its runs yet."""
    return any(holder(lock) is not None for home in run.path.absolute().parents[:2] for lock in _launches(home))


def _launches(home: Path) -> list[Path]:
    return list(RunDir(home).own.glob("*.lock"))
