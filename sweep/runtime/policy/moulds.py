"""Objects as they were at the start of the loop, so that what a snapshot knows of them can be put into them again.

A snapshot holds the state of a policy: its weights, not its class and layers. The mould holds those; it is pickled
once, with the registered items that it refers to.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import cloudpickle

from sweep.base.errors import listed
from sweep.base.files import write_atomic
from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import mould_path, write_import_path
from sweep.rundir.snapshot_files import StoredItem
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.pickled import load_items_of
from sweep.runtime.policy.place import Place
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.factory import Factory
from sweep.runtime.snapshots.items import load_items, put_items
from sweep.runtime.snapshots.kinds import kind_of
from sweep.runtime.snapshots.store import Snapshot

POLICY, ENV = "policy", "env"


class _Watcher(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles as usual, and notes which registered items it meets."""

    def __init__(self, file: io.BytesIO, names: Mapping[int, str]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = names
        self.met: set[str] = set()

    def persistent_id(self, obj: Any) -> None:
        if id(obj) in self._names:
            self.met.add(self._names[id(obj)])


def keep_moulds(run: RunDir, items: Mapping[str, Any], warn: Callable[[str], object]) -> None:
    """Keep the moulds of the item `policy`, and of `env` if it is registered; what cannot be kept is only warned of.

    Raises:
        OSError: a file cannot be written.
    """
    wanted = [name for name in (POLICY, ENV) if name in items and not isinstance(items[name], Factory)]
    run.own.mkdir(parents=True, exist_ok=True)
    write_import_path(run)
    for name in wanted:
        try:
            data = _mould(name, items)
        except Exception as error:  # whatever an object's own methods raise
            warn(
                f"the item {name!r} cannot be pickled ({type(error).__name__}: {error}), so `sweep test_policy` will "
                f"not find it; register Factory(function, kwargs) in its place, or play it with --{name}."
            )
            continue
        path = mould_path(run, name)
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, lambda file, data=data: file.write(data))  # type: ignore[misc]


def _mould(name: str, items: Mapping[str, Any]) -> bytes:
    """Pickle an item together with all items that it refers to: they stay one where they are one."""
    names = {id(live): key for key, live in items.items()}
    watcher = _Watcher(io.BytesIO(), names)
    watcher.dump(items[name])
    together = io.BytesIO()
    _Watcher(together, names).dump({key: items[key] for key in sorted({name, *watcher.met})})
    return together.getvalue()


def read_mould(place: Place, name: str) -> dict[str, Any] | None:
    """Return an item with those that it refers to, as they were at the start; None if there is no mould.

    Raises:
        PolicyError: nobody vouches for it, or it cannot be loaded.
    """
    path = mould_path(place.run, name)
    if not path.is_file():
        return None
    found = place.loaded(path, load_items_of)
    if not isinstance(found, dict) or name not in found or not all(_is_item(*one) for one in found.items()):
        raise PolicyError(f"{path} holds no item {name!r}: it is damaged, or of another program.")
    return found


def _is_item(name: Any, live: Any) -> bool:
    try:
        return bool(kind_of(name, live))
    except SnapshotError:
        return False


def fill(mould: Mapping[str, Any], snapshot: Snapshot, stored: Mapping[str, StoredItem]) -> None:
    """Bring the items of a mould to what they were in a snapshot.

    Raises:
        PolicyError: the snapshot was reduced to some of them.
        SnapshotError: they do not fit.
    """
    missing = [name for name, one in mould.items() if name not in stored and not kind_of(name, one).own]
    if missing:
        raise PolicyError(
            f"{snapshot.path} does not hold {listed(map(repr, missing))}, to which the policy refers; keep it in older "
            "snapshots too: run.snapshots(only=('policy', ...)). The newest snapshot has everything."
        )
    live = {name: one for name, one in mould.items() if name in stored}
    here = {name: stored[name] for name in live}
    put_items(snapshot.path, here, load_items(snapshot.path, here, live), live)
