"""What a driver does to have a run run elsewhere: it lends the run's lock, and says all that a worker must know."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sweep.base.files import write_text
from sweep.base.settings import VARIABLE_PREFIX
from sweep.launch.engines.errand import NOW, STOP, Errand
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.rundir.lending import lend
from sweep.rundir.status import read_status


def lend_run(job: Job) -> None:
    """Let a worker have a run, which nobody has asked to stop any more."""
    with suppress(OSError):  # no such file is there, or its directory is gone, which the worker will tell
        job.run.stop.unlink()
    assert job.lock is not None
    lend(job.lock, job.run.lock)


class Flight(Protocol):
    """A run that is away; `wish` is the last word that was left for its worker, '' before there is one."""

    wish: str


def leave_word(job: Job, flight: Flight, now: bool) -> bool:
    """Let the worker of a run know that it is to end; say whether that is news to it."""
    wish = NOW if now else STOP
    if flight.wish in (wish, NOW):
        return False
    flight.wish = wish
    with suppress(OSError):  # its directory is gone
        write_text(job.run.stop, wish, durable=False)
    return True


def errand_of(
    job: Job,
    machine: Machine,
    home: Path,
    limits: Limits,
    environ: Mapping[str, str],
    numbers: tuple[int, ...] = (),
    of: int = 0,
) -> Errand:
    """Return what a worker is told of a run; see `Errand`.

    Args:
        environ: what goes along of the driver's.
    """
    status = read_status(job.run)
    return Errand(
        run=str(job.run.path.absolute()),
        name=job.name,
        attempt=0 if status is None else status.attempt,
        demand=job.demand,
        machine=machine,
        home=str(home.absolute()),
        folder=str(Path.cwd()),
        timeout_s=limits.timeout_s,
        stall_timeout_s=limits.stall_timeout_s,
        environ=environ,
        ticket=secrets.token_hex(8),
        numbers=numbers,
        of=of,
    )


def own_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return settings, and what a launch tells its runs: the rest of a run's environment is that of where it runs."""
    return {name: text for name, text in environ.items() if name.startswith(VARIABLE_PREFIX)}
