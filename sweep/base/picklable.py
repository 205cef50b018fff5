"""Whether a value can be sent to another process, and if not, which part of it is to blame."""

from __future__ import annotations

import functools
import pickle
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from sweep.base.canonical import qualified_name
from sweep.base.text import printable, shorten

# So deep, and among so many parts of one value, is looked for what is to blame.
_DEPTH, _PARTS = 12, 1000


def fault(what: str, value: Any) -> str:
    """Return why a value cannot be sent to another process, '' if it can.

    Args:
        what: the value is, for the message: ``the argument 'env'``.

    Returns:
        one clause that names the innermost part to blame: ``the argument 'env' (Env): its attribute 'lock'
        (_thread.lock) cannot be sent to another process: cannot pickle '_thread.lock' object``.
    """
    error = _error(value)
    if error is None:
        return ""
    names: list[str] = []
    part, deepest = value, error
    seen = {id(value)}
    while len(names) < _DEPTH and (found := _culprit(part, seen)):
        name, part, deepest = found
        names.append(f"its {name}")
        seen.add(id(part))
    where = f": {', '.join(names)} ({_type(part)})" if names else ""
    head = f"{what}{'' if isinstance(value, types.FunctionType) else f' ({_type(value)})'}"
    reason = printable(shorten(str(deepest) or type(deepest).__name__, 300))
    return f"{head}{where} cannot be sent to another process: {reason}"


def _error(value: Any) -> Exception | None:
    import cloudpickle

    try:
        cloudpickle.dump(value, _Nowhere(), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # pickle raises whatever an object's own methods raise
        return error
    return None


class _Nowhere:
    """A file that forgets what is written to it."""

    def write(self, data: Any) -> int:
        return memoryview(data).nbytes


def _culprit(value: Any, seen: set[int]) -> tuple[str, Any, Exception] | None:
    """Return the first part of a value that cannot be sent by itself."""
    for number, (name, part) in enumerate(_parts(value)):
        if number >= _PARTS:
            return None
        if id(part) not in seen and (error := _error(part)) is not None:
            return name, part, error
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value is made of, with what each part is called in it."""
    if isinstance(value, Mapping):
        yield from ((f"item {shorten(repr(key), 60)}", item) for key, item in value.items())
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from ((f"item {number}", item) for number, item in enumerate(value))
    elif isinstance(value, functools.partial):
        yield "function", value.func
        yield from ((f"argument {number}", item) for number, item in enumerate(value.args))
        yield from ((f"argument {key!r}", item) for key, item in value.keywords.items())
    elif isinstance(value, types.MethodType):
        yield "object", value.__self__
    elif isinstance(value, types.FunctionType):
        yield from _of_function(value)
    elif not isinstance(value, type):
        yield from ((f"attribute {name!r}", item) for name, item in _attributes(value))


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    yield from dict(getattr(value, "__dict__", {})).items()
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)


def _of_function(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield f"variable {name!r}", cell.cell_contents
        except ValueError:  # a variable that is not set yet
            continue
    taken = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    yield from ((f"default of {name!r}", item) for name, item in zip(taken[::-1], defaults[::-1], strict=False))
    yield from ((f"default of {name!r}", item) for name, item in (function.__kwdefaults__ or {}).items())
    names = (name for name in function.__code__.co_names if name in function.__globals__)
    yield from ((f"global {name!r}", function.__globals__[name]) for name in names)


def _type(value: Any) -> str:
    """Return the name of a value's type, with the module where that is one of Python's own."""
    kind = type(value)
    plain = kind.__module__ == "builtins" or kind.__module__.partition(".")[0] not in sys.stdlib_module_names
    return qualified_name(kind, module=False) if plain else f"{kind.__module__}.{kind.__qualname__}"
