"""A run directory claimed and made ready: everything its process needs, written before the process exists."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sweep.base.canonical import canonical
from sweep.base.errors import LaunchError
from sweep.base.files import write_text
from sweep.base.jsonable import config_text, to_jsonable
from sweep.base.signature import signature
from sweep.front.code import code_digest
from sweep.front.code_files import home_of
from sweep.front.extending import continued
from sweep.front.source import original_home
from sweep.front.verdict import Call, Look, PlannedRun, Verdict, held_by
from sweep.grid.identity import describe
from sweep.launch.job import Job
from sweep.launch.slots import Demand
from sweep.rundir import payload
from sweep.rundir.launch_file import write_launch
from sweep.rundir.lock import Lock, holder, take
from sweep.rundir.naming import Place
from sweep.rundir.parent import bring, brought
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, Status, read_status, write_status
from sweep.rundir.submission import forget_submission
from sweep.rundir.variant_file import Parent, Story, differences, read_variant, write_variant


@dataclass(frozen=True)
class Claim:
    """A variant at its turn.

    Attributes:
        planned: what is to be done with it, decided under its lock if we have that.
        lock: that makes us its owner; None if it is not to be started, or somebody else has it.
    """

    planned: PlannedRun
    lock: Lock | None = None


def claim(call: Call, look: Look, starts: Callable[[Verdict], bool]) -> Claim:
    """Decide what is to be done with a variant now, and make its run ours if it is to be started.

    What was decided without the lock is decided again under it: whoever had the run meanwhile may have finished it.

    Raises:
        LaunchError: no directory can have its name, or the file system has no locks.
        OSError: the directory cannot be written.
    """
    planned = look.at(call)
    while starts(planned.verdict):
        if planned.aside is not None and not move_aside(planned.aside, look.place):
            return Claim(_held(planned, planned.aside))
        planned.run.own.mkdir(parents=True, exist_ok=True)
        lock = take(planned.run.lock)
        if lock is None:
            return Claim(_held(planned, planned.run))
        try:
            again = look.at(call, mine=planned.run)
        except BaseException:
            lock.release()
            raise
        if again.run == planned.run and again.aside is None and starts(again.verdict):
            return Claim(again, lock)
        lock.release()
        planned = again
    return Claim(planned)


def _held(planned: PlannedRun, run: RunDir) -> PlannedRun:
    return replace(planned, run=run, verdict=Verdict.RUNNING, note=held_by(holder(run.lock)))


def move_aside(run: RunDir, place: Place) -> bool:
    """Move an old run out of the way, in one step; False if somebody has it.

    Raises:
        LaunchError, OSError
    """
    lock = take(run.lock)
    if lock is None:
        return False
    try:
        target = place.aside(run, datetime.now())
        target.parent.mkdir(parents=True, exist_ok=True)
        run.path.rename(target)
    finally:
        lock.release()
    return True


def prepare(planned: PlannedRun, demand: Demand, goodbye_s: float = math.inf, lock: Lock | None = None) -> Job:
    """Write the directory of a run and return its job.

    Args:
        goodbye_s: how long a rank that has returned waits for the others.
        lock: of the run, which goes with the job; it is let go if there will be none.

    Raises:
        LaunchError: the call cannot be sent to another process, or the directory cannot be written.
    """
    try:
        _write(planned, demand, goodbye_s)
    except BaseException as error:
        if isinstance(error, Exception):
            _commit_failure(planned.run, one_line(error))
        if lock is not None:
            lock.release()
        if isinstance(error, OSError):
            raise LaunchError(
                f"{planned.run.path} cannot be written: {error.strerror}. Make room, or name another."
            ) from error
        raise
    return Job(planned.run, planned.call.title, demand, lock)


def _write(planned: PlannedRun, demand: Demand, goodbye_s: float) -> None:
    run, call = planned.run, planned.call
    run.own.mkdir(parents=True, exist_ok=True)
    for left in (*run.failures(), *run.path.glob(".*.[0-9]*-[0-9]*.tmp"), *run.own.glob(".*.[0-9]*-[0-9]*.tmp")):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    forget_submission(run)  # whoever had it submitted before has it no more
    if call.begins is not None and brought(run) is None:
        bring(call.begins.snapshot, run)
    if planned.verdict is Verdict.EXTEND and planned.status is not None:
        write_status(run, planned.status.extended())  # first: a run is never done with values that it has not seen
    write_variant(
        run, call.identity, call.name, describe(call.thunk), call.config, code_digest(call.thunk), _story(planned)
    )
    write_text(run.config, config_text(to_jsonable({**call.config, "exp_name": call.name})), durable=False)
    write_status(run, _waiting(read_status(run)))
    write_launch(run, demand.ranks, demand.threads, demand.gpus, demand.memory)
    payload.write_payload(run, payload.Call(call.thunk, arguments(call, run)), demand.ranks, goodbye_s)


def _story(planned: PlannedRun) -> Story:
    """Return what a run's record tells besides what it is."""
    call, before = planned.call, read_variant(planned.run)
    keys = tuple(sorted(call.runtime_only)), tuple(sorted(call.extendable))
    story = Story(*keys, parent=_parent(call), home=original_home(home_of([call.thunk]).path))
    status = planned.status
    return continued(story, before, planned.differences, 1 if status is None else status.attempt + 1)


def _parent(call: Call) -> Parent | None:
    """Return what a fork began from, and what was changed."""
    if call.begins is None:
        return None
    parent = call.begins.parent
    found = differences(call.begins.config, canonical(dict(call.config)))
    return replace(parent, changed={**parent.changed, **{one.key: [one.there, one.here] for one in found}})


def _commit_failure(run: RunDir, cause: str) -> None:
    """Say in the directory that its run has failed; a directory that has no record yet is left without a status."""
    try:
        if run.variant.exists():
            write_status(run, _waiting(read_status(run)).ended_as(State.FAILED, cause, Kind.ERROR))
    except OSError:  # nothing can be written there: the summary says it
        return


def one_line(error: BaseException) -> str:
    """Return an error as the cause of a failure."""
    if isinstance(error, OSError):
        return f"it could not be prepared: {error.strerror or error} ({error.filename or 'its directory'})"
    return " ".join(f"it could not be prepared: {error}".split())


def _waiting(status: Status | None) -> Status:
    if status is None:
        return Status(State.PENDING)
    if status.state is State.PENDING:
        return status
    if status.state is State.RUNNING:
        status = status.ended_as(State.INTERRUPTED, "its owner died")
    return status.moved(State.PENDING)


def arguments(call: Call, run: RunDir) -> Mapping[str, Any]:
    """Return what the thunk is called with: its configuration, with the seed and logger arguments it takes.

    A caller's own `logger_kwargs` are left as they are. The number of ranks of a grid that sweeps over it is no
    argument.
    """
    kwargs = dict(call.config)
    taken = signature(call.thunk)
    if not taken.takes("seed"):  # then it is the default one: one of the grid's own was refused before
        kwargs.pop("seed", None)
    if call.ranks is not None:
        kwargs.pop("num_cpu", None)
    if taken.takes("logger_kwargs"):
        kwargs.setdefault("logger_kwargs", {"output_dir": str(run.path.absolute()), "exp_name": call.name})
    return kwargs
