"""States that only pickle can hold, all of a rank in one file.

A reference from one state to a registered item is written as the item's name and becomes the live item again: an agent
that holds its model finds that very model. Pickles are code: only a run's own are read, or those that somebody vouches
for.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import cloudpickle

from sweep.base.picklable import fault
from sweep.runtime.snapshots.errors import SnapshotError


@dataclass(frozen=True)
class Reference:
    """An item that a state refers to, where there is no live one."""

    name: str


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def __init__(self, file: IO[bytes], names: Mapping[int, str]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = names

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], live: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._live = live

    def persistent_load(self, pid: Any) -> Any:
        return self._live[pid] if pid in self._live else Reference(pid)


def write_pickles(path: Path, states: Mapping[str, Any], items: Mapping[str, Any]) -> None:
    """Pickle states by name.

    Args:
        items: all that are registered; a reference to one of them is kept as such.

    Raises:
        SnapshotError: one cannot be pickled; names it, and what in it is to blame.
        OSError
    """
    names = {id(live): name for name, live in items.items() if not _is_state(live, states)}
    with path.open("wb") as file:
        try:
            _Pickler(file, names).dump(dict(states))
        except OSError:
            raise
        except Exception as error:  # whatever an object's own methods raise
            raise SnapshotError(f"{_culprit(states) or error}. {_REMEDY}") from error


_REMEDY = (
    "Leave it out of run.state and make it in the function, register sweep.Factory(function, kwargs) in its place, or "
    "give it state_dict() and load_state_dict(state)."
)


def _is_state(live: object, states: Mapping[str, Any]) -> bool:
    """Say whether an item is its own state, as a Factory is: it must be written, not named."""
    return any(live is state for state in states.values())


def _culprit(states: Mapping[str, Any]) -> str:
    return next(filter(None, (fault(f"the item {name!r} of run.state", one) for name, one in states.items())), "")


def read_pickles(path: Path, live: Mapping[str, Any]) -> dict[str, Any]:
    """Load states by name, with live items where they refer to them. Runs code: the file must be trusted."""
    with path.open("rb") as file:
        states: dict[str, Any] = _Unpickler(file, live).load()
    return states
