"""How a live object gives its state, and takes it back in place: other objects may hold it."""

from __future__ import annotations

import copyreg
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweep.base.text import shown
from sweep.runtime.context.random_state import as_bytes, as_text
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.factory import Factory
from sweep.runtime.snapshots.merging import merged, replace_attributes

# An object that writes a directory of its own (`save_to`, `load_from`); its state is the path of that.
DIRECTORY = "directory"
_UNCHANGEABLE = (bool, int, float, complex, str, bytes, tuple, frozenset, type(None), range)
_REMEDY = (
    "give it state_dict() and load_state_dict(state), or register what it is made from; what can only be made again "
    "is a sweep.Factory(function, kwargs)"
)


@dataclass(frozen=True)
class Kind:
    """A way to save and restore objects.

    Attributes:
        name: in manifests.
        take: returns the state of a live object.
        put: changes a live object to a state.
        own: whether each rank has its own; else rank 0 saves it for all.
    """

    name: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], object]
    own: bool = False


def kind_of(name: str, live: object) -> Kind:
    """Return how an object is saved; one with an attribute `per_rank` that is True belongs to each rank alone.

    Args:
        name: of the item, for messages.

    Raises:
        SnapshotError: it cannot be changed in place.
    """
    kind = next((kind for fits, kind in _KINDS if fits(live)), None) or _other(name, live)
    return replace(kind, own=True) if getattr(live, "per_rank", False) is True else kind


def _other(name: str, live: object) -> Kind:
    """Return how an object of no kind that is known is saved.

    Raises:
        SnapshotError: it cannot be changed in place.
    """
    if isinstance(live, _UNCHANGEABLE) or callable(live):
        raise SnapshotError(
            f"run.state({name}={shown(live, 60)}): a {type(live).__name__} cannot be changed in place when a run goes "
            "on; a number is run.counter(value), anything else an entry of a dict or an attribute of an object."
        )
    return _object(name)


def _is_torch(kind: str) -> Callable[[object], bool]:
    def fits(live: object) -> bool:
        torch = sys.modules.get("torch")
        return torch is not None and isinstance(live, getattr(torch, kind))

    return fits


def _has_state_dict(live: object) -> bool:
    return callable(getattr(live, "state_dict", None)) and callable(getattr(live, "load_state_dict", None))


def _has_directory(live: object) -> bool:
    return callable(getattr(live, "save_to", None)) and callable(getattr(live, "load_from", None))


def _put_array(live: Any, state: Any) -> None:
    if live.shape != state.shape:
        raise SnapshotError(f"it has the shape {live.shape}, and the snapshot {state.shape}")
    live[...] = state


def _put_tensor(live: Any, state: Any) -> None:
    if live.shape != state.shape:
        raise SnapshotError(f"it has the shape {tuple(live.shape)}, and the snapshot {tuple(state.shape)}")
    live.detach().copy_(state)


def _put_generator(live: Any, state: Any) -> None:
    live.bit_generator.state = state


def _put_deque(live: Any, state: Any) -> None:
    live.clear()
    live.extend(state)


def _put_set(live: Any, state: Any) -> None:
    live.clear()
    live.update(state)


def _put_bytes(live: Any, state: Any) -> None:
    live[:] = state


def _isinstance(*kinds: type) -> Callable[[object], bool]:
    return lambda live: isinstance(live, kinds)


_KINDS: tuple[tuple[Callable[[object], bool], Kind], ...] = (
    (_isinstance(Factory), Kind("factory", lambda live: live, lambda live, state: None)),
    (
        _isinstance(np.random.Generator),
        Kind("generator", lambda live: live.bit_generator.state, _put_generator, own=True),
    ),
    (
        _isinstance(np.random.RandomState),
        Kind("numpy generator", lambda live: live.get_state(legacy=False), lambda live, to: live.set_state(to), True),
    ),
    (
        _isinstance(random.Random),
        Kind("python generator", lambda live: live.getstate(), lambda live, state: live.setstate(state), True),
    ),
    (
        _is_torch("Generator"),
        Kind(
            "torch generator",
            lambda live: as_text(live.get_state()),
            lambda live, state: live.set_state(as_bytes(state)),
            True,
        ),
    ),
    (_has_directory, Kind(DIRECTORY, lambda live: live, lambda live, folder: live.load_from(folder))),
    (_has_state_dict, Kind("state_dict", lambda live: live.state_dict(), lambda live, to: live.load_state_dict(to))),
    (_isinstance(np.ndarray), Kind("array", lambda live: live, _put_array)),
    (_is_torch("Tensor"), Kind("tensor", lambda live: live.detach(), _put_tensor)),
    (_isinstance(dict), Kind("dict", lambda live: dict(live), merged)),
    (_isinstance(list), Kind("list", lambda live: list(live), merged)),
    (_isinstance(deque), Kind("deque", lambda live: list(live), _put_deque)),
    (_isinstance(set), Kind("set", lambda live: set(live), _put_set)),
    (_isinstance(bytearray), Kind("bytearray", lambda live: bytes(live), _put_bytes)),
)


def _object(name: str) -> Kind:
    """Return the way of any other object: the state that pickle would take of it, without the object itself."""

    def take(live: Any) -> Any:
        made = live.__reduce_ex__(4)
        plain = isinstance(made, tuple) and made[0] is copyreg.__newobj__ and len(made[1]) == 1  # type: ignore[attr-defined]
        state = made[2] if isinstance(made, tuple) and len(made) > 2 else None
        if state is None and not plain:
            raise SnapshotError(f"{name!r} ({type(live).__name__}) has no state that can be put back; {_REMEDY}.")
        return state

    return Kind("object", take, _put_object)


def _put_object(live: Any, state: Any) -> None:
    if state is None:
        return
    if hasattr(live, "__setstate__"):
        live.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    if hasattr(live, "__dict__"):
        replace_attributes(live, attributes or {})
    for key, value in (slots or {}).items():
        setattr(live, key, value)


def kinds_of(items: dict[str, Any]) -> Iterator[tuple[str, Any, Kind]]:
    """Yield every item with its name and its kind."""
    return ((name, live, kind_of(name, live)) for name, live in items.items())
