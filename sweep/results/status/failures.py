"""Failures, those of one cause together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.results.logs.tail import last_lines, log_of
from sweep.results.run import Run
from sweep.rundir.status import State


@dataclass(frozen=True)
class Failure:
    """Runs that failed of one cause.

    Attributes:
        cause: '' if it is not known.
        runs: one or more, in order.
    """

    cause: str
    runs: tuple[Run, ...]

    @property
    def log(self) -> Path:
        """The output of the first of them."""
        return log_of(self.runs[0])

    def last_lines(self, count: int) -> list[str]:
        """Return what the first of them printed last."""
        return last_lines(self.runs[0], count)


def cause_of(run: Run) -> str:
    return "" if run.status is None else str(run.status.cause)


def find_failures(runs: Sequence[Run]) -> list[Failure]:
    """Return the failures, the most frequent first."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.state == State.FAILED:
            groups[cause_of(run)].append(run)
    found = [Failure(cause, tuple(group)) for cause, group in groups.items()]
    return sorted(found, key=lambda one: -len(one.runs))
