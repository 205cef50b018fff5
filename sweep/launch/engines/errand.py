"""One run on behalf of a driver elsewhere: what a worker does, under a supervisor of its own.

Driver and worker meet only in the run's directory. Its lock (see `sweep.rundir.lending`) says whether a copy of the run
may be alive and whether the driver still is; the file `.sweep/stop` asks to end it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.errors import SweepError
from sweep.launch.causes import Cause
from sweep.launch.endings import commit, failure, own_word
from sweep.launch.engines.base import Ended
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine
from sweep.launch.leftovers import clear_leftovers
from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.launch.resources import core_ids
from sweep.launch.slots import Demand, Slot
from sweep.rundir.lending import is_owned, take_work
from sweep.rundir.lock import Lock
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, read_status

# What stands in the stop file.
STOP, NOW = "stop", "now"
# How often the driver's wishes are looked at, and time limits.
_LOOK_S, _PATIENCE_S = 0.5, 0.1
_DIED = "the worker that ran it died"


@dataclass(frozen=True)
class Errand:
    """All that a worker is told, in plain data.

    Attributes:
        run: the absolute directory of the run, which the worker must see too.
        name: what people call the run.
        attempt: how often it had been started before: one that was started since is not started again.
        home: the data directory.
        folder: the working directory of the run.
        environ: what the run's environment has beyond the worker's.
        ticket: makes no two errands equal.
        numbers: the slots of the worker's host that the run holds, counted from 0; none if it has all that the worker
            has.
        of: how many slots the host has.
    """

    run: str
    name: str
    attempt: int
    demand: Demand
    machine: Machine
    home: str
    folder: str
    timeout_s: float | None = None
    stall_timeout_s: float | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    ticket: str = ""
    numbers: tuple[int, ...] = ()
    of: int = 0


def run_errand(errand: Errand) -> tuple[str, str]:
    """Run one prepared run to its end, and return the class and the text of what was seen of it.

    It counts where the run's directory neither says that the run is done nor why it is not.
    """
    run = RunDir(Path(errand.run))
    try:
        lock = take_work(run.lock)
        if lock is None:
            return Kind.LOST, _DIED  # and its supervisor is still at it
        try:
            cause = _refused(errand, run) or _carried_out(errand, run, lock)
        finally:
            lock.release()
    except (SweepError, OSError) as error:
        return Kind.ERROR, f"it cannot be run on {socket.gethostname()}: {' '.join(str(error).split())}"
    return cause.kind, cause.text


def _refused(errand: Errand, run: RunDir) -> Cause | None:
    """Return why a run is not started: a worker before this one has had it, or nobody wants it any more."""
    status = read_status(run)
    if status is None or status.state is not State.PENDING or status.attempt != errand.attempt:
        return Cause(Kind.LOST, _DIED)
    if _wish(run) or not is_owned(run.lock):
        return Cause(Kind.KILLED, "it was ended before it began")
    return None


def _carried_out(errand: Errand, run: RunDir, lock: Lock) -> Cause:
    home = Path(errand.home)
    clear_leftovers(home)
    job = Job(run, errand.name, errand.demand, lock)
    environ = {**os.environ, **errand.environ}
    engine = LocalEngine(errand.machine, home, environ, folder=Path(errand.folder))
    try:
        engine.submit(job, Slot(cores_of(errand, core_ids())))
        watch = Watch(run, Limits(timeout_s=errand.timeout_s, stall_timeout_s=errand.stall_timeout_s), time.monotonic())
        return _seen_to_its_end(engine, job, watch, errand.attempt + 1)
    finally:
        engine.close()


def cores_of(errand: Errand, here: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cores that a run is kept on, none if on no particular ones.

    Runs on one host get cores of their own by the numbers of its slots, if it has a core for every slot.

    Args:
        here: the cores that the worker may use.
    """
    if not errand.numbers:
        return here
    return tuple(here[number] for number in errand.numbers) if errand.of <= len(here) else ()


def _seen_to_its_end(engine: LocalEngine, job: Job, watch: Watch, attempt: int) -> Cause:
    """Wait for the end of a run, ending it if it takes too long or is not wanted any more."""
    verdict: Cause | None = None
    wish, look_at = "", 0.0
    while not (ends := engine.poll(_PATIENCE_S)):
        now = time.monotonic()
        if verdict is None and (verdict := watch.late(now)):
            engine.cancel([job])
        if now < look_at:
            continue
        look_at = now + _LOOK_S
        if not is_owned(job.run.lock):
            return Cause(Kind.LOST, "its driver died")
        if _is_superseded(job.run, attempt):
            engine.cancel([job], now=True)
        before, wish = wish, _wish(job.run)
        if wish != before:
            engine.cancel([job], now=wish == NOW)
    return verdict_on(ends[0], verdict)


def verdict_on(ended: Ended, verdict: Cause | None) -> Cause:
    """Return why a run has ended; one that took too long has failed, even if it has saved."""
    cause, status = failure(ended, verdict), own_word(ended.job)
    if verdict is not None and (status is None or status.state is not State.DONE):
        commit(ended.job, State.FAILED, cause.text, cause.kind)
    return cause


def _is_superseded(run: RunDir, attempt: int) -> bool:
    """Say whether the run was started again elsewhere: a server has given our lock away while we could not reach it."""
    try:
        status = read_status(run)
    except OSError:
        return False
    return status is not None and status.attempt > attempt


def _wish(run: RunDir) -> str:
    """Return what the driver asks for: '' to go on."""
    try:
        return run.stop.read_text()
    except OSError:
        return ""
