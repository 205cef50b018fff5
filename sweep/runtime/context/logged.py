"""Which run code belongs to, for those whom the run knows in turn: its loggers."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

_Found = TypeVar("_Found")


class LoggedRun(Protocol):
    """What a logger has to know of its run."""

    @property
    def path(self) -> Path:
        """The run directory."""

    @property
    def resumes(self) -> bool:
        """Whether the run goes on from a snapshot, so that rows stay until the logger is rolled back."""

    def logger_of(self, stem: str) -> Any:
        """Return the logger that was attached first whose metrics file has this stem; None if there is none."""

    def attach(self, logger: Any) -> None:
        """Take a logger, to mark it in snapshots and to roll it back."""


# A context variable and not a name of this module: a thread that runs a function of its own has a run of its own.
CURRENT: Final[ContextVar[LoggedRun | None]] = ContextVar("sweep_run", default=None)


def run_at(folder: str | None) -> LoggedRun | None:
    """Return the run of this process if that is its directory, else None: a logger elsewhere is not the run's."""
    run = CURRENT.get()
    if folder is None or run is None:
        return None
    return run if run.path.absolute() == Path(folder).absolute() else None


def as_current(run: LoggedRun, call: Callable[[], _Found]) -> _Found:
    """Return what a call returns that takes this run for the current one, as in a thread that has been given it."""
    token = CURRENT.set(run)
    try:
        return call()
    finally:
        CURRENT.reset(token)
