"""The grid that a person writes: each method says one thing about it and returns the grid.

It can be expanded, named and shown, but starts nothing: `ExperimentGrid` in the front adds `run`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from sweep.base.errors import GridError, listed
from sweep.base.text import shown
from sweep.grid import expansion
from sweep.grid.conditions import Condition, Rule, check_paths
from sweep.grid.definition import (
    Ablation,
    Block,
    Case,
    Definition,
    Derived,
    Dimension,
    Sample,
    When,
    check_order,
)
from sweep.grid.distributions import whole
from sweep.grid.expression import compiled
from sweep.grid.given import (
    check_conditional,
    check_new,
    check_together,
    named,
    one_parameter,
    order_seed,
    parameters,
    settled,
    zipped,
)
from sweep.grid.naming import Naming, check_grid_name, naming
from sweep.grid.parameter import SEED, Parameter, check_shown, parameter


class Grid:
    """Parameters with their alternatives, and rules about which combinations are wanted.

    Args:
        name: begins every variant's name.
        default_shorthand: whether a key without a shorthand gets an automatic one.
    """

    def __init__(self, name: str = "", default_shorthand: bool = True) -> None:
        self._definition = Definition(check_grid_name(name), default_shorthand=default_shorthand)
        # What `variant_name` looks up, kept with the definition that it was made from.
        self._named: tuple[Definition, Naming] | None = None

    @property
    def definition(self) -> Definition:
        """All that was said, as frozen data."""
        return self._definition

    def name(self, name: str) -> Self:
        """Set the grid's name."""
        return self._changed(name=check_grid_name(name))

    def add(
        self,
        key: str,
        vals: Any,
        shorthand: str | None = None,
        in_name: bool = False,
        *,
        labels: Sequence[str] | None = None,
        runtime_only: bool = False,
    ) -> Self:
        """Add a parameter; its alternatives multiply the grid.

        Args:
            key: the thunk's argument; ``outer:inner`` nests. ``key[sh]`` gives the shorthand too.
            vals: a list, range, generator or 1-D array of alternatives, a distribution, or one value of another
                type. A list that is one value: ``fixed([64, 64])`` or ``[[64, 64]]``.
            shorthand: stands for the key in names; ``''`` shows the value alone; None makes one of three letters.
            in_name: show it in names although it has one value.
            labels: what stands for each value in names.
            runtime_only: leave it out of a run's identity, as it cannot change the result (a number of workers).

        Raises:
            GridError: about the key, the alternatives, the shorthand or the labels.
        """
        return self._add_dimension([one_parameter(key, vals, shorthand, in_name, labels, runtime_only)])

    def zip(
        self,
        columns: Mapping[str, Any],
        shorthand: Mapping[str, str] | None = None,
        in_name: bool = False,
    ) -> Self:
        """Add parameters that move together: the first values of all, then the second ones, and so on.

        Args:
            columns: key to alternatives, all of one length.
            shorthand: key to shorthand, for those that should not have an automatic one.
        """
        return self._add_dimension(zipped(columns, shorthand, in_name))

    def when(self, condition: Rule, parameters: Mapping[str, Any] | Grid) -> Self:
        """Add a sub-grid that only variants under a condition get; it varies faster than all others.

        Args:
            condition: a mapping ``{key: value or list of values}``, an expression, or a function of the nested
                variant; it sees what was decided before it.
            parameters: key to alternatives, or a grid made with `add`, `zip` and `when`.
        """
        if self._definition.parts:
            raise GridError("a union takes no when(); put it on the part that it belongs to, before joining them.")
        block = _sub_grid(parameters)
        check_conditional(block.all_parameters(), self._definition)
        whens = (*self._definition.block.whens, When(Condition(condition), block))
        return self._changed(block=replace(self._definition.block, whens=whens))

    def derive(self, key: str, rule: Any, shorthand: str | None = None, in_name: bool = False) -> Self:
        """Compute a value from the others: an expression such as ``"epochs * 4000"``, or a function of the variant."""
        key, shorthand = named(key, shorthand)
        check_shown(key, shorthand, in_name)
        known = self._definition.all_keys()
        if key in known or key == SEED:
            raise GridError(f"{key!r} is already a parameter; a derived value needs a key of its own.")
        if isinstance(rule, str):
            check_paths(compiled(rule).paths, known, f"derive({key!r}, {rule!r})")
        elif not callable(rule):
            raise GridError(f"derive({key!r}): {shown(rule)} is neither an expression nor a function of the variant.")
        return self._changed(derived=(*self._definition.derived, Derived(key, rule, shorthand, in_name)))

    def exclude(self, *conditions: Rule) -> Self:
        """Leave out the variants of which one of the conditions holds (as in `when`)."""
        more = tuple(Condition(condition) for condition in conditions)
        return self._changed(excludes=(*self._definition.excludes, *more))

    def case(self, *cases: Mapping[str, Any]) -> Self:
        """Add explicit points: the base (the first value of each parameter, every seed) with these values.

        A list is several values, as in `add`, so a case may be a small grid.
        """
        more = tuple(Case(settled(case, "case")) for case in cases)
        for one in more:
            self._check_not_derived(one.parameters)
        return self._changed(cases=(*self._definition.cases, *more))

    def ablate(self, alternatives: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Self:
        """Change one parameter at a time away from a base.

        Args:
            alternatives: key to the values that are tried, each alone.
            base: what differs from the grid's own base, the first value of each parameter.
        """
        ablation = Ablation(settled(alternatives, "ablate"), settled({} if base is None else base, "ablate: base"))
        self._check_not_derived((*ablation.parameters, *ablation.base))
        if not ablation.parameters:
            raise GridError("ablate({}): name at least one parameter and the values to try.")
        if self._definition.parts and not ablation.base:
            raise GridError("a union has no values of its own to ablate from; give base=, or ablate one of its parts.")
        return self._changed(ablations=(*self._definition.ablations, ablation))

    def sample(self, n: int, seed: int = 0) -> Self:
        """Keep n settings drawn at random, each with every seed; the same draws for the same seed.

        Parameters with a distribution get a new value in each draw, the others one of their alternatives.
        """
        number = whole(n)
        if number is None or number < 1:
            raise GridError(f"sample({shown(n)}): the number of settings is a whole number from 1.")
        return self._changed(sample=Sample(number, order_seed("sample", seed)))

    def order(self, order: str, seed: int = 0) -> Self:
        """Choose in which order variants run: ``as-given`` (first-added slowest), ``seeds-outer`` or ``shuffle``."""
        return self._changed(order=check_order(order), order_seed=order_seed("order", seed))

    def override(self, key: str, vals: Any) -> Self:
        """Give a parameter other alternatives, wherever it stands; or add it."""
        key, shorthand = named(key, None)
        here = next((d for d in self._definition.block.dimensions if key in d.keys), None)
        if here is None:
            if key in self._definition.all_keys():
                raise GridError(f"{key!r} belongs to a rule of the grid and cannot be overridden from outside.")
            return self.add(key, vals, shorthand)
        if len(here.parameters) > 1:
            others = listed(one for one in here.keys if one != key)
            raise GridError(f"{key!r} moves together with {others}; override it in the grid itself.")
        old = here.parameters[0]
        new = parameter(
            key, vals, old.shorthand if shorthand is None else shorthand, old.in_name, None, old.runtime_only
        )
        dimensions = tuple(Dimension((new,)) if one is here else one for one in self._definition.block.dimensions)
        block = replace(self._definition.block, dimensions=dimensions)
        check_together(block.parameters)
        return self._changed(block=block)

    def __or__(self, other: Grid) -> Self:
        """Return the union: the variants of both, those in both once. Names tell apart what the parts do not share.

        The name is that of the first that has one, and so is the shorthand of each key; the order is as given.
        """
        if not isinstance(other, Grid):
            return NotImplemented
        union = type(self)()
        return union._changed(
            name=self._definition.name or other.definition.name,
            parts=(*_parts(self), *_parts(other)),
            default_shorthand=self._definition.default_shorthand,
        )

    def variants(self) -> list[dict[str, Any]]:
        """Return every variant as a nested dict, the first-added parameter varying slowest."""
        return list(expansion.variants(self._checked()))

    def iter_variants(self) -> Iterator[dict[str, Any]]:
        """Yield the variants one by one; the memory of a plain product stays flat."""
        return expansion.variants(self._checked())

    def named_variants(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (name, nested dict), one by one."""
        return expansion.named_variants(self._checked())

    def variant_name(self, variant: Mapping[str, Any]) -> str:
        """Return the name of a variant (nested or flat) in this grid; seeds share one."""
        if not isinstance(variant, Mapping):
            raise GridError(f"variant_name: {shown(variant)} is no variant; give one of variants().")
        return self._naming().name(variant)

    def count(self) -> int:
        """Return the number of variants; `len` says the same up to 2**63 - 1."""
        return expansion.count(self._checked())

    def __len__(self) -> int:
        number = self.count()
        if number > sys.maxsize:
            raise GridError(f"the grid has {number:,} variants, more than len() can say; use count().")
        return number

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return the index-th variant; of a plain product without expanding the others."""
        return expansion.variant_at(self._checked(), index)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.iter_variants()

    def __repr__(self) -> str:
        keys = listed(self._definition.all_keys(), 6)
        return f"<{type(self).__name__} {self._definition.name!r} over {keys or 'nothing'}>"

    def _checked(self) -> Definition:
        expansion.check(self._definition)
        return self._definition

    def _naming(self) -> Naming:
        if self._named is None or self._named[0] is not self._definition:
            self._named = (self._definition, naming(self._definition))
        return self._named[1]

    def _add_dimension(self, new: Sequence[Parameter]) -> Self:
        if self._definition.parts:
            raise GridError("a union takes no more parameters; add them to its parts before joining them.")
        check_new(new, self._definition)
        block = self._definition.block
        return self._changed(block=replace(block, dimensions=(*block.dimensions, Dimension(tuple(new)))))

    def _check_not_derived(self, new: Sequence[Parameter]) -> None:
        derived = {one.key for one in self._definition.all_derived()}
        for one in new:
            if one.key in derived:
                raise GridError(f"{one.key!r} is derived, so it cannot be given a value too; choose one.")

    def _changed(self, **changes: Any) -> Self:
        self._definition = replace(self._definition, **changes)
        return self


def _parts(grid: Grid) -> tuple[Definition, ...]:
    definition = grid.definition
    pure = replace(definition, parts=(), name="", default_shorthand=True) == Definition()
    return definition.parts if definition.parts and pure else (definition,)


def _sub_grid(given: Mapping[str, Any] | Grid) -> Block:
    if not isinstance(given, Grid):
        block = Block(tuple(Dimension((one,)) for one in parameters(given, "when")))
    else:
        block = given.definition.block
        bare = replace(given.definition, block=Block(), name="", default_shorthand=True)
        if bare != Definition():
            raise GridError("the sub-grid of when() may use add, zip and when only; put other rules on the whole grid.")
    if not block.dimensions:
        raise GridError("when() has no parameters to add; name at least one.")
    return block
