"""What became of a run whose processes are gone: read from its directory, and written there where nobody has."""

from __future__ import annotations

from contextlib import suppress

from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.job import Job
from sweep.rundir.status import Kind, State, Status, read_status, write_status

# A run that has saved when it was ended may be one that had taken too long.
_GIVEN_UP = (State.INTERRUPTED, State.FAILED)


def own_word(job: Job) -> Status | None:
    """Return the status if the run itself has written its end there: it is done, or was asked to stop and has saved.

    Of an interruption with a class of causes others have written.
    What the process's exit code claims is no evidence. Where the status cannot be read (an input/output error, a
    network file system) nobody knows, so it counts for nothing.
    """
    with suppress(OSError):
        status = read_status(job.run)
        if status is not None and (status.state is State.DONE or _has_saved(status)):
            return status
    return None


def _has_saved(status: Status) -> bool:
    return status.state is State.INTERRUPTED and not status.kind


def failure(ended: Ended, verdict: Cause | None) -> Cause:
    """Return why a run that is not done has failed.

    Args:
        verdict: why it was ended, if it was; what the engine saw of its ranks then is said behind it.
    """
    if verdict is not None:
        seen = f"; {ended.cause.text}" if ended.cause.kind is Kind.TIMEOUT and ended.cause.text else ""
        return Cause(verdict.kind, verdict.text + seen)
    if not ended.job.run.path.is_dir():
        return Cause(Kind.ERROR, "its directory is gone")
    return ended.cause


def commit(job: Job, state: State, cause: str, kind: str = "") -> None:
    """Write the end of a run whose own process could not."""
    with suppress(OSError):  # the run took its own directory away, or the disk is full: the other runs go on
        status = read_status(job.run) or Status(State.PENDING)
        if status.state in (State.PENDING, State.RUNNING) or (status.state, state) == _GIVEN_UP:
            write_status(job.run, status.ended_as(state, cause, kind))


def cut_off(job: Job, cause: str) -> None:
    """Mark a run that was begun and could not be gone on with; one that was not begun stays as it is."""
    status = read_status(job.run)
    if status is not None and status.state is State.RUNNING:
        commit(job, State.INTERRUPTED, cause)


def make_pending(job: Job) -> bool:
    """Make a failed run ready for another try; say whether that could be done.

    What its ranks said of the failure is removed. The status keeps the cause until the next try begins.
    """
    try:
        status = read_status(job.run)
        if status is None or status.state not in (State.FAILED, State.INTERRUPTED):
            return False
        for file in job.run.failures():
            file.unlink()
        write_status(job.run, status.moved(State.PENDING))
    except OSError:
        return False
    return True


def let_go(job: Job) -> None:
    """Let others have a run."""
    if job.lock is not None:
        job.lock.release()
