"""A fork begins: live items brought to the snapshot of another run, as far as both have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.errors import listed
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.items import load_items, put_items
from sweep.runtime.snapshots.kinds import kind_of
from sweep.runtime.snapshots.saving import Restored
from sweep.runtime.snapshots.store import Snapshot


def begin_fork(
    snapshot: Snapshot, live: Mapping[str, Any], only: tuple[str, ...], warn: Callable[[str], object]
) -> Restored:
    """Bring live items to a snapshot: all that it shares with them, or some. Random generators stay the fork's own.

    Args:
        only: the items that are brought; () for all.

    Raises:
        SnapshotError: there is nothing that both have, or what was saved does not fit.
    """
    stored = {name: one for name, one in snapshot.manifest.items.items() if not only or name in only}
    wanted = {name: item for name, item in live.items() if name in stored and not kind_of(name, item).own}
    if not wanted:
        raise SnapshotError(
            f"{snapshot.path} has nothing that the function registers: it has {listed(stored) or 'nothing'}, and "
            f"run.state was given {listed(live) or 'nothing'}."
        )
    anew = [name for name, item in live.items() if name not in wanted and not kind_of(name, item).own]
    if anew and not only:
        warn(f"{snapshot.path} does not have {listed(map(repr, anew))}: begun anew.")
    states = load_items(snapshot.path, {name: stored[name] for name in wanted}, live)
    put_items(snapshot.path, stored, states, wanted)
    return Restored(snapshot, states, [], forked=True)
