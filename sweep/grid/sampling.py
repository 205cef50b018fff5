"""`sample`: n settings drawn from the product, or from distributions; each runs with every seed.

Draws are made one after another from streams that depend on the seed alone, so a larger n keeps the draws of a
smaller one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.grid.definition import Block, Definition, Dimension, Sample, When, is_seed
from sweep.grid.distributions import uniforms
from sweep.grid.points import Flat, block_points, kept
from sweep.grid.product import Product


def sampled(definition: Definition, sample: Sample) -> Iterator[Flat]:
    """Yield the points of a sampled grid: the settings in the order of their draws, seeds fastest.

    Raises:
        GridError: there are fewer than n different settings.
    """
    seeds = Block(tuple(dimension for dimension in definition.block.dimensions if is_seed(dimension)))
    seed_keys = {parameter.key for parameter in seeds.parameters}
    for setting in _settings(one_seed(definition), sample):
        bare = {key: value for key, value in setting.items() if key not in seed_keys}
        yield from kept(definition, block_points(seeds, bare))


def one_seed(definition: Definition) -> Definition:
    """Return the grid with its first seed only: its points are the settings."""
    dimensions = tuple(d.only([0]) if is_seed(d) else d for d in definition.block.dimensions)
    return replace(definition, block=replace(definition.block, dimensions=dimensions))


def distinct_integers(total: int, n: int, seed: int) -> Iterator[int]:
    """Yield n different integers below total: a Fisher-Yates shuffle that stores only what it moved.

    The first k of them do not depend on n.
    """
    stream = random.Random(f"sample/{seed}")
    moved: dict[int, int] = {}
    for place in range(n):
        other = place + int(stream.random() * (total - place))
        yield moved.get(other, other)
        moved[other] = moved.get(place, place)


def _settings(definition: Definition, sample: Sample) -> Iterator[Flat]:
    if any(parameter.drawn_later for parameter in definition.block.all_parameters()):
        return _from_distributions(definition, sample)
    if definition.block.whens or definition.excludes:
        return _from_points(definition, sample)
    return _from_product(definition, sample)


def _from_product(definition: Definition, sample: Sample) -> Iterator[Flat]:
    settings = Product(definition.block.dimensions)
    _check_enough(sample, settings.count)
    return (settings.flat(place) for place in distinct_integers(settings.count, sample.n, sample.seed))


def _from_points(definition: Definition, sample: Sample) -> Iterator[Flat]:
    """Draw where rules decide which settings there are, so that they must be expanded first."""
    found = list(kept(definition, block_points(definition.block, {})))
    _check_enough(sample, len(found))
    return (found[place] for place in distinct_integers(len(found), sample.n, sample.seed))


def _check_enough(sample: Sample, total: int) -> None:
    if sample.n > total:
        raise GridError(f"sample({sample.n}) asks for more than the {total} settings that there are.")


def _from_distributions(definition: Definition, sample: Sample) -> Iterator[Flat]:
    draw = _Draw(sample.seed)
    seen: set[str] = set()
    for attempt in count():
        for point in kept(definition, block_points(draw.block(definition.block), {})):
            form = canonical_text(point)
            if form not in seen:
                seen.add(form)
                yield point
        if len(seen) == sample.n:
            return
        if attempt > 100 * sample.n:
            raise GridError(f"sample({sample.n}): only {len(seen)} different settings came in {attempt} draws.")


class _Draw:
    """One row at random from each dimension, again and again; every key has a stream of its own."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Iterator[float]] = {}

    def block(self, block: Block) -> Block:
        whens = tuple(When(when.condition, self.block(when.block)) for when in block.whens)
        return Block(tuple(map(self._dimension, block.dimensions)), whens)

    def _dimension(self, dimension: Dimension) -> Dimension:
        first = dimension.parameters[0]
        if first.key not in self._streams:
            self._streams[first.key] = uniforms(self._seed, first.key)
        u = next(self._streams[first.key])
        if first.distribution is not None and first.drawn_later:
            return Dimension((replace(first, values=(first.distribution.value(u),)),))
        return dimension.only([int(u * len(dimension))])
