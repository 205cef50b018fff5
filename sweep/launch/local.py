"""Runs on this machine, one after another, each in a process of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping

from sweep.base.files import last_lines
from sweep.launch.causes import failure_cause
from sweep.launch.command import child_argv, child_environment
from sweep.launch.job import Job, Machine, Outcome
from sweep.launch.process import run_process
from sweep.rundir.status import State, Status, read_status, write_status


def run_jobs(
    jobs: Iterable[Job],
    machine: Machine,
    echo: bool = False,
    failure_lines: int = 5,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[Outcome]:
    """Run jobs in their order and yield what became of each; a failure does not stop the rest.

    Args:
        echo: show what the ranks print.
        failure_lines: how many of a failed run's last lines its outcome carries.
    """
    sys.stdout.flush()
    for job in jobs:
        yield _run(job, machine, echo, failure_lines, environ)


def _run(job: Job, machine: Machine, echo: bool, failure_lines: int, environ: Mapping[str, str]) -> Outcome:
    started = time.monotonic()
    argv, environment = child_argv(job, machine), child_environment(job, machine, environ)
    try:
        exit_code = run_process(argv, environment, job.run.output, echo)
    except KeyboardInterrupt as stop:
        _commit(job, State.INTERRUPTED, f"stopped by {stop or 'Ctrl-C'}")
        raise
    if _is_done(job):
        job.run.payload.unlink(missing_ok=True)
        return Outcome(job, State.DONE, duration_s=time.monotonic() - started)
    cause = failure_cause(job.run, exit_code)
    _commit(job, State.FAILED, cause)
    lines = tuple(last_lines(job.run.output, failure_lines))
    return Outcome(job, State.FAILED, cause, time.monotonic() - started, lines)


def _is_done(job: Job) -> bool:
    """Say whether the child committed its completion; what the process's exit code claims is no evidence."""
    status = read_status(job.run)
    return status is not None and status.state is State.DONE


def _commit(job: Job, state: State, cause: str) -> None:
    """Write the end of a run whose own process could not."""
    status = read_status(job.run) or Status(State.PENDING)
    if status.state in (State.PENDING, State.RUNNING):
        write_status(job.run, status.ended_as(state, cause))
