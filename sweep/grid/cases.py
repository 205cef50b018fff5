"""Explicit extra points: `case`, and `ablate`, which is cases one parameter away from a base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.definition import Ablation, Block, Case, Definition, Dimension, When, is_seed
from sweep.grid.parameter import SEED, Parameter
from sweep.grid.points import Flat, block_points, kept


def extra_points(definition: Definition) -> Iterator[Flat]:
    """Yield the points of ablations, then of cases.

    Raises:
        GridError: a case is excluded by a rule of the same grid, or lacks the value of a drawn parameter.
    """
    for ablation in definition.ablations:
        for case in _one_at_a_time(ablation):
            yield from _case_points(definition, case)
    for case in definition.cases:
        found = list(_case_points(definition, case))
        if not found:
            values = {parameter.key: list(parameter.values) for parameter in case.parameters}
            raise GridError(
                f"the case {shown(values)} is excluded by a rule of the same grid; remove the one or the other."
            )
        yield from found


def _case_points(definition: Definition, case: Case) -> Iterator[Flat]:
    return kept(definition, map(_based, block_points(_case_block(definition.block, case), {})))


def _based(point: Flat) -> Flat:
    for key, value in point.items():
        if value is _NO_BASE:
            raise GridError(
                f"{key!r} is drawn from a distribution, so it has no first value; give {key!r} in the case."
            )
    return point


# Stands for the first value of a parameter that `sample` draws, until it is known that a point needs it.
_NO_BASE = object()


def _case_block(block: Block, case: Case) -> Block:
    """Return the block of a case: the base (first values, every seed) with the case's parameters in place.

    A parameter drawn from a distribution has no first value, so the case must give one.
    """
    given = {parameter.key: parameter for parameter in case.parameters}
    own = {parameter.key for parameter in block.parameters}
    based = _rebased(block, given, [Dimension((one,)) for key, one in given.items() if key not in own])
    _based({one.key: one.values[0] for one in based.parameters})
    return based


def _rebased(block: Block, given: Mapping[str, Parameter], new: Sequence[Dimension] = ()) -> Block:
    dimensions = [one for dimension in block.dimensions for one in _base_dimensions(dimension, given)]
    whens = [When(when.condition, _rebased(_without(when.block, given), {})) for when in block.whens]
    return Block((*dimensions, *new), tuple(whens))


def _base_dimensions(dimension: Dimension, given: Mapping[str, Parameter]) -> Iterator[Dimension]:
    """Yield what stands in a case for one dimension of the grid."""
    if not given.keys() & set(dimension.keys):
        yield dimension if is_seed(dimension) else _first_row(dimension)
        return
    for parameter in dimension.parameters:
        yield _base_dimension(parameter, given)


def _base_dimension(parameter: Parameter, given: Mapping[str, Parameter]) -> Dimension:
    """Return what stands in a case for one of several parameters that moved together."""
    if parameter.key in given:
        return Dimension((given[parameter.key],))
    if parameter.key == SEED:
        return Dimension((replace(parameter, values=tuple(dict.fromkeys(parameter.values))),))
    return _first_row(Dimension((parameter,)))


def _first_row(dimension: Dimension) -> Dimension:
    if len(dimension) == 0:
        return Dimension((replace(dimension.parameters[0], values=(_NO_BASE,)),))
    return dimension.only([0])


def _without(block: Block, given: Mapping[str, Parameter]) -> Block:
    """Leave out of a conditional block what the case sets itself."""
    left = [[one for one in d.parameters if one.key not in given] for d in block.dimensions]
    dimensions = [Dimension(tuple(parameters)) for parameters in left if parameters]
    return Block(tuple(dimensions), tuple(When(w.condition, _without(w.block, given)) for w in block.whens))


def _one_at_a_time(ablation: Ablation) -> Iterator[Case]:
    if ablation.base:
        yield Case(ablation.base)
    base = {parameter.key: parameter for parameter in ablation.base}
    for parameter in ablation.parameters:
        for value in parameter.values:
            changed = {**base, parameter.key: replace(parameter, values=(value,), labels=None)}
            yield Case(tuple(changed.values()))
