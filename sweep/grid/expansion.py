"""From a definition to its variants, lazily: what there is, in which order, how many, and under which names."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.cases import extra_points
from sweep.grid.conditions import related
from sweep.grid.definition import Block, Definition
from sweep.grid.naming import naming
from sweep.grid.nesting import nested_pairs, unfold
from sweep.grid.parameter import SEED
from sweep.grid.points import Flat, block_points, kept
from sweep.grid.product import Product
from sweep.grid.sampling import count_sampled, distinct_integers, sampled


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


def chosen_variants(definition: Definition, places: range) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, nested dict) of some variants in the order of the definition; of a product no other is expanded.

    Args:
        places: of the variants in the order in which the grid is written, from 0: another order changes none of them.
    """
    names = naming(definition)
    return ((names.name(point), unfold(point)) for point in _chosen(definition, places))


def _chosen(definition: Definition, places: range) -> Iterator[Flat]:
    if not definition.plain:
        return (point for place, point in _numbered(definition) if place in places)
    product = Product(definition.block.dimensions)
    if definition.order == "as-given":
        return map(product.flat, places)
    shuffled = definition.order == "shuffle"
    order = _shuffled_places(definition, product.count) if shuffled else product.places_seeds_outer()
    return map(product.flat, filter(places.__contains__, order))


def variant_at(definition: Definition, index: int) -> dict[str, Any]:
    """Return one variant by its place; of a product without expanding the others.

    Raises:
        IndexError: there are not so many.
    """
    place = operator.index(index)
    streamed = definition.plain and definition.order != "shuffle"
    if place < 0 or streamed:
        total = count(definition)
        place += total if place < 0 else 0
        if not 0 <= place < total:
            raise IndexError(f"variant {index} of a grid that has {total}")
    if streamed:
        return unfold(_product(definition).flat(place))
    for point in itertools.islice(ordered(definition), place, None):
        return unfold(point)
    raise IndexError(f"variant {index} of a grid that has {count(definition)}")


def count(definition: Definition) -> int:
    """Return the number of variants, expanding them only where a condition or a union decides.

    Raises:
        GridError: a sample asks for more settings than there are.
    """
    if definition.plain:
        return Product(definition.block.dimensions).count
    if _counted_by_looking(definition):
        return sum(1 for _ in points(definition))
    if definition.sample:
        return count_sampled(definition, definition.sample)
    own = Product(definition.block.dimensions).count if definition.has_own_points else 0
    extra = (point for point in extra_points(definition) if not own or not _in_product(definition, point))
    return own + sum(1 for _ in _distinct(definition, extra))


def _counted_by_looking(definition: Definition) -> bool:
    extra = bool(definition.cases or definition.ablations)
    rules = definition.block.whens or definition.excludes or definition.parts
    return bool(rules or (extra and (definition.sample or _overlapping(definition))))


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

    The product or the parts of a union (or the sample of either) first, then ablations and cases; derived values are
    added and excluded points left out; a point that comes twice is yielded once.
    """
    check(definition)
    found: Iterator[Flat] = itertools.chain(_own_points(definition), extra_points(definition))
    if definition.cases or definition.ablations or definition.parts:
        return _distinct(definition, found)
    return map(_unfoldable, found) if _overlapping(definition) else found


def _own_points(definition: Definition) -> Iterator[Flat]:
    if not definition.has_own_points and not definition.parts:
        return iter(())
    found = _points_of_parts(definition) if definition.parts else block_points(definition.block, {})
    if definition.sample:
        return sampled(definition, definition.sample, found)
    return kept(definition, found)


def _points_of_parts(definition: Definition) -> Iterator[Flat]:
    return _distinct(definition, itertools.chain.from_iterable(map(points, definition.parts)))


def _overlapping(definition: Definition) -> bool:
    """Say whether one key lies in another, so that points must be nested to be judged: a rule may set both at once."""
    return any(nested_pairs(definition.all_keys()))


def _unfoldable(point: Flat) -> Flat:
    unfold(point)
    return point


def _distinct(definition: Definition, found: Iterator[Flat]) -> Iterator[Flat]:
    overlapping = _overlapping(definition)
    seen: set[str] = set()
    for point in found:
        form = canonical_text(unfold(point) if overlapping else point)
        if form not in seen:
            seen.add(form)
            yield point


def ordered(definition: Definition) -> Iterator[Flat]:
    """Yield every point in the order that the definition asks for."""
    if definition.order == "as-given":
        return points(definition)
    if definition.order == "shuffle" and definition.plain:
        product = Product(definition.block.dimensions)
        return map(product.flat, _shuffled_places(definition, product.count))
    return (point for _, point in _numbered(definition))


def _numbered(definition: Definition) -> Iterator[tuple[int, Flat]]:
    """Yield every point in the order that the definition asks for, with its place in that in which it is written."""
    numbered = enumerate(points(definition))
    if definition.order == "as-given":
        return numbered
    found = list(numbered)
    return _seeds_outer(found) if definition.order == "seeds-outer" else _shuffled(found, definition)


def _seeds_outer(found: list[tuple[int, Flat]]) -> Iterator[tuple[int, Flat]]:
    """Yield every setting with its first seed, then every one with its second: half a sweep is readable early."""
    rounds = {seed: place for place, seed in enumerate(dict.fromkeys(point.get(SEED) for _, point in found))}
    return iter(sorted(found, key=lambda numbered: rounds[numbered[1].get(SEED)]))


def _shuffled(found: list[tuple[int, Flat]], definition: Definition) -> Iterator[tuple[int, Flat]]:
    return (found[place] for place in _shuffled_places(definition, len(found)))


def _shuffled_places(definition: Definition, total: int) -> Iterator[int]:
    return distinct_integers(total, total, definition.order_seed)


def check(definition: Definition) -> None:
    """Refuse what only the whole grid can show: a distribution nobody draws from, a rule about an unknown key.

    Raises:
        GridError
    """
    known = definition.all_keys()
    for condition in definition.excludes:
        condition.check_keys(known)
    _check_whens(definition.block, _case_keys(definition), known)
    if definition.sample is None:
        for parameter in definition.block.all_parameters():
            if parameter.drawn_later:
                raise GridError(
                    f"{parameter.key!r} is a distribution: say how many values to draw, with sample(n) for the grid "
                    f"or n= in the distribution."
                )
    for part in definition.parts:
        check(part)


def _case_keys(definition: Definition) -> set[str]:
    given = [parameter for case in definition.cases for parameter in case.parameters]
    given += [one for ablation in definition.ablations for one in (*ablation.base, *ablation.parameters)]
    return {parameter.key for parameter in given}


def _check_whens(block: Block, before: set[str], known: list[str]) -> None:
    """Refuse a condition that could never hold, as what it names is decided only after it."""
    decided = before | {parameter.key for parameter in block.parameters}
    for when in block.whens:
        when.condition.check_keys(known)
        for path in when.condition.paths:
            if not any(related(path, key) for key in decided):
                raise GridError(
                    f"when({shown(when.condition.rule)}) names {path!r}, which is decided after it; a condition may "
                    "name what add and zip give, and what an earlier when gives."
                )
        _check_whens(when.block, decided, known)
        decided |= {parameter.key for parameter in when.block.all_parameters()}
