"""The identity of a variant: what a finished run is found by, whatever its directory is called."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from sweep.base.canonical import canonical_text, digest, qualified_name
from sweep.grid.nesting import SEPARATOR

_VERSION = 1


def thunk_name(thunk: Any) -> str:
    """Return the qualified name of a thunk, without its module: a script and an import of it agree.

    A `functools.partial` is its function and what it fixes.
    """
    if isinstance(thunk, functools.partial):
        return f"partial({thunk_name(thunk.func)}, {canonical_text([list(thunk.args), thunk.keywords])})"
    return qualified_name(thunk, module=False)


def identity(thunk: Any, variant: Mapping[str, Any], ignored: Iterable[str] = ()) -> str:
    """Return 32 hexadecimal digits that stand for a thunk with a configuration, the seed included.

    Args:
        thunk: the function; its qualified name counts, its module and its code do not.
        variant: the nested configuration; every value counts with its type.
        ignored: colon keys that do not count (runtime-only ones).
    """
    counted = without(variant, ignored)
    return digest(canonical_text([_VERSION, thunk_name(thunk), counted]))


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
