"""`sample`: n settings drawn from the product, or from distributions; each runs with every seed.

Draws are made one after another from streams that depend on the seed alone, so a larger n keeps the draws of a
smaller one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count, islice

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.grid.definition import Block, Definition, Dimension, Sample, When, is_seed
from sweep.grid.distributions import uniforms
from sweep.grid.parameter import SEED
from sweep.grid.points import Flat, block_points, kept
from sweep.grid.product import Product

# The points of one setting: one for each seed.
_Group = list[Flat]


def sampled(definition: Definition, sample: Sample, found: Iterable[Flat]) -> Iterator[Flat]:
    """Yield the points of a sampled grid: the settings in the order of their draws, seeds fastest.

    Args:
        found: the grid's points before its rules; read only where conditions or a union decide which there are.

    Raises:
        GridError: there are fewer than n different settings.
    """
    if any(parameter.drawn_later for parameter in definition.block.all_parameters()):
        groups = _from_distributions(definition, sample)
    elif definition.block.whens or definition.parts:
        groups = _from_points(definition, sample, found)
    else:
        groups = _from_product(definition, sample)
    return chain.from_iterable(groups)


def count_sampled(definition: Definition, sample: Sample) -> int:
    """Return the number of points of a sampled product without rules.

    Raises:
        GridError: there are fewer than n different settings.
    """
    settings, seeds = _parted(definition.block)
    if not any(parameter.drawn_later for parameter in definition.block.parameters):
        _check_enough(sample, Product(settings.dimensions).count)
    return sample.n * Product(seeds.dimensions).count


def distinct_integers(total: int, n: int, seed: int) -> Iterator[int]:
    """Yield n different integers below total: a Fisher-Yates shuffle that stores only what it moved.

    The first k of them do not depend on n.
    """
    stream = random.Random(f"sample/{seed}")
    bits = total.bit_length() + 64  # so many more that no place is likelier than another by more than 2**-64
    moved: dict[int, int] = {}
    for place in range(n):
        other = place + (stream.getrandbits(bits) * (total - place) >> bits)
        yield moved.get(other, other)
        moved[other] = moved.pop(place, place)


def _parted(block: Block) -> tuple[Block, Block]:
    """Return the dimensions without the seed, and those with it."""
    seeds = tuple(dimension for dimension in block.dimensions if is_seed(dimension))
    return Block(tuple(dimension for dimension in block.dimensions if not is_seed(dimension))), Block(seeds)


def _from_product(definition: Definition, sample: Sample) -> Iterator[_Group]:
    settings, seeds = _parted(definition.block)
    product = Product(settings.dimensions)
    _check_enough(sample, product.count)
    drawn = map(product.flat, distinct_integers(product.count, product.count, sample.seed))
    return _first(sample, (list(kept(definition, block_points(seeds, setting))) for setting in drawn))


def _from_points(definition: Definition, sample: Sample, found: Iterable[Flat]) -> Iterator[_Group]:
    """Draw where conditions decide which settings there are, so that they must be expanded first."""
    groups: dict[str, _Group] = {}
    with_seed = _keys_with_seed(definition.block) | {SEED}
    for point in found:
        form = canonical_text({key: value for key, value in point.items() if key not in with_seed})
        groups.setdefault(form, []).append(point)
    settings = list(groups.values())
    drawn = (settings[place] for place in distinct_integers(len(settings), len(settings), sample.seed))
    return _first(sample, (list(kept(definition, group)) for group in drawn))


def _keys_with_seed(block: Block) -> set[str]:
    """Return the keys that move together with a seed."""
    own = {key for dimension in block.dimensions if is_seed(dimension) for key in dimension.keys}
    return own.union(*(_keys_with_seed(when.block) for when in block.whens))


def _first(sample: Sample, groups: Iterable[_Group]) -> Iterator[_Group]:
    """Yield the first n groups in which rules left anything."""
    number = 0
    for number, group in enumerate(islice(filter(None, groups), sample.n), start=1):  # noqa: B007
        yield group
    _check_enough(sample, number)


def _check_enough(sample: Sample, total: int) -> None:
    if sample.n > total:
        raise GridError(f"sample({sample.n}) asks for more than the {total} settings that there are; lower n.")


def _from_distributions(definition: Definition, sample: Sample) -> Iterator[_Group]:
    draw = _Draw(sample.seed)
    seen: set[str] = set()
    for attempt in count():
        group = list(kept(definition, block_points(draw.block(definition.block), {})))
        form = canonical_text(group)
        if group and form not in seen:
            seen.add(form)
            yield group
        if len(seen) == sample.n:
            return
        if attempt > 100 * sample.n:
            raise GridError(
                f"sample({sample.n}): only {len(seen)} different settings came in {attempt} draws; lower n, or widen "
                "the distributions."
            )


class _Draw:
    """One row at random from each dimension, again and again; every key has a stream of its own. Seeds are kept."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Iterator[float]] = {}

    def block(self, block: Block) -> Block:
        whens = tuple(When(when.condition, self.block(when.block)) for when in block.whens)
        return Block(tuple(map(self._dimension, block.dimensions)), whens)

    def _dimension(self, dimension: Dimension) -> Dimension:
        if is_seed(dimension):
            return dimension
        first = dimension.parameters[0]
        if first.key not in self._streams:
            self._streams[first.key] = uniforms(self._seed, first.key)
        u = next(self._streams[first.key])
        if first.distribution is not None and first.drawn_later:
            return Dimension((replace(first, values=(first.distribution.value(u),)),))
        return dimension.only([int(u * len(dimension))])
