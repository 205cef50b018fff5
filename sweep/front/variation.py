"""A recorded run as a grid: its configuration, with some keys given other values, each named by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sweep.base.errors import UsageError, did_you_mean
from sweep.base.signature import signature, unknown_arguments
from sweep.front.experiment import ExperimentGrid
from sweep.front.recorded import Recorded
from sweep.grid.identity import without
from sweep.grid.nesting import SEPARATOR, lookup
from sweep.grid.parameter import SEED, split_shorthand
from sweep.rundir.variant_file import Difference, differences


def grid_of(recorded: Recorded, name: str, changes: Mapping[str, Any], unnamed: Iterable[str] = ()) -> ExperimentGrid:
    """Return the grid of a recorded configuration with changes.

    Args:
        changes: key, with colons, to its alternatives as `Grid.add` takes them.
        unnamed: changed keys that do not stand in names.

    Raises:
        UsageError: the function takes no such argument.
        GridError: the changes make no grid.
    """
    grid = ExperimentGrid(name)
    bare = {split_shorthand(key)[0] for key in changes}
    _check_known(recorded, bare)
    apart = [*bare, *(key for key in recorded.runtime_only if not any(_is_within(key, one) for one in bare))]
    for key, value in without(recorded.config, apart).items():
        grid.add(key, [value])
    for key in apart:
        if key not in bare and _has(recorded.config, key):
            grid.add(key, [lookup(recorded.config, key)], runtime_only=True)
    for key, alternatives in changes.items():
        shown = split_shorthand(key)[0] not in {SEED, *unnamed}
        grid.add(key, alternatives, in_name=shown, runtime_only=split_shorthand(key)[0] in recorded.runtime_only)
    return grid


def _is_within(key: str, outer: str) -> bool:
    return key == outer or key.startswith(outer + SEPARATOR)


def _has(config: Mapping[str, Any], key: str) -> bool:
    try:
        lookup(config, key)
    except KeyError:
        return False
    return True


def _check_known(recorded: Recorded, keys: Iterable[str]) -> None:
    """Refuse a key that is neither recorded nor an argument of the function; a misspelt one gets a hint."""
    taken = signature(recorded.thunk)
    for key in keys:
        outer = key.split(SEPARATOR)[0]
        if outer in recorded.config or outer in recorded.wrong or outer == SEED:
            continue
        wrong = unknown_arguments(taken, [outer])
        if wrong or (taken.open and not taken.asks_for(outer) and did_you_mean(outer, recorded.config)):
            hint = did_you_mean(outer, [*recorded.config, *taken.defaults])
            raise UsageError(wrong[0] if wrong else f"{recorded.file} has no {outer!r}.{hint}")


def changed(recorded: Recorded, config: Mapping[str, Any]) -> list[Difference]:
    """Return in what a configuration, in its exact form, differs from the recorded one."""
    return differences({} if recorded.record is None else recorded.record.config, config)
