"""A plain product: its length, any one of its points without the others, and all of them as a fast stream."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product, starmap
from typing import Any

from sweep.grid.definition import Dimension, is_seed
from sweep.grid.naming import NamedKey, Naming, finished
from sweep.grid.nesting import compile_unfold
from sweep.grid.points import Flat
from sweep.grid.values import is_mutable


class Product:
    """The points of dimensions in the reference's order: the first one slowest, the last one fastest."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self.dimensions = tuple(dimensions)

    @property
    def count(self) -> int:
        """The number of points, which may be more than `len` can say."""
        return math.prod(len(dimension) for dimension in self.dimensions)

    def flat(self, index: int) -> Flat:
        """Return one point by its place, as flat colon keys, expanding no other."""
        point: Flat = {}
        for dimension, place in zip(self.dimensions, self._places(index), strict=True):
            point.update(dimension.items(dimension.rows[place]))
        return point

    def _places(self, index: int) -> list[int]:
        """Return the row of each dimension: the digits of index in a number system of mixed radix."""
        places = []
        for dimension in reversed(self.dimensions):
            index, place = divmod(index, len(dimension))
            places.append(place)
        return places[::-1]

    def seeds_outer(self) -> Product:
        """Return the same points with the seed varying slowest."""
        return Product(sorted(self.dimensions, key=lambda dimension: not is_seed(dimension)))

    def places_seeds_outer(self) -> Iterator[int]:
        """Yield the place that each point of `seeds_outer` has among these."""
        weighed: list[tuple[Dimension, range]] = []
        weight = self.count
        for dimension in self.dimensions:
            length, weight = weight, weight // len(dimension)
            weighed.append((dimension, range(0, length, weight)))
        outer = sorted(weighed, key=lambda one: not is_seed(one[0]))
        return map(sum, product(*(places for _, places in outer)))

    def unfolded(self) -> Iterator[dict[str, Any]]:
        """Yield every point as a nested dict that shares no container with any other."""
        copied = frozenset(
            parameter.key
            for dimension in self.dimensions
            for parameter in dimension.parameters
            if any(is_mutable(value) for value in parameter.values)
        )
        unfold = compile_unfold([dimension.keys for dimension in self.dimensions], copied)
        return starmap(unfold, product(*(dimension.rows for dimension in self.dimensions)))

    def named(self, naming: Naming) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (name, nested dict) of every point.

        Both halves run in C but for the unfolding itself: the parts of names are ready-made, one for each row, and a
        second product joins them.
        """
        parts = self.parts(naming)
        names = map("".join, product((naming.base,), *parts))
        if not self._parts_are_final(naming, parts):
            names = map(finished, names)
        return zip(names, self.unfolded(), strict=True)

    def parts(self, naming: Naming) -> list[list[str]]:
        """Return what each row adds to a name, by dimension."""
        named = {key.key: key for key in naming.keys}
        return [[_row_part(dimension, row, named) for row in dimension.rows] for dimension in self.dimensions]

    @staticmethod
    def _parts_are_final(naming: Naming, parts: Sequence[Sequence[str]]) -> bool:
        """Say whether joined parts are names as they are: none starts with an underscore, none is too long."""
        longest = naming.base + "".join(max(row, key=len) for row in parts)
        return bool(naming.base) and not naming.base.startswith("_") and finished(longest) == longest


def _row_part(dimension: Dimension, row: Any, named: dict[str, NamedKey]) -> str:
    return "".join(named[key].part(value) for key, value in dimension.items(row) if key in named)
