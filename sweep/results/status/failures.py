"""Failures, those of one cause together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.results.logs.tail import last_lines, log_of
from sweep.results.run import Run
from sweep.results.text.slices import slices
from sweep.rundir.status import State

# An element of an array of jobs, as a batch system's causes name it.
_ELEMENT = re.compile(r"(job \d+)_(?P<element>\d{1,9}|\[[^]]*\])", re.ASCII)


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

    A cause of several runs tells of the jobs of all of them.
    """
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[_ELEMENT.sub(r"\1", cause(run))].append(run)
    found = [Failure(_together([cause(run) for run in group]), tuple(group)) for group in groups.values()]
    return sorted(found, key=lambda one: -len(one.runs))


def _together(causes: Sequence[str]) -> str:
    """Return one cause for causes that differ in elements of arrays alone."""
    places = [_ELEMENT.finditer(cause) for cause in causes]
    elements = (_of_all([found["element"] for found in each]) for each in zip(*places, strict=False))
    return _ELEMENT.sub(lambda found: f"{found[1]}{next(elements, '')}", causes[0])


def _of_all(elements: Sequence[str]) -> str:
    """Return what stands behind the number of an array for some of its elements; nothing where some have no number."""
    different = list(dict.fromkeys(elements))
    if len(different) == 1:
        return f"_{different[0]}"
    return f"_[{slices(map(int, different))}]" if all(one.isdecimal() for one in different) else ""
