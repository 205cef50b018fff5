"""`.sweep/submitted.json`: a run that was handed to a batch system, and may wait there with nobody of ours alive.

The ticket is in the name of the batch system's job, so that the job is known by it even where its number never was: the
record is written before the job exists. Whoever submits the run again writes another ticket, and a job that finds
another ticket than its own in the record leaves the run alone.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from sweep.base.files import read_json, write_json
from sweep.rundir.paths import RunDir

_TICKET_BYTES = 6


@dataclass(frozen=True)
class Submission:
    """What the file says.

    Attributes:
        ticket: of the job, or of the array of jobs: hexadecimal digits.
        index: of the run in it.
        since: when it was submitted, in seconds since the epoch.
        scheduler: the batch system.
        cluster: its name, where there are several; '' if it is not known.
    """

    ticket: str
    index: int
    since: float
    scheduler: str = "slurm"
    cluster: str = ""


def new_ticket() -> str:
    """Return a name that no other submission has."""
    return secrets.token_hex(_TICKET_BYTES)


def ticket_folder(home: Path, ticket: str) -> Path:
    """Return the folder, in a data directory, of what the jobs of a submission are told and print."""
    return RunDir(home).own / "slurm" / ticket


def folder_of(run: RunDir, ticket: str) -> Path | None:
    """Return the folder of a submission from one of its runs, wherever its data directory lies now; None if it is gone.

    A run is DATA/NAME or DATA/NAME/INNER.
    """
    folders = (ticket_folder(home, ticket) for home in run.path.absolute().parents[:2])
    return next((folder for folder in folders if folder.is_dir()), None)


def printed_by_job(run: RunDir) -> Path | None:
    """Return the file with what a run's job printed before and beside the run; None if there is none."""
    record = read_submission(run)
    folder = None if record is None else folder_of(run, record.ticket)
    if record is None or folder is None:
        return None
    file = folder / f"{record.index}.out"
    return file if file.is_file() else None


def write_submission(run: RunDir, submission: Submission) -> None:
    """Write the record; the run's directory exists.

    Raises:
        OSError: it cannot be written.
    """
    write_json(run.submission, asdict(submission))


def read_submission(run: RunDir) -> Submission | None:
    """Return the record; None where there is none, or none that can be read."""
    data = read_json(run.submission)
    try:
        texts = str(data["ticket"]), int(data["index"]), float(data["since"])
        return Submission(*texts, scheduler=str(data["scheduler"]), cluster=str(data.get("cluster", "")))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def submitter_of(run: RunDir) -> int | None:
    """Return the number of the user whose record it is; None without one."""
    try:
        return run.submission.stat().st_uid
    except OSError:
        return None


def forget_submission(run: RunDir) -> None:
    """Make a run one that no job is to run; a job that still comes leaves it alone."""
    run.submission.unlink(missing_ok=True)
