"""A run as its reader sees it, whatever has made its directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.rundir.handed import Handed
from sweep.rundir.status import State, Status

# Where a run's state stands that nothing tells: a directory made by something else than a launch of sweep.
UNKNOWN = "unknown"
# The status file says that it is running, but nobody holds its lock: its processes are gone.
DEAD = "dead"
# A batch system has it, and will start it, or go on with it.
QUEUED = "queued"
# It was handed to a batch system that does not answer, and its directory does not say how it ended.
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Run:
    """One run, found on the disk.

    Attributes:
        path: its directory.
        name: of the directory.
        label: the setting's readable name: the run's, without the seed.
        setting: a key that is equal for runs that differ in their seed alone.
        config: its parameters by colon keys, as plain values; without the seed and what belongs to the run itself.
        seed: None if it is not known.
        state: pending, running, done, failed, interrupted, `QUEUED`, `DEAD`, `NOT_KNOWN` or `UNKNOWN`.
        status: what its status file says; None without one.
        source: sweep, spinningup, garage or sb3.
        table: the file with its rows, whether it exists or not.
        thunk: ``module:qualified.name`` of its function; '' if it is not known.
        handed: what a batch system says of it, if somebody has asked.
    """

    path: Path
    name: str
    label: str
    setting: str
    config: Mapping[str, object] = field(hash=False)
    seed: int | None
    state: str
    status: Status | None = field(hash=False)
    source: str
    table: Path | None
    thunk: str = ""
    handed: Handed | None = None

    @property
    def counts(self) -> bool:
        """Whether its last rows are what it has come to: it is done, or nothing tells that it is not."""
        return self.state in (State.DONE, UNKNOWN)
