"""A run directory made ready: everything its process needs, written before the process exists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.files import write_text
from sweep.base.jsonable import config_text, to_jsonable
from sweep.base.signature import signature
from sweep.front.plan import Call, PlannedRun
from sweep.grid.identity import describe
from sweep.launch.job import Job
from sweep.launch.slots import Demand
from sweep.rundir import payload
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.variant_file import write_variant


def prepare(planned: PlannedRun, num_cpu: int, goodbye_s: float = math.inf) -> Job:
    """Write the directory of a run and return its job.

    Args:
        goodbye_s: how long a rank that has returned waits for the others.

    Raises:
        LaunchError: the call cannot be sent to another process, or the directory cannot be written.
    """
    try:
        return _prepared(planned, num_cpu, goodbye_s)
    except OSError as error:
        raise LaunchError(
            f"{planned.run.path} cannot be written: {error.strerror}. Make room, or name another."
        ) from error


def _prepared(planned: PlannedRun, num_cpu: int, goodbye_s: float) -> Job:
    run, call = planned.run, planned.call
    run.own.mkdir(parents=True, exist_ok=True)
    for file in run.failures():
        file.unlink()
    write_variant(run, call.identity, call.name, describe(call.thunk), call.config)
    write_text(run.config, config_text(to_jsonable({**call.config, "exp_name": call.name})), durable=False)
    write_status(run, _waiting(read_status(run)))
    payload.write_payload(run, payload.Call(call.thunk, arguments(call, run)), num_cpu, goodbye_s)
    return Job(run, f"{call.name} seed {call.seed}", Demand(num_cpu))


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

    A caller's own `logger_kwargs` are left as they are.
    """
    kwargs = dict(call.config)
    taken = signature(call.thunk)
    if not taken.takes("seed"):  # then it is the default one: one of the grid's own was refused before
        kwargs.pop("seed", None)
    if taken.takes("logger_kwargs"):
        kwargs.setdefault("logger_kwargs", {"output_dir": str(run.path.absolute()), "exp_name": call.name})
    return kwargs
