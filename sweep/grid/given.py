"""What the methods of a grid are given, as parameters and blocks; and whether these fit what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError, listed
from sweep.base.text import shown
from sweep.grid.definition import Definition, Dimension
from sweep.grid.distributions import whole
from sweep.grid.nesting import SEPARATOR, check_nests
from sweep.grid.parameter import Parameter, check_key, check_shown, parameter, split_shorthand


def named(key: str, given: str | None) -> tuple[str, str | None]:
    """Return a key without its brackets, and the shorthand, which stands in them or beside the key."""
    if not isinstance(key, str):
        check_key(key)
    key, shorthand = split_shorthand(key)
    check_key(key)
    check_shown(key, given, False)
    if shorthand is not None and given is not None:
        raise GridError(f"{key!r} has two shorthands, [{shorthand}] and {given!r}; keep one.")
    return key, shorthand if given is None else given


def one_parameter(
    key: str,
    vals: Any,
    shorthand: str | None = None,
    in_name: bool = False,
    labels: Any = None,
    runtime_only: bool = False,
    repeats: bool = False,
) -> Parameter:
    """Return the parameter of a key that may have its shorthand in brackets; arguments as in `parameter`."""
    key, shorthand = named(key, shorthand)
    return parameter(key, vals, shorthand, in_name, labels, runtime_only, repeats=repeats)


def mapping(values: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise GridError(f"{where}: {shown(values)} is no mapping of keys to values.")
    return values


def parameters(values: Any, where: str) -> tuple[Parameter, ...]:
    """Return the parameters of a mapping.

    Raises:
        GridError: no mapping, a parameter is wrong, one comes twice, or has no values yet.
    """
    found = tuple(one_parameter(key, vals) for key, vals in mapping(values, where).items())
    check_together(found)
    return found


def settled(values: Any, where: str) -> tuple[Parameter, ...]:
    """Return the parameters of a mapping, none of which waits for `sample`."""
    found = parameters(values, where)
    for one in found:
        if one.drawn_later:
            raise GridError(f"{where}: {one.key!r} is a distribution; give values, or n= in the distribution.")
    return found


def zipped(columns: Any, shorthands: Any, in_name: bool) -> tuple[Parameter, ...]:
    """Return the parameters of a `zip`; a value may come twice in a column, a row may not.

    Raises:
        GridError
    """
    columns = mapping(columns, "zip")
    shorthands = mapping({} if shorthands is None else shorthands, "zip: shorthand")
    unknown = [key for key in shorthands if key not in columns]
    if unknown:
        raise GridError(f"zip: a shorthand for {shown(unknown[0])}, which is not one of {listed(columns)}.")
    together = tuple(
        one_parameter(key, vals, shorthands.get(key), in_name, repeats=True) for key, vals in columns.items()
    )
    lengths = {one.key: len(one.values) for one in together}
    if not together or len(set(lengths.values())) > 1 or any(one.drawn_later for one in together):
        raise GridError(f"zip needs lists of one length; these have {shown(lengths)}.")
    check_together(together)
    _check_rows(Dimension(together))
    return together


def _check_rows(dimension: Dimension) -> None:
    seen: set[str] = set()
    for row in dimension.rows:
        pairs = dict(dimension.items(row))
        form = canonical_text(pairs)
        if form in seen:
            raise GridError(f"zip has the row {shown(pairs)} twice; remove the repetition.")
        seen.add(form)


def check_new(new: Iterable[Parameter], definition: Definition) -> None:
    """Refuse a key that is there already, or that would be a value and hold sub-keys at once.

    Raises:
        GridError
    """
    conditional = {one.key for when in definition.block.whens for one in when.block.all_parameters()}
    for one in new:
        _check_not_derived(one, definition)
        if one.key in conditional:
            raise GridError(f"{one.key!r} is added under a condition already; a parameter is added once.")
        for old in definition.block.parameters:
            _check_pair(old, one)


def check_conditional(new: Iterable[Parameter], definition: Definition) -> None:
    """Refuse a key under a condition that every variant has anyway; whether it can nest is judged point by point.

    Raises:
        GridError
    """
    own = {one.key for one in definition.block.parameters}
    for one in new:
        _check_not_derived(one, definition)
        if one.key in own:
            raise GridError(f"{one.key!r} is already in the grid, so it cannot depend on a condition too.")


def _check_not_derived(new: Parameter, definition: Definition) -> None:
    if new.key in {one.key for one in definition.all_derived()}:
        raise GridError(f"{new.key!r} is derived already; a parameter needs a key of its own.")


def check_together(several: Iterable[Parameter]) -> None:
    """Refuse parameters that cannot stand beside one another."""
    for one, other in combinations(several, 2):
        _check_pair(one, other)


def _check_pair(one: Parameter, other: Parameter) -> None:
    if one.key == other.key:
        raise GridError(f"{one.key!r} is added twice; give all its alternatives in one add().")
    for outer, inner in ((one, other), (other, one)):
        if inner.key.startswith(outer.key + SEPARATOR):
            for value in outer.values:
                check_nests(outer.key, value, inner.key)


def order_seed(where: str, seed: Any) -> int:
    """Return the seed of a draw or a shuffle.

    Raises:
        GridError: no whole number.
    """
    number = whole(seed)
    if number is None:
        raise GridError(f"{where}: seed={shown(seed)} is not a whole number.")
    return number
