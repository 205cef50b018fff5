"""Changed parameters win over a snapshot: what objects are made with now stays.

A snapshot holds what the parameters of its time have led to: an optimizer's state has its learning rate. Where a run
goes on with another one, a value keeps what the function has given it if it is called like a changed parameter, the
function has just given it the new value, and the snapshot has the old one:

- an attribute, or an entry of a dict;
- an option of a torch optimizer's parameter groups, see `options`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from sweep.runtime.snapshots.change import Change, is_plain
from sweep.runtime.snapshots.options import Options


@dataclass(frozen=True)
class _Kept:
    """One value of a live object, and how to put it back."""

    what: str
    value: Any
    change: Change
    put: Callable[[Any], object]
    get: Callable[[], Any]

    def put_back(self) -> Iterator[str]:
        """Give the object this value again, if the snapshot has the old one; yield what it is."""
        if self.change.was(self.get()):
            self.put(self.value)
            yield f"{self.what} = {self.value!r}"


class Changes:
    """What is to be kept of live objects while they are restored.

    Args:
        live: the registered objects, as the function has made them.
        changed: colon keys to the value at the time of the snapshot and the one now, in the exact form.
    """

    def __init__(self, live: Mapping[str, Any], changed: Mapping[str, tuple[Any, Any]]) -> None:
        changes = [Change.of(key, before, now) for key, (before, now) in changed.items()]
        self._kept = [one for name, item in live.items() for one in _kept_of(name, item, changes, live.values())]

    def put_back(self) -> list[str]:
        """Give the objects, now restored, these values again; return what was not what it was."""
        return [told for one in self._kept for told in one.put_back()]


def _kept_of(name: str, item: Any, changes: list[Change], others: Iterable[Any]) -> Iterator[_Kept | Options]:
    if isinstance(getattr(item, "param_groups", None), list):
        if changes:
            yield Options(name, item, changes, list(others))
    elif isinstance(item, MutableMapping):
        yield from (_of_dict(name, item, one) for one in changes if _is_made(item.get(one.name), one))
    else:
        known = getattr(item, "__dict__", {})
        yield from (_of_object(name, item, one) for one in changes if _is_made(known.get(one.name), one))


def _is_made(value: Any, change: Change) -> bool:
    return is_plain(value) and change.makes(value)


def _of_dict(name: str, item: MutableMapping[str, Any], change: Change) -> _Kept:
    key = change.name
    what = f"{name}[{key!r}]"
    return _Kept(what, item[key], change, lambda to: item.__setitem__(key, to), lambda: item.get(key))


def _of_object(name: str, item: Any, change: Change) -> _Kept:
    key = change.name
    value = getattr(item, key)
    return _Kept(f"{name}.{key}", value, change, lambda to: setattr(item, key, to), lambda: getattr(item, key, None))
