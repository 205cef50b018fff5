"""Saving and restoring the items of all ranks together.

Rank 0 writes what all share. Each rank writes what is its own: the state of its random generators, how far its logger
has come, and generators that were registered.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweep.rundir.snapshot_files import Manifest, StoredItem
from sweep.runtime.context.random_state import random_state, set_random_state
from sweep.runtime.context.team import Team
from sweep.runtime.snapshots.commit import Checksums, commit, sync_inside, temporary
from sweep.runtime.snapshots.forms import JSON, write_json
from sweep.runtime.snapshots.items import load_items, put_items, save_items
from sweep.runtime.snapshots.kinds import kind_of
from sweep.runtime.snapshots.store import Snapshot

# No item of the user's can have one of these names, which are no identifiers.
RANDOM, MARKS = "random state", "log marks"


@dataclass(frozen=True)
class Items:
    """What is saved.

    Attributes:
        live: the registered objects by name.
        marks: how far each logger of this rank has come.
    """

    live: Mapping[str, Any]
    marks: list[Mapping[str, Any]]

    def shared(self) -> dict[str, Any]:
        return {name: one for name, one in self.live.items() if not kind_of(name, one).own}

    def own(self) -> dict[str, Any]:
        return {name: one for name, one in self.live.items() if kind_of(name, one).own}


def save(folder: Path, team: Team, items: Items, words: Manifest, checksums: Checksums, name: str = "") -> Manifest:
    """Commit a snapshot; collective.

    Args:
        folder: of the run's snapshots.
        words: the manifest without files and items.
        checksums: of the run's snapshots so far.
        name: of the snapshot's own folder; by default that of its step.

    Returns:
        the manifest as it was written, on rank 0; what was given, on the others.

    Raises:
        SnapshotError, OSError: on every rank; there is no snapshot then, and those before are untouched.
    """
    made: Path = team.first(lambda: temporary(folder, words.step))
    try:
        own = team.each(lambda: _save_own(made, items, team.rank))
        whole: Manifest = team.first(
            lambda: commit(made, replace(words, items=_save_shared(made, items), own=tuple(own)), checksums, name)
        )
    except BaseException:
        if team.rank == 0:
            shutil.rmtree(made, ignore_errors=True)
        raise
    return whole


def _save_shared(made: Path, items: Items) -> dict[str, StoredItem]:
    return save_items(made, items.shared(), items.live)


def _save_own(made: Path, items: Items, rank: int) -> dict[str, StoredItem]:
    prefix = f"rank{rank}."
    stored = save_items(made, items.own(), items.live, prefix)
    for name, state in ((RANDOM, random_state()), (MARKS, items.marks)):
        file = f"{prefix}{name.replace(' ', '_')}.{JSON}"
        write_json(made / file, state)
        stored[name] = StoredItem(name, JSON, file)
    if rank:  # what rank 0 writes is synced with the rest, by the process that has written it as well
        sync_inside(made, f"{prefix}*")
        sync_inside(made, f"{prefix}*/**/*")
    return stored


@dataclass(frozen=True)
class Restored:
    """What a run went on from.

    Attributes:
        states: of all items by name, as they were saved.
        marks: of this rank's loggers.
        forked: whether the snapshot is another run's.
        kept: what was not put back, as a parameter of it has changed.
    """

    snapshot: Snapshot
    states: Mapping[str, Any]
    marks: list[Mapping[str, Any]]
    forked: bool = False
    kept: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The step to begin with: a fork counts anew."""
        return 0 if self.forked else self.snapshot.manifest.step + 1


def restore(snapshot: Snapshot, rank: int, live: Mapping[str, Any], warn: Callable[[str], object]) -> Restored:
    """Bring live items and this rank's random generators to a snapshot.

    A rank that there was none of then keeps its own random state.

    Raises:
        SnapshotError: what was saved does not fit.
    """
    path, manifest = snapshot.path, snapshot.manifest
    own = manifest.own[rank] if rank < len(manifest.own) else {}
    if not own:
        warn(f"{path} was saved by {len(manifest.own)} ranks; rank {rank} begins with random numbers of its own.")
        live = {name: one for name, one in live.items() if name in manifest.items}
    stored = {**manifest.items, **own}
    states = load_items(path, stored, live)
    put_items(path, stored, states, live)
    marks = states.pop(MARKS, [])
    generators = states.pop(RANDOM, None)
    if generators is not None:
        set_random_state(generators)
    return Restored(snapshot, states, marks)


def put_back(snapshot: Snapshot, rank: int, live: Mapping[str, Any]) -> dict[str, Any]:
    """Bring live items alone to a snapshot, as far as it has them; return the states of all it has.

    Raises:
        SnapshotError: what was saved does not fit.
    """
    path, manifest = snapshot.path, snapshot.manifest
    own = manifest.own[rank] if rank < len(manifest.own) else {}
    stored = {name: one for name, one in {**manifest.items, **own}.items() if name not in (RANDOM, MARKS)}
    states = load_items(path, stored, live)
    put_items(path, stored, states, {name: one for name, one in live.items() if name in stored})
    return states
