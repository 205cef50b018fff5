"""Runs that wait with a batch system, those of one array of jobs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweep.results.run import Run
from sweep.results.text.slices import slices
from sweep.rundir.handed import Handed

# The words for a job that has its node.
STARTING = ("configuring", "running")


@dataclass(frozen=True)
class Waiting:
    """Runs whose jobs are of one array and wait for the same reason.

    Attributes:
        job: the id, of several elements as '12_[0-3,7]'; '' if there is none yet.
        state, reason: see `Handed`.
    """

    job: str
    state: str
    reason: str
    runs: tuple[Run, ...]

    @property
    def is_starting(self) -> bool:
        """Whether the jobs have begun, and only their runs have not: a job may have other things to do first."""
        return self.state in STARTING


def waiting(runs: Sequence[Run]) -> list[Waiting]:
    """Return the runs by array, state and reason, the most first."""
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in runs:
        handed = run.handed or Handed(None)
        groups.setdefault((handed.array, handed.state, handed.reason), []).append(run)
    found = [Waiting(_job(group), state, reason, tuple(group)) for (_, state, reason), group in groups.items()]
    return sorted(found, key=lambda one: -len(one.runs))


def _job(runs: Sequence[Run]) -> str:
    jobs = [run.handed.job for run in runs if run.handed is not None]
    elements = [int(last) for job in jobs if (last := job.partition("_")[2]).isdecimal()]
    array = jobs[0].partition("_")[0] if jobs else ""
    return f"{array}_[{slices(elements)}]" if len(elements) > 1 else jobs[0] if jobs else ""
