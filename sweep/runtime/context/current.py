"""Which run this is: known to whatever the function of a run calls, without being handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from sweep.base.signature import signature
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State
from sweep.runtime.context.run import RunContext
from sweep.runtime.context.stopping import RunInterrupted

# A context variable and not a name of this module: a thread that runs a function of its own has a run of its own.
_CURRENT: Final[ContextVar[RunContext | None]] = ContextVar("sweep_run", default=None)
_ARGUMENT = "run"
_Found = TypeVar("_Found")


def current_run() -> RunContext:
    """Return the run that this code belongs to; outside a sweep one that works alone, the same at every call."""
    run = _CURRENT.get()
    if run is None:
        run = RunContext()
        _CURRENT.set(run)
    return run


def as_current(run: RunContext, call: Callable[[], _Found]) -> _Found:
    """Return what a call returns that takes this run for the current one, as in a thread that has been given it."""
    token = _CURRENT.set(run)
    try:
        return call()
    finally:
        _CURRENT.reset(token)


@contextmanager
def running(directory: RunDir | None) -> Iterator[RunContext]:
    """Make a run the current one for as long as its function goes on; then its outputs are closed."""
    run = RunContext(directory)
    token, state = _CURRENT.set(run), State.FAILED
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
        _CURRENT.reset(token)
        run.close(state)


def with_run(thunk: Callable[..., Any], kwargs: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Return the arguments with `run`, if the signature names it and nobody gives another."""
    taken = _ARGUMENT not in kwargs and signature(thunk).asks_for(_ARGUMENT)
    return {**kwargs, _ARGUMENT: run} if taken else dict(kwargs)
