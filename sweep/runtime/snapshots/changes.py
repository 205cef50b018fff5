"""Changed parameters win over a snapshot: what objects are made with now stays.

A snapshot holds what the parameters of its time have led to: an optimizer's state has its learning rate. Where a run
goes on with another one, two kinds of values keep what the function has given them:

- an attribute, or an entry of a dict, that is called like a changed parameter;
- an option of a torch optimizer's parameter groups that has exactly a changed parameter's new value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

SEPARATOR = ":"


@dataclass(frozen=True)
class _Kept:
    """One value of a live object, and how to put it back."""

    what: str
    value: Any
    put: Callable[[Any], object]
    get: Callable[[], Any]


class Changes:
    """What is to be kept of live objects while they are restored.

    Args:
        live: the registered objects, as the function has made them.
        changed: colon keys to their new values, in the exact form.
    """

    def __init__(self, live: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        names = {key.rpartition(SEPARATOR)[2] for key in changed}
        numbers = [one for one in changed.values() if isinstance(one, (int, float)) and not isinstance(one, bool)]
        self._kept = (
            [one for name, item in live.items() for one in _kept_of(name, item, names, numbers)] if names else []
        )

    def put_back(self) -> list[str]:
        """Give the objects, now restored, these values again; return what was not what it was."""
        told = []
        for one in self._kept:
            if one.get() != one.value:
                one.put(one.value)
                told.append(f"{one.what} = {one.value!r}")
        return told


def _kept_of(name: str, item: Any, names: set[str], numbers: list[Any]) -> Iterator[_Kept]:
    groups = getattr(item, "param_groups", None)
    if isinstance(groups, list):
        for number in range(len(groups)):
            yield from _of_group(name, item, number, numbers)
    elif isinstance(item, MutableMapping):
        yield from (_of_dict(name, item, key) for key in names if _is_plain(item.get(key)))
    else:
        known = getattr(item, "__dict__", {})
        yield from (_of_object(name, item, key) for key in names if _is_plain(known.get(key)))


def _of_group(name: str, item: Any, number: int, numbers: list[Any]) -> Iterator[_Kept]:
    for key, value in item.param_groups[number].items():
        if _is_plain(value) and not isinstance(value, bool) and value in numbers:
            yield _Kept(
                f"{name}.{key}",
                value,
                # A restored optimizer has other groups than before.
                lambda to, key=key: item.param_groups[number].__setitem__(key, to),  # type: ignore[misc]
                lambda key=key: item.param_groups[number].get(key),  # type: ignore[misc]
            )


def _of_dict(name: str, item: MutableMapping[str, Any], key: str) -> _Kept:
    return _Kept(f"{name}[{key!r}]", item[key], lambda to: item.__setitem__(key, to), lambda: item.get(key))


def _of_object(name: str, item: Any, key: str) -> _Kept:
    return _Kept(f"{name}.{key}", getattr(item, key), lambda to: setattr(item, key, to), lambda: getattr(item, key))


def _is_plain(value: Any) -> bool:
    """Say whether a value is one that a parameter may have given, and not a state that grew."""
    return isinstance(value, (bool, int, float, str))
