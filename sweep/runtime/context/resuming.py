"""The run that a logger is made in, if it is made in one."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

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


def run_at(folder: str | None) -> LoggedRun | None:
    """Return the run of this process if that is its directory, else None: a logger elsewhere is not the run's."""
    if folder is None:
        return None
    run: LoggedRun = _current().current_run()
    return run if run.path.absolute() == Path(folder).absolute() else None


def in_run(run: LoggedRun, call: Callable[[], _Found]) -> _Found:
    """Return what a call returns for which this is the run, as in a thread that has been given it."""
    found: _Found = _current().as_current(run, call)
    return found


def _current() -> Any:
    # By its name, when a logger is made: what knows the run knows loggers, and imports must not go in a circle.
    return importlib.import_module("sweep.runtime.context.current")
