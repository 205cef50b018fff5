"""The grid that a person writes: each method says one thing about it and returns the grid.

It can be expanded, named and shown, but starts nothing: `ExperimentGrid` in `sweep.experiment` adds `run`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from sweep.base.errors import GridError, listed
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
from sweep.grid.expression import Expression
from sweep.grid.naming import check_grid_name, naming
from sweep.grid.nesting import SEPARATOR
from sweep.grid.parameter import SEED, Parameter, check_key, parameter, split_shorthand


class Grid:
    """Parameters with their alternatives, and rules about which combinations are wanted.

    Args:
        name: begins every variant's name.
        default_shorthand: whether a key without a shorthand gets an automatic one.
    """

    def __init__(self, name: str = "", default_shorthand: bool = True) -> None:
        self._definition = Definition(check_grid_name(name), default_shorthand=default_shorthand)

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
        return self._add_dimension([_given(key, vals, shorthand, in_name, labels, runtime_only)])

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
        shorthand = dict(shorthand or {})
        unknown = [key for key in shorthand if key not in columns]
        if unknown:
            raise GridError(f"zip: a shorthand for {unknown[0]!r}, which is not one of {listed(columns)}.")
        together = [_given(key, vals, shorthand.get(key), in_name) for key, vals in columns.items()]
        lengths = {one.key: len(one.values) for one in together}
        if not together or len(set(lengths.values())) > 1 or any(one.drawn_later for one in together):
            raise GridError(f"zip needs lists of one length; these have {lengths!r}.")
        return self._add_dimension(together)

    def when(self, condition: Rule, parameters: Mapping[str, Any] | Grid) -> Self:
        """Add a sub-grid that only variants under a condition get; it varies faster than all others.

        Args:
            condition: a mapping ``{key: value or list of values}``, an expression, or a function of the nested
                variant; it sees what was decided before it.
            parameters: key to alternatives, or a grid made with `add`, `zip` and `when`.
        """
        block = _block(parameters)
        own = {one.key for one in self._definition.block.parameters}
        for one in block.all_parameters():
            if one.key in own:
                raise GridError(f"{one.key!r} is already in the grid, so it cannot depend on a condition too.")
        whens = (*self._definition.block.whens, When(Condition(condition), block))
        return self._set_block(replace(self._definition.block, whens=whens))

    def derive(self, key: str, rule: Any, shorthand: str | None = None, in_name: bool = False) -> Self:
        """Compute a value from the others: an expression such as ``"epochs * 4000"``, or a function of the variant."""
        check_key(key)
        if key in self._definition.all_keys() or key == SEED:
            raise GridError(f"{key!r} is already a parameter; a derived value needs a key of its own.")
        if isinstance(rule, str):
            check_paths(Expression(rule).paths, self._definition.all_keys(), f"derive({key!r}, {rule!r})")
        elif not callable(rule):
            raise GridError(f"derive({key!r}): {rule!r} is neither an expression nor a function of the variant.")
        return self._changed(derived=(*self._definition.derived, Derived(key, rule, shorthand, in_name)))

    def exclude(self, *conditions: Rule) -> Self:
        """Leave out the variants of which one of the conditions holds (as in `when`)."""
        more = tuple(Condition(condition) for condition in conditions)
        return self._changed(excludes=(*self._definition.excludes, *more))

    def case(self, *cases: Mapping[str, Any]) -> Self:
        """Add explicit points: the base (the first value of each parameter, every seed) with these values.

        A list is several values, as in `add`, so a case may be a small grid.
        """
        more = tuple(Case(_parameters(case)) for case in cases)
        return self._changed(cases=(*self._definition.cases, *more))

    def ablate(self, alternatives: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Self:
        """Change one parameter at a time away from a base.

        Args:
            alternatives: key to the values that are tried, each alone.
            base: what differs from the grid's own base, the first value of each parameter.
        """
        ablation = Ablation(_parameters(alternatives), _parameters(base or {}))
        return self._changed(ablations=(*self._definition.ablations, ablation))

    def sample(self, n: int, seed: int = 0) -> Self:
        """Keep n settings drawn at random, each with every seed; the same draws for the same seed.

        Parameters with a distribution get a new value in each draw, the others one of their alternatives.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise GridError(f"sample({n!r}): the number of settings is a whole number from 1.")
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise GridError(f"sample: seed={seed!r} is not a whole number.")
        return self._changed(sample=Sample(n, seed))

    def order(self, order: str, seed: int = 0) -> Self:
        """Choose in which order variants run: ``as-given`` (first-added slowest), ``seeds-outer`` or ``shuffle``."""
        return self._changed(order=check_order(order), order_seed=seed)

    def override(self, key: str, vals: Any) -> Self:
        """Give a parameter other alternatives, wherever it stands; or add it."""
        key, shorthand = split_shorthand(key)
        here = next((d for d in self._definition.block.dimensions if key in d.keys), None)
        if here is None:
            if key in self._definition.all_keys():
                raise GridError(f"{key!r} belongs to a rule of the grid and cannot be overridden from outside.")
            return self.add(key, vals, shorthand)
        old = next(one for one in here.parameters if one.key == key)
        new = parameter(key, vals, shorthand or old.shorthand, old.in_name, None, old.runtime_only)
        if len(here.parameters) > 1:
            raise GridError(
                f"{key!r} moves together with {listed(set(here.keys) - {key})}; override it in the grid itself."
            )
        dimensions = tuple(Dimension((new,)) if one is here else one for one in self._definition.block.dimensions)
        return self._set_block(replace(self._definition.block, dimensions=dimensions))

    def __or__(self, other: Grid) -> Self:
        """Return the union: the variants of both, those in both once. Names tell apart what the parts do not share."""
        if not isinstance(other, Grid):
            return NotImplemented
        union = type(self)()
        return union._changed(
            name=self._definition.name,
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
        return naming(self._definition).name(variant)

    def count(self) -> int:
        """Return the number of variants; `len` says the same up to 2**63 - 1."""
        return expansion.count(self._checked())

    def __len__(self) -> int:
        return self.count()

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

    def _add_dimension(self, parameters: Sequence[Parameter]) -> Self:
        if self._definition.parts:
            raise GridError("a union takes no more parameters; add them to its parts before joining them.")
        for one in parameters:
            _check_new(one, self._definition)
        block = self._definition.block
        return self._set_block(replace(block, dimensions=(*block.dimensions, Dimension(tuple(parameters)))))

    def _set_block(self, block: Block) -> Self:
        return self._changed(block=block)

    def _changed(self, **changes: Any) -> Self:
        self._definition = replace(self._definition, **changes)
        return self


def _parts(grid: Grid) -> tuple[Definition, ...]:
    definition = grid.definition
    pure = replace(definition, parts=(), name="", default_shorthand=True) == Definition()
    return definition.parts if definition.parts and pure else (definition,)


def _given(key: str, vals: Any, *rest: Any) -> Parameter:
    given, *others = rest or (None,)
    key, shorthand = _named(key, given)
    return parameter(key, vals, shorthand, *others)


def _named(key: str, given: str | None) -> tuple[str, str | None]:
    """Return a key without its brackets, and the shorthand, which stands in them or beside the key."""
    if not isinstance(key, str):
        check_key(key)
    key, shorthand = split_shorthand(key)
    if shorthand is not None and given is not None:
        raise GridError(f"{key!r} has two shorthands, [{shorthand}] and {given!r}; keep one.")
    return key, shorthand if given is None else given


def _parameters(values: Mapping[str, Any]) -> tuple[Parameter, ...]:
    if not isinstance(values, Mapping):
        raise GridError(f"{values!r} is no mapping of keys to values.")
    return tuple(_given(key, vals) for key, vals in values.items())


def _block(parameters: Mapping[str, Any] | Grid) -> Block:
    if not isinstance(parameters, Grid):
        return Block(tuple(Dimension((one,)) for one in _parameters(parameters)))
    bare = replace(parameters.definition, block=Block(), name="", default_shorthand=True)
    if bare != Definition():
        raise GridError("the sub-grid of when() may use add, zip and when only; put other rules on the whole grid.")
    return parameters.definition.block


def _check_new(new: Parameter, definition: Definition) -> None:
    """Refuse a key that is there already, or that would be a value and hold sub-keys at once."""
    for old in definition.block.all_parameters():
        if old.key == new.key:
            raise GridError(f"{new.key!r} is added twice; give all its alternatives in one add().")
        for outer, inner in ((old, new), (new, old)):
            if inner.key.startswith(outer.key + SEPARATOR):
                _check_holds(outer, inner.key[len(outer.key) + 1 :])
    if new.key in {one.key for one in definition.all_derived()}:
        raise GridError(f"{new.key!r} is derived already; a parameter needs a key of its own.")


def _check_holds(outer: Parameter, path: str) -> None:
    for value in outer.values:
        if not isinstance(value, Mapping):
            raise GridError(
                f"{outer.key!r} has the value {value!r}, so {outer.key + SEPARATOR + path!r} cannot be nested in it; "
                "use a dict as the value, or other keys."
            )
        if path.split(SEPARATOR)[0] in value and SEPARATOR not in path:
            raise GridError(f"{outer.key!r} already holds {path!r} in its dict value; give it once.")
