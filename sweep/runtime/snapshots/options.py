"""The options of a torch optimizer that changed parameters have given, and the schedulers that follow them.

An option belongs to a parameter by its name: `lr` to `lr`, `pi_lr` and `learning_rate`, `weight_decay` to `wd`. Where
a scheduler has taken the learning rate for its base, the base is what was changed: it becomes the new one, and the
rate at which the snapshot was made changes by the same factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

from sweep.runtime.snapshots.change import Change, is_plain

_BASE = "initial_lr"  # in a group, what a scheduler's factors count from
_CALLED = MappingProxyType({"lr": ("lr", "learning_rate"), "weight_decay": ("weight_decay", "wd")})


class Options:
    """What is to be kept of one optimizer while it is restored.

    Args:
        name: of the item.
        optimizer: with `param_groups`, as the function has made it.
        changes: of parameters.
        others: everything registered, schedulers among it.
    """

    def __init__(self, name: str, optimizer: Any, changes: Sequence[Change], others: Sequence[Any]) -> None:
        self._name, self._optimizer, self._others = name, optimizer, others
        self._made = [dict(_made_with(group, changes)) for group in optimizer.param_groups]
        self._rates = [group.get("lr") for group in optimizer.param_groups]

    def put_back(self) -> Iterator[str]:
        """Give the groups, now restored, these options again; yield what was not what it was."""
        bases = []
        # A restored optimizer has other groups than before.
        for number, (group, made) in enumerate(zip(self._optimizer.param_groups, self._made, strict=False)):
            for key, change in made.items():
                if _is_old(group, key, change):
                    bases += [number] * (key in ("lr", _BASE))
                    yield self._put(number, key, change)
        if bases:
            for scheduler in _schedulers(self._others, self._optimizer):
                _follow(scheduler, self._optimizer.param_groups)

    def _put(self, number: int, key: str, change: Change) -> str:
        group = self._optimizer.param_groups[number]
        if key == _BASE:
            base, key = group.get(_BASE), "lr"
            group["lr"] = group["lr"] / base * change.now if base else self._rates[number]
            group[_BASE] = change.now
        else:
            group[key] = change.now
        return f"{self._name}.{key} = {group[key]!r}"


def _made_with(group: dict[str, Any], changes: Sequence[Change]) -> Iterator[tuple[str, Change]]:
    """Yield the options of a group that a changed parameter has given, with the change; of the rate, its base."""
    for key, value in group.items():
        if key == "lr" and _BASE in group:
            continue
        found = [one for one in changes if _belongs(key, one.name) and is_plain(value) and one.makes(value)]
        if found:
            # The one of that very name before others.
            yield key, min(found, key=lambda one: one.name != key)


def _belongs(key: str, name: str) -> bool:
    option = "lr" if key == _BASE else key
    return any(name == one or name.endswith(f"_{one}") for one in _CALLED.get(option, (option,)))


def _is_old(group: dict[str, Any], key: str, change: Change) -> bool:
    """Say whether a restored option is to give way.

    An option that is called exactly like the parameter is no other's, so it does even if the run has lowered it since.
    """
    value = group.get(key)
    is_its_own = change.name == ("lr" if key == _BASE else key)
    return change.was(value) or (is_its_own and not change.makes(value))


def _schedulers(items: Sequence[Any], optimizer: Any) -> Iterator[Any]:
    for one in items:
        if getattr(one, "optimizer", None) is optimizer:
            yield one
        # What chains others, or runs them one after another, keeps them so.
        yield from _schedulers(getattr(one, "_schedulers", ()), optimizer)


def _follow(scheduler: Any, groups: Sequence[dict[str, Any]]) -> None:
    """Have a scheduler count from the bases that the groups have now."""
    bases = getattr(scheduler, "base_lrs", None)
    if isinstance(bases, list):
        scheduler.base_lrs = [group.get(_BASE, base) for group, base in zip(groups, bases, strict=True)]
    if isinstance(getattr(scheduler, "_last_lr", None), list):
        scheduler._last_lr = [group["lr"] for group in groups]
