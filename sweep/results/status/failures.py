"""Failures, those of one cause together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.results.logs.tail import last_lines, log_of
from sweep.results.run import Run
from sweep.rundir.status import State

# An element of an array of jobs, as a batch system's causes name it.
_ELEMENT = re.compile(r"(job \d+)_(?:\d+|\[[^]]*\])", re.ASCII)


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
    """Return why a run is over or cut off, by its own word."""
    return "" if run.status is None else str(run.status.cause)


def left_of(run: Run) -> str:
    """Return why a batch system that had a run has it no more, '' if nobody has said so."""
    return "" if run.handed is None else run.handed.why


def find_failures(runs: Sequence[Run]) -> list[Failure]:
    """Return the failures, the most frequent first."""
    return grouped([run for run in runs if run.state == State.FAILED], cause_of)


def grouped(runs: Sequence[Run], cause: Callable[[Run], str]) -> list[Failure]:
    """Return runs by cause, the most frequent first; numbers of a batch system's jobs do not make two causes.

    A cause of several runs tells of the jobs of an array together.
    """
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[_ELEMENT.sub(r"\1", cause(run))].append(run)
    found = [Failure(text if len(group) > 1 else cause(group[0]), tuple(group)) for text, group in groups.items()]
    return sorted(found, key=lambda one: -len(one.runs))
