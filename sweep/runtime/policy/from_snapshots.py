"""The policy in a snapshot of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.text import paint
from sweep.rundir.saved_files import mould_path
from sweep.rundir.snapshot_files import StoredItem, read_manifest, snapshots_in
from sweep.runtime.outputs.console import say
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.found import Found
from sweep.runtime.policy.moulds import ENV, POLICY, fill, read_mould
from sweep.runtime.policy.place import Place
from sweep.runtime.snapshots.factory import Factory
from sweep.runtime.snapshots.forms import PKL
from sweep.runtime.snapshots.items import load_items
from sweep.runtime.snapshots.saving import MARKS, RANDOM
from sweep.runtime.snapshots.store import Snapshot, Store

_FACTORY = "factory"


def has_snapshots(place: Place) -> bool:
    """Say whether there is a snapshot at all."""
    return bool(snapshots_in(place.run.snapshots))


def offers_policy(place: Place) -> bool:
    """Say whether the snapshots have an item `policy` that can be made again; manifests alone are read."""
    manifests = filter(None, map(read_manifest, snapshots_in(place.run.snapshots).values()))
    kinds = {one.items[POLICY].kind for one in manifests if POLICY in one.items}
    return bool(kinds) and (_FACTORY in kinds or mould_path(place.run, POLICY).is_file())


def policy_from_snapshot(place: Place, which: str | int, make: Callable[[Mapping[str, Any]], Any] | None) -> Found:
    """Return the policy of a snapshot.

    Args:
        which: 'last', 'best', 'first', or a step.
        make: builds it from the states of all items, by name; else the item `policy` is it.

    Raises:
        PolicyError: there is none in it.
        SnapshotError: there is no such snapshot, or it cannot be read.
    """
    snapshot = _snapshot(place, which)
    policy = _policy(place, snapshot) if make is None else make(_states(place, snapshot))
    return Found(policy, snapshot.path, (lambda: _env(place, snapshot),))


def _snapshot(place: Place, which: str | int) -> Snapshot:
    return Store(place.run, lambda text: say(paint(f"WARNING: {text}", "red"))).find(which)


def _items(snapshot: Snapshot) -> dict[str, StoredItem]:
    """Return the items of a snapshot, those of rank 0 included, without what belongs to the run itself."""
    manifest = snapshot.manifest
    every = {**manifest.items, **(manifest.own[0] if manifest.own else {})}
    return {name: one for name, one in every.items() if name not in (RANDOM, MARKS)}


def _policy(place: Place, snapshot: Snapshot) -> Any:
    stored = _items(snapshot)
    if POLICY not in stored:
        raise PolicyError(f"{snapshot.path} has no item {POLICY!r}, only {', '.join(stored)}. {HOW}")
    if stored[POLICY].kind == _FACTORY:
        return _made(place, snapshot, stored[POLICY], POLICY)
    mould = read_mould(place, POLICY)
    if mould is None:
        raise PolicyError(f"{snapshot.path} has the weights of {POLICY!r}, but {_no_mould(place)}. {HOW}")
    for one in (stored[name] for name in mould if name in stored):
        if one.form == PKL:
            place.vouched(snapshot.path / one.file)
    fill(mould, snapshot, stored)
    return mould[POLICY]


def _no_mould(place: Place) -> str:
    if not place.run.own.is_dir():
        return f"{place.run.own}, which has its class, is missing: copy the run with it"
    return "its class could not be saved"


HOW = (
    "A run offers a policy that can be played with run.state(policy=policy, env=Factory(make_env)), where the policy "
    "has act(observation); with logger.setup_pytorch_saver(model) and logger.save_state({'env': env}); or with "
    "--policy module:function, a function that makes one from the dict of states that the snapshot holds."
)


def _states(place: Place, snapshot: Snapshot) -> dict[str, Any]:
    """Return the states of all items; of those that are pickles only where they may be loaded."""
    stored = {
        name: one
        for name, one in _items(snapshot).items()
        if one.form != PKL or not place.doubt(snapshot.path / one.file)
    }
    return load_items(snapshot.path, stored, {})


def _env(place: Place, snapshot: Snapshot) -> Any:
    stored = _items(snapshot).get(ENV)
    if stored is not None and stored.kind == _FACTORY:
        return _made(place, snapshot, stored, ENV)
    mould = read_mould(place, ENV)
    return None if mould is None else mould[ENV]


def _made(place: Place, snapshot: Snapshot, stored: StoredItem, name: str) -> Any:
    """Call a Factory that a snapshot holds."""
    place.vouched(snapshot.path / stored.file)
    factory = load_items(snapshot.path, {name: stored}, {})[name]
    if not isinstance(factory, Factory):
        raise PolicyError(f"{snapshot.path / stored.file}: the item {name!r} is no Factory any more.")
    return place.loaded(snapshot.path / stored.file, lambda file: factory())
