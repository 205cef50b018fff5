"""A run's own snapshots, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweep.rundir.paths import RunDir
from sweep.runtime.mpi.helpers import proc_id
from sweep.runtime.snapshots.errors import SnapshotError, SnapshotNotFound
from sweep.runtime.snapshots.saving import put_back
from sweep.runtime.snapshots.store import Snapshot, Store

_Warn = Callable[[str], object]


def newest(run: RunDir, warn: _Warn) -> Snapshot | None:
    """Return the newest snapshot that is whole and complete; None if there is none. Its bytes are all read."""
    try:
        return Store(run, warn).find("last")
    except SnapshotNotFound:
        return None


def load(run: RunDir, which: str | int, items: Mapping[str, Any], warn: _Warn) -> dict[str, Any]:
    """Bring live items to a snapshot, as far as it has them; return the states of all that it has, by name.

    Raises:
        SnapshotError: see `RunContext.load`.
    """
    return put_back(Store(run, warn).find(which), proc_id(), items)


def nothing_registered(run: RunDir) -> SnapshotError:
    """Return the error of a function that leaves a run's snapshots without a use."""
    return SnapshotError(
        f"{run.path} has a snapshot to begin with, but the function registers nothing to restore: call run.state(...) "
        "before the loop, or begin anew with fresh=True."
    )
