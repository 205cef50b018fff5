"""All items of a rank, written into the folder of a snapshot and put back from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import SweepError, listed
from sweep.rundir.snapshot_files import StoredItem
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.forms import PKL, READERS, WRITERS, form_of
from sweep.runtime.snapshots.kinds import DIRECTORY, kind_of
from sweep.runtime.snapshots.pickles import read_pickles, write_pickles

_OBJECTS = "objects.pkl"


def save_items(
    folder: Path, items: Mapping[str, Any], everything: Mapping[str, Any], prefix: str = ""
) -> dict[str, StoredItem]:
    """Write the state of each item, to the disk in the end or not; return where it is.

    Args:
        items: those to write, by name.
        everything: that is registered; states may refer to it.
        prefix: of the file names.

    Raises:
        SnapshotError: an item cannot be saved; names it.
        OSError
    """
    stored: dict[str, StoredItem] = {}
    pickled: dict[str, Any] = {}
    for name, live in items.items():
        kind = kind_of(name, live)
        if kind.name == DIRECTORY:
            stored[name] = StoredItem(DIRECTORY, DIRECTORY, prefix + name)
            _save_directory(folder / (prefix + name), name, live)
            continue
        state = _taken(name, kind.take, live)
        form = form_of(state)
        if form == PKL:
            pickled[name] = state
        else:
            _write(folder / f"{prefix}{name}.{form}", form, name, state)
        stored[name] = StoredItem(kind.name, form, f"{prefix}{_OBJECTS if form == PKL else f'{name}.{form}'}")
    if pickled:
        write_pickles(folder / (prefix + _OBJECTS), pickled, everything)
    return stored


def _taken(name: str, take: Any, live: Any) -> Any:
    try:
        return take(live)
    except (SweepError, OSError):
        raise
    except Exception as error:  # whatever a user's object raises when it is asked for its state
        raise SnapshotError(f"the item {name!r} of run.state gave no state: {type(error).__name__}: {error}") from error


def _save_directory(path: Path, name: str, live: Any) -> None:
    path.mkdir()
    _taken(name, live.save_to, path)


def _write(path: Path, form: str, name: str, state: Any) -> None:
    try:
        WRITERS[form](path, state)
    except OSError:
        raise
    except Exception as error:  # a library's own errors, of which no list can be complete
        raise SnapshotError(f"the item {name!r} of run.state was not written: {error}") from error


def load_items(folder: Path, stored: Mapping[str, StoredItem], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states of items by name, of a directory its path; those that are pickles are trusted.

    Args:
        live: the items that are registered, to which states refer.

    Raises:
        SnapshotError: a file cannot be read.
    """
    pickles: dict[str, dict[str, Any]] = {}
    found: dict[str, Any] = {}
    for name, one in stored.items():
        try:
            if one.form != PKL:
                found[name] = folder / one.file if one.form == DIRECTORY else READERS[one.form](folder / one.file)
                continue
            if one.file not in pickles:
                pickles[one.file] = read_pickles(folder / one.file, live)
            found[name] = pickles[one.file][name]
        except Exception as error:  # a class that is gone, a library of another version: anything may come
            raise SnapshotError(
                f"{folder / one.file}: the item {name!r} cannot be read: {type(error).__name__}: {error}. It was "
                "written by other code or other libraries; run with those, or begin anew with fresh=True."
            ) from error
    return found


def put_items(
    folder: Path, stored: Mapping[str, StoredItem], states: Mapping[str, Any], live: Mapping[str, Any]
) -> None:
    """Bring live items to their states, in place.

    Raises:
        SnapshotError: an item is not in the snapshot, was of another kind, or refuses its state.
    """
    missing = [name for name in live if name not in stored]
    if missing:
        raise SnapshotError(
            f"{folder} has no item {missing[0]!r}; it has {listed(stored) or 'none'}. Register what was saved, or "
            "begin anew with fresh=True."
        )
    for name, one in live.items():
        _put(folder, name, stored[name], states[name], one)


def _put(folder: Path, name: str, stored: StoredItem, state: Any, live: Any) -> None:
    kind = kind_of(name, live)
    if kind.name != stored.kind:
        raise SnapshotError(f"{folder}: the item {name!r} was saved as {stored.kind}, and is now {kind.name}.")
    try:
        kind.put(live, state)
    except Exception as error:  # whatever a user's load_state_dict raises
        text = f"{type(error).__name__}: {error}"
        raise SnapshotError(f"{folder}: the item {name!r} does not take its state back: {text}") from error
