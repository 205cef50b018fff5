"""The calls of a launch: every variant with its function, made as they are asked for, as often as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sweep.front.share import ranks_per_run
from sweep.front.thunks import RANKS, Thunks
from sweep.front.verdict import DEFAULT_SEED, Call
from sweep.grid.definition import Definition
from sweep.grid.expansion import chosen_variants, named_variants, variants
from sweep.rundir.parent import Beginning


class Calls:
    """All calls of a grid, in its order; nothing is kept.

    Args:
        begins: what they all begin from, if they are forks.
        places: see `named_part`.
    """

    def __init__(
        self, definition: Definition, thunks: Thunks, begins: Beginning | None = None, places: range | None = None
    ) -> None:
        self._definition, self._thunks, self._begins, self._places = definition, thunks, begins, places

    def __iter__(self) -> Iterator[Call]:
        sweeps_ranks = self._thunks.sweeps_ranks
        told = Told(self._definition.runtime_only(), self._definition.extendable, self._begins)
        for name, variant in named_part(self._definition, self._places):
            thunk, config = self._thunks.split(variant)
            ranks = ranks_per_run(config[RANKS]) if sweeps_ranks and RANKS in config else None
            yield call_of(name, thunk, config, told, ranks)


def named_part(definition: Definition, places: range | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, nested dict) of the variants at some places of a grid as it is written, or of all, in its order."""
    return named_variants(definition) if places is None else chosen_variants(definition, places)


@dataclass(frozen=True)
class Told:
    """What is the same for all calls of a launch; see `Call`."""

    runtime_only: frozenset[str] = frozenset()
    extendable: frozenset[str] = frozenset()
    begins: Beginning | None = None


def call_of(name: str, thunk: Any, config: dict[str, Any], told: Told = Told(), ranks: int | None = None) -> Call:
    """Return the call of one variant; one without a seed of its own has the default one."""
    config.setdefault("seed", DEFAULT_SEED)
    seed = int(config["seed"])
    return Call(name, thunk, config, seed, told.runtime_only, ranks, told.extendable, told.begins)


def ranks_of(definition: Definition, places: range | None = None) -> list[int]:
    """Return the numbers of ranks that a grid sweeps over, smallest first.

    Args:
        places: see `named_part`.

    Raises:
        UsageError: one is neither a whole number from 1 nor 'auto'.
    """
    if places:
        given = [variant.get(RANKS, 1) for _, variant in chosen_variants(definition, places)]
    elif definition.plain:
        given = [value for one in definition.parameters() if one.key == RANKS for value in one.values]
    else:
        given = [variant.get(RANKS, 1) for variant in variants(definition)]
    return sorted({ranks_per_run(value) for value in given})
