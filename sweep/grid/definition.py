"""What a grid is, as frozen data: the one thing that expansion, names, the report and YAML all read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sweep.base.errors import GridError, did_you_mean, listed
from sweep.grid.conditions import Condition
from sweep.grid.parameter import SEED, Parameter

ORDERS = ("as-given", "seeds-outer", "shuffle")


@dataclass(frozen=True)
class Dimension:
    """Parameters that move together (one of them, unless `zip` made it), all with the same number of values."""

    parameters: tuple[Parameter, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(parameter.key for parameter in self.parameters)

    def __len__(self) -> int:
        return len(self.parameters[0].values)

    @property
    def rows(self) -> Sequence[Any]:
        """The alternatives: values of a single parameter, tuples of several."""
        if len(self.parameters) == 1:
            return self.parameters[0].values
        return list(zip(*(parameter.values for parameter in self.parameters), strict=True))

    def items(self, row: Any) -> Iterator[tuple[str, Any]]:
        """Return the (key, value) pairs of one row."""
        return zip(self.keys, row if len(self.parameters) > 1 else (row,), strict=True)

    def only(self, places: Sequence[int]) -> Dimension:
        """Return this dimension with only the rows at these places, under the same labels."""
        return Dimension(tuple(_only(parameter, places) for parameter in self.parameters))


def _only(parameter: Parameter, places: Sequence[int]) -> Parameter:
    labels = parameter.labels and tuple(parameter.labels[place] for place in places)
    return replace(parameter, values=tuple(parameter.values[place] for place in places), labels=labels)


@dataclass(frozen=True)
class Block:
    """A product of dimensions, and sub-grids under conditions that vary fastest."""

    dimensions: tuple[Dimension, ...] = ()
    whens: tuple[When, ...] = ()

    @property
    def parameters(self) -> list[Parameter]:
        return [parameter for dimension in self.dimensions for parameter in dimension.parameters]

    def all_parameters(self) -> Iterator[Parameter]:
        """Yield the parameters of the block and of every block under a condition in it."""
        yield from self.parameters
        for when in self.whens:
            yield from when.block.all_parameters()


@dataclass(frozen=True)
class When:
    """A sub-grid that only variants under a condition have."""

    condition: Condition
    block: Block


@dataclass(frozen=True)
class Derived:
    """A value computed from the others.

    Attributes:
        rule: an expression, or a function of the nested variant.
    """

    key: str
    rule: str | Callable[[Mapping[str, Any]], Any]
    shorthand: str | None = None
    in_name: bool = False


@dataclass(frozen=True)
class Case:
    """Explicit extra points: the base with these parameters in place of its own."""

    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Ablation:
    """One parameter at a time away from a base.

    Attributes:
        parameters: what is changed, and to what.
        base: what differs from the grid's own base, the first value of each parameter.
    """

    parameters: tuple[Parameter, ...]
    base: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Sample:
    """How many settings are drawn, and the seed of the draws."""

    n: int
    seed: int = 0


@dataclass(frozen=True)
class Definition:
    """All that a person said about a grid.

    Attributes:
        extendable: keys whose value a launch may change for a run that there is, so that it goes on.
    """

    name: str = ""
    block: Block = Block()
    derived: tuple[Derived, ...] = ()
    excludes: tuple[Condition, ...] = ()
    cases: tuple[Case, ...] = ()
    ablations: tuple[Ablation, ...] = ()
    sample: Sample | None = None
    order: str = "as-given"
    order_seed: int = 0
    parts: tuple[Definition, ...] = ()
    default_shorthand: bool = True
    extendable: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether the grid is a product and nothing else, so that nothing has to be expanded to know it."""
        more = (self.block.whens, self.derived, self.excludes, self.cases, self.ablations, self.parts, self.sample)
        return not any(more)

    @property
    def has_own_points(self) -> bool:
        """Whether there is a product of its own; a union has none, nor have cases that nothing but seeds surrounds."""
        product = bool(self.block.whens) or any(d.keys != (SEED,) for d in self.block.dimensions)
        return product or not (self.parts or self.cases)

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter that is named anywhere, repeated where it is named again."""
        yield from self.block.all_parameters()
        for case in self.cases:
            yield from case.parameters
        for ablation in self.ablations:
            yield from ablation.base
            yield from ablation.parameters
        for part in self.parts:
            yield from part.parameters()

    def all_derived(self) -> Iterator[Derived]:
        yield from self.derived
        for part in self.parts:
            yield from part.all_derived()

    def all_keys(self) -> list[str]:
        """Return every key that some variant may have, each once, in the order of first mention."""
        given = [parameter.key for parameter in self.parameters()]
        return list(dict.fromkeys([*given, *(one.key for one in self.all_derived())]))

    def runtime_only(self) -> frozenset[str]:
        """Return the keys that cannot change a result, and do not count in an identity."""
        return frozenset(parameter.key for parameter in self.parameters() if parameter.runtime_only)

    def uncounted(self) -> frozenset[str]:
        """Return all keys that do not count in an identity: runtime-only and extendable ones."""
        return self.runtime_only() | self.extendable


def is_seed(dimension: Dimension) -> bool:
    return SEED in dimension.keys


def check_order(order: str) -> str:
    """Return an order if there is such a one.

    Raises:
        GridError
    """
    if order not in ORDERS:
        raise GridError(f"order {order!r} is unknown; it is one of {listed(ORDERS)}.{did_you_mean(str(order), ORDERS)}")
    return order
