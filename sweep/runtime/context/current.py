"""Which run this is: known to whatever the function of a run calls, without being handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sweep.base.signature import signature
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State
from sweep.runtime.context.logged import CURRENT
from sweep.runtime.context.run import RunContext
from sweep.runtime.context.stopping import RunInterrupted

_ARGUMENT = "run"


def current_run() -> RunContext:
    """Return the run that this code belongs to; outside a sweep one that works alone, the same at every call."""
    run = CURRENT.get()
    if not isinstance(run, RunContext):
        run = RunContext()
        CURRENT.set(run)
    return run


@contextmanager
def running(directory: RunDir | None) -> Iterator[RunContext]:
    """Make a run the current one for as long as its function goes on; then its outputs are closed."""
    run = RunContext(directory)
    token, state = CURRENT.set(run), State.FAILED
    try:
        yield run
        state = State.DONE
    except RunInterrupted:
        state = State.INTERRUPTED
        raise
    except Exception:
        run.failed()
        raise
    finally:
        CURRENT.reset(token)
        run.close(state)


def with_run(thunk: Callable[..., Any], kwargs: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Return the arguments with `run`, if the signature names it and nobody gives another."""
    taken = _ARGUMENT not in kwargs and signature(thunk).asks_for(_ARGUMENT)
    return {**kwargs, _ARGUMENT: run} if taken else dict(kwargs)
