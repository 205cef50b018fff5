"""The run that a logger is made in, if it is made in one."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Protocol


class LoggedRun(Protocol):
    """What a logger has to know of its run."""

    @property
    def path(self) -> Path:
        """The run directory."""

    @property
    def resumes(self) -> bool:
        """Whether the run goes on from a snapshot, so that rows stay until the logger is rolled back."""

    def attach(self, logger: Any) -> None:
        """Take a logger, to mark it in snapshots and to roll it back."""


def run_at(folder: str | None) -> LoggedRun | None:
    """Return the run of this process if that is its directory, else None: a logger elsewhere is not the run's."""
    if folder is None:
        return None
    # By its name, when a logger is made: what knows the run knows loggers, and imports must not go in a circle.
    run: LoggedRun = importlib.import_module("sweep.runtime.context.current").current_run()
    return run if run.path.absolute() == Path(folder).absolute() else None
