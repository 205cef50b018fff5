"""The points of a block as flat dicts of colon keys, with what is derived added and what is excluded left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.conditions import call_rule
from sweep.grid.definition import Block, Definition, Derived, When
from sweep.grid.expression import AbsentKey, compiled
from sweep.grid.nesting import unfold
from sweep.grid.parameter import checked_value

Flat = dict[str, Any]


def block_points(block: Block, outer: Mapping[str, Any]) -> Iterator[Flat]:
    """Yield a block's points, each on top of what the blocks around it decided."""
    for rows in product(*(dimension.rows for dimension in block.dimensions)):
        point = dict(outer)
        for dimension, row in zip(block.dimensions, rows, strict=True):
            for key, value in dimension.items(row):
                if key in point:
                    raise GridError(
                        f"{key!r} is set twice: two conditions hold at once of {shown(point)}. Make them exclusive."
                    )
                point[key] = value
        yield from _under_conditions(block.whens, point)


def _under_conditions(whens: Sequence[When], point: Flat) -> Iterator[Flat]:
    if not whens:
        yield point
        return
    first, rest = whens[0], whens[1:]
    if not first.condition.holds(unfold(point)):
        yield from _under_conditions(rest, point)
        return
    for inner in block_points(first.block, point):
        yield from _under_conditions(rest, inner)


def kept(definition: Definition, found: Iterable[Flat]) -> Iterator[Flat]:
    """Add what is derived, and leave out what is excluded."""
    if not definition.derived and not definition.excludes:
        return iter(found)
    return _kept(definition, found)


def _kept(definition: Definition, found: Iterable[Flat]) -> Iterator[Flat]:
    for point in found:
        for one in definition.derived:
            point[one.key] = _derive(one, point)
        nested = unfold(point) if definition.excludes else {}
        if not any(condition.holds(nested) for condition in definition.excludes):
            yield point


def _derive(one: Derived, point: Flat) -> Any:
    nested = unfold(point)
    if not isinstance(one.rule, str):
        return checked_value(one.key, call_rule(one.rule, nested))
    try:
        return checked_value(one.key, compiled(one.rule).value(nested))
    except AbsentKey as error:
        raise GridError(
            f"{one.key!r} cannot be derived as {one.rule!r}: {error} Add the parameter to every part."
        ) from None
