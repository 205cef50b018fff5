"""The identity of a variant: what a finished run is found by, whatever its directory is called."""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Iterable, Mapping
from typing import Any

from sweep.base.canonical import canonical_text, closed_over, digest, qualified_name
from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.nesting import SEPARATOR

_VERSION = 1


def thunk_name(thunk: Any) -> str:
    """Return the qualified name of a thunk, without its module: a script and an import of it agree.

    A `functools.partial` is its function and what it fixes; a bound method or an object that can be called is its
    name and the exact form of the object; an inner function its name and what it closes over. A lambda, which has no
    name of its own, counts with its code.

    Raises:
        GridError: the object cannot be taken apart.
    """
    if isinstance(thunk, functools.partial):
        return f"partial({thunk_name(thunk.func)}, {_form(thunk, [list(thunk.args), thunk.keywords])})"
    name = qualified_name(thunk, module=False)
    if isinstance(thunk, types.FunctionType) and thunk.__name__ == "<lambda>":
        return f"{name}({_form(thunk, thunk)})"
    if isinstance(thunk, types.FunctionType) and (values := closed_over(thunk)):
        return f"{name}({_form(thunk, values)})"
    if isinstance(thunk, types.MethodType):
        return f"{name}({_form(thunk, thunk.__self__)})"
    known = isinstance(thunk, (type, types.FunctionType, types.BuiltinFunctionType))
    return name if known or hasattr(thunk, "__qualname__") else f"{name}({_form(thunk, thunk)})"


def describe(thunk: Any) -> str:
    """Return a thunk for a record: ``module:name`` of a function, else what tells it from others, cut to 200."""
    if isinstance(thunk, (type, types.FunctionType, types.BuiltinFunctionType)):
        return qualified_name(thunk)
    return thunk_name(thunk)[:200]


def _form(thunk: Any, state: Any) -> str:
    try:
        return canonical_text(state)
    except Exception as error:  # whatever an object's own reduce protocol raises
        raise GridError(
            f"{shown(thunk)} cannot be told from another: {error}. Give a function of a module instead."
        ) from error


def identity(thunk: Any, variant: Mapping[str, Any], ignored: Iterable[str] = (), origin: str = "") -> str:
    """Return 32 hexadecimal digits that stand for a thunk with a configuration, the seed included.

    Args:
        thunk: the function; its qualified name counts, its module and its code do not (see `thunk_name`).
        variant: the nested configuration; every value counts with its type.
        ignored: colon keys that do not count (runtime-only and extendable ones).
        origin: what a fork begins from; a fork is another run than one from nothing.

    Raises:
        GridError: a value cannot be taken apart.
    """
    counted = without(variant, ignored)
    try:
        text = canonical_text([_VERSION, thunk_name(thunk), counted, *_of(origin)])
    except TypeError as error:
        raise GridError(f"the configuration {shown(dict(variant))} cannot be saved: {error}.") from error
    return digest(text)


def recorded_identity(name: str, config: Mapping[str, Any], ignored: Iterable[str] = (), origin: str = "") -> str:
    """Return the identity that a recorded configuration has, if other keys do not count than when it was recorded.

    Args:
        name: of the thunk, without its module.
        config: in its exact form.
    """
    form = [_VERSION, name, without(config, ignored), *_of(origin)]
    return digest(json.dumps(form, sort_keys=True, separators=(",", ":"), allow_nan=False))


def _of(origin: str) -> list[str]:
    return [origin] if origin else []


def without(variant: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return a nested dict without some colon keys."""
    kept = dict(variant)
    for key in keys:
        first, _, rest = key.partition(SEPARATOR)
        if first not in kept or (rest and not isinstance(kept[first], Mapping)):
            continue
        inner = kept.pop(first)
        if rest and (left := without(inner, [rest])):
            kept[first] = left
    return kept
