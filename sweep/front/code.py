"""A digest of a thunk's code, by which a plan says that a run was made by other code than there is now."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from typing import Any

from sweep.base.canonical import canonical_text, closed_over, digest


def code_digest(thunk: Any) -> str:
    """Return a digest of what a thunk does: bytecode, constants, names and defaults, not comments or line numbers.

    The code of inner functions, and of functions that it closes over (so of what a decorator wraps), counts; of
    functions that it calls, it does not. It is the same in every process of one version of Python, which stands in
    front of it. A thunk without such code (a builtin) has ''.
    """
    parts = _parts(thunk, ())
    if not parts:
        return ""
    try:
        return f"{sys.implementation.cache_tag}:{digest(canonical_text(parts))}"
    except TypeError:  # a constant that cannot be written down
        return ""


def code_changed(recorded: str, now: str) -> bool:
    """Say whether two digests are known to be of different code; those of two versions of Python tell nothing."""
    return recorded.partition(":")[0] == now.partition(":")[0] != "" and recorded != now


def _parts(thunk: Any, above: tuple[int, ...]) -> list[Any]:
    function = _function(thunk)
    if function is None or id(function) in above:
        return []
    inner = [_parts(value, (*above, id(function))) for value in closed_over(function)]
    return [_code_parts(function.__code__, function.__doc__), _defaults(function), inner]


def _function(thunk: Any) -> types.FunctionType | None:
    """Return the Python function behind a thunk, if there is one."""
    if isinstance(thunk, functools.partial):
        return _function(thunk.func)
    if isinstance(thunk, types.FunctionType):
        return thunk
    maker = "__init__" if inspect.isclass(thunk) else "__call__"
    found = thunk if inspect.ismethod(thunk) else getattr(thunk if inspect.isclass(thunk) else type(thunk), maker, None)
    found = getattr(found, "__func__", found)
    return found if isinstance(found, types.FunctionType) else None


def _code_parts(code: types.CodeType, doc: str | None = None) -> list[Any]:
    constants = list(code.co_consts)
    if doc is not None and constants and constants[0] == doc:
        constants[0] = None  # a docstring is for people
    inner = [_code_parts(item) if isinstance(item, types.CodeType) else item for item in constants]
    return [code.co_code, inner, code.co_names]


def _defaults(function: types.FunctionType) -> list[str]:
    """Return the defaults that are plain values; of others their type, as an address would change every time."""
    given = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items()]
    return [_plain(value) for value in given]


def _plain(value: Any) -> str:
    try:
        return canonical_text(value)
    except TypeError:
        return type(value).__qualname__
