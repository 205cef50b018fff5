"""From a definition to its variants, lazily: what there is, in which order, how many, and under which names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.grid.cases import extra_points
from sweep.grid.definition import Definition, is_seed
from sweep.grid.naming import naming
from sweep.grid.nesting import unfold
from sweep.grid.parameter import SEED
from sweep.grid.points import Flat, block_points, kept
from sweep.grid.product import Product
from sweep.grid.sampling import distinct_integers, sampled


def named_variants(definition: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, nested dict) of every variant in the order of the definition; memory stays flat for a product."""
    names = naming(definition)
    if definition.plain and definition.order != "shuffle":
        return _product(definition).named(names)
    return ((names.name(point), unfold(point)) for point in ordered(definition))


def variants(definition: Definition) -> Iterator[dict[str, Any]]:
    """Yield the nested dict of every variant."""
    if definition.plain and definition.order != "shuffle":
        return _product(definition).unfolded()
    return map(unfold, ordered(definition))


def variant_at(definition: Definition, index: int) -> dict[str, Any]:
    """Return one variant by its place; of a product without expanding the others.

    Raises:
        IndexError: there are not so many.
    """
    total = count(definition)
    if not -total <= index < total:
        raise IndexError(f"variant {index} of a grid that has {total}")
    index %= total
    if definition.plain and definition.order != "shuffle":
        return unfold(_product(definition).flat(index))
    return unfold(next(itertools.islice(ordered(definition), index, None)))


def count(definition: Definition) -> int:
    """Return the number of variants, expanding them only where a condition or a union decides."""
    own = Product(definition.block.dimensions).count
    if definition.plain:
        return own
    if definition.block.whens or definition.excludes or definition.parts:
        return sum(1 for _ in points(definition))
    if definition.sample:
        return (
            sum(1 for _ in points(definition))
            if definition.cases or definition.ablations
            else _sample_count(definition)
        )
    new = {canonical_text(point) for point in extra_points(definition) if not _in_product(definition, point)}
    return own + len(new)


def _sample_count(definition: Definition) -> int:
    assert definition.sample is not None
    return definition.sample.n * Product([d for d in definition.block.dimensions if is_seed(d)]).count


def _in_product(definition: Definition, point: Flat) -> bool:
    derived = {one.key for one in definition.derived}
    if {key for key in point if key not in derived} != {p.key for p in definition.block.parameters}:
        return False
    return all(_has_row(dimension, point) for dimension in definition.block.dimensions)


def _has_row(dimension: Any, point: Flat) -> bool:
    here = canonical_text([point[key] for key in dimension.keys])
    return any(canonical_text([value for _, value in dimension.items(row)]) == here for row in dimension.rows)


def _product(definition: Definition) -> Product:
    product = Product(definition.block.dimensions)
    return product.seeds_outer() if definition.order == "seeds-outer" else product


def points(definition: Definition) -> Iterator[Flat]:
    """Yield every point as flat colon keys, in the order in which the grid was written.

    The product (or its sample) first, then ablations, cases and the parts of a union; derived values are added and
    excluded points left out; a point that comes twice is yielded once.
    """
    check(definition)
    found = itertools.chain(_own_points(definition), extra_points(definition), _points_of_parts(definition))
    if definition.cases or definition.ablations or definition.parts:
        return _distinct(found)
    return found


def _own_points(definition: Definition) -> Iterator[Flat]:
    if not definition.has_own_points:
        return iter(())
    if definition.sample:
        return sampled(definition, definition.sample)
    return kept(definition, block_points(definition.block, {}))


def _points_of_parts(definition: Definition) -> Iterator[Flat]:
    for part in definition.parts:
        yield from kept(definition, points(part))


def _distinct(found: Iterator[Flat]) -> Iterator[Flat]:
    seen: set[str] = set()
    for point in found:
        form = canonical_text(point)
        if form not in seen:
            seen.add(form)
            yield point


def ordered(definition: Definition) -> Iterator[Flat]:
    """Yield every point in the order that the definition asks for."""
    if definition.order == "seeds-outer":
        return _seeds_outer(definition)
    if definition.order == "shuffle":
        return _shuffled(definition)
    return points(definition)


def _seeds_outer(definition: Definition) -> Iterator[Flat]:
    """Yield every setting with its first seed, then every one with its second: half a sweep is readable early.

    The points are made anew for each seed, so that memory stays flat.
    """
    rounds = dict.fromkeys(point.get(SEED) for point in points(definition))
    for seed in rounds:
        yield from (point for point in points(definition) if point.get(SEED) == seed)


def _shuffled(definition: Definition) -> Iterator[Flat]:
    if definition.plain:
        product = Product(definition.block.dimensions)
        return map(product.flat, distinct_integers(product.count, product.count, definition.order_seed))
    found = list(points(definition))
    return (found[place] for place in distinct_integers(len(found), len(found), definition.order_seed))


def check(definition: Definition) -> None:
    """Refuse what only the whole grid can show: a distribution nobody draws from, a rule about an unknown key.

    Raises:
        GridError
    """
    known = definition.all_keys()
    for condition in (*definition.excludes, *(when.condition for when in definition.block.whens)):
        condition.check_keys(known)
    if definition.sample is None:
        for parameter in definition.block.all_parameters():
            if parameter.drawn_later:
                raise GridError(
                    f"{parameter.key!r} is a distribution: say how many values to draw, with sample(n) for the grid "
                    f"or n= in the distribution."
                )
