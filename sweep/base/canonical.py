"""The exact, typed form of a value, as JSON: what identities are hashed from and `.sweep/variant.json` holds.

JSON's own types stand for themselves (``1``, ``1.0``, ``true`` and ``"1"`` are four different texts). Everything else
is an object with one key that begins with ``$``:

    {"$tuple": [...]}   {"$set": [...]}   {"$frozenset": [...]}
    {"$bytes": "hex"} (of more than 64 KiB: {"length", "blake2b"})   {"$float": "nan"}   {"$complex": ["1.0", "0.0"]}
    {"$dict": [[key, value], ...]}                    a dict whose keys are not all plain strings
    {"$array": {"dtype", "shape", "blake2b"}}         a numpy array by dtype and bytes; a scalar has its "class" too
    {"$callable": "module:qualified.name"}            a function or class; "code" or "self" is added where the name
                                                      is not enough
    {"$object": {"class", "state"}}                   anything else, through its own reduce protocol
"""

from __future__ import annotations

import copyreg
import functools
import hashlib
import json
import math
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BYTES_LIMIT = 65536
_DEPTH_LIMIT = 100
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_INT_BITS = 14_000  # a longer whole number cannot be written in decimal (sys.get_int_max_str_digits)

# The objects that are being taken apart, outermost first, by id: how deep, and whether one holds itself.
_Above = tuple[int, ...]


def canonical(value: Any, room: int = 0) -> Any:
    """Return the exact form of a value (see the module's text); equal forms mean equal values of equal types.

    Args:
        room: how many levels must still fit around it, under the limit of 100.

    Raises:
        TypeError: an object can neither be taken apart nor pickled, holds itself, or nests too deep.
    """
    return _encode(value, (0,) * room)


def canonical_text(value: Any, room: int = 0) -> str:
    """Return the exact form as one line of JSON with sorted keys: the text that identities hash."""
    return _JSON.encode(canonical(value, room))


def digest(text: str, size: int = 16) -> str:
    """Return a hexadecimal blake2b digest of `size` bytes."""
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def qualified_name(function: Any, module: bool = True) -> str:
    """Return ``module:qualified.name`` of a function or class.

    ``__main__`` is replaced by the script's own name, so that running a script and importing it agree.
    """
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", type(function).__name__)
    if not module:
        return str(name)
    home = getattr(function, "__module__", None) or "builtins"
    return f"{main_name() if home == '__main__' else home}:{name}"


def main_name() -> str:
    """Return what the module that Python was started with is called in exact forms."""
    main = sys.modules.get("__main__")
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None:
        return str(spec.name)
    return Path(file).stem if file else "__main__"


def _encode(value: Any, above: _Above) -> Any:
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return _whole(value)
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if id(value) in above or len(above) > _DEPTH_LIMIT:
        raise TypeError(f"a value holds itself, or nests deeper than {_DEPTH_LIMIT} levels")
    return _encoder(value)(value, (*above, id(value)))


def _encoder(value: Any) -> Callable[[Any, _Above], Any]:
    encode = _ENCODERS.get(type(value))
    if encode is not None:
        return encode
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return _callable
    if type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "tobytes"):
        return _array
    return _object


def _whole(value: int) -> int:
    if value.bit_length() > _INT_BITS:
        raise TypeError(f"a whole number of {value.bit_length()} bits is too long to be written down")
    return value


def _bytes(value: bytes, above: _Above) -> Any:
    if len(value) <= BYTES_LIMIT:
        return {"$bytes": value.hex()}
    return {"$bytes": {"length": len(value), "blake2b": hashlib.blake2b(value, digest_size=16).hexdigest()}}


def _items(value: Any, above: _Above) -> list[Any]:
    return [_encode(item, above) for item in value]


def _sorted(forms: list[Any]) -> list[Any]:
    return sorted(forms, key=lambda form: json.dumps(form, sort_keys=True))


def _dict(value: Mapping[Any, Any], above: _Above) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: _encode(item, above) for key, item in value.items()}
    return {"$dict": _sorted([[_encode(key, above), _encode(item, above)] for key, item in value.items()])}


def _array(value: Any, above: _Above) -> Any:
    form: dict[str, Any] = {"dtype": str(value.dtype), "shape": list(value.shape)}
    if type(value).__name__ != "ndarray":
        form["class"] = type(value).__name__
    if value.dtype.hasobject:
        form["items"] = _items(value.ravel().tolist(), above)
    else:
        form["blake2b"] = hashlib.blake2b(value.tobytes(), digest_size=16).hexdigest()
    return {"$array": form}


def _callable(value: Any, above: _Above) -> Any:
    form: dict[str, Any] = {"$callable": qualified_name(value)}
    if isinstance(value, types.FunctionType) and "<" in value.__qualname__:
        form["code"] = _code(value, above)
    if isinstance(value, (types.MethodType, types.BuiltinFunctionType)):
        # The class of an inherited class method is in `__self__` alone.
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            form["self"] = _encode(owner, above)
    return form


def _code(function: types.FunctionType, above: _Above) -> str:
    """Tell lambdas and inner functions apart, whose qualified names do not: by bytecode, constants and closure."""
    parts = [_encode(_code_parts(function.__code__), above), _encode(closed_over(function), above)]
    parts += [_encode(function.__defaults__, above), _encode(function.__kwdefaults__, above)]
    return digest(json.dumps(parts, sort_keys=True))


def closed_over(function: types.FunctionType) -> list[Any]:
    """Return the values that a function has from the functions around it; None for itself and for unset ones."""
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(None if cell.cell_contents is function else cell.cell_contents)
        except ValueError:  # a variable that is not set yet
            contents.append(None)
    return contents


def _code_parts(code: types.CodeType) -> list[Any]:
    inner = [_code_parts(item) if isinstance(item, types.CodeType) else item for item in code.co_consts]
    return [code.co_code, inner, code.co_names]


def _object(value: Any, above: _Above) -> Any:
    """Take an object apart the way pickle does, which is what its class says its state is."""
    form: dict[str, Any] = {"class": qualified_name(type(value))}
    reduced = _reduced(value)
    if isinstance(reduced, str):
        return {"$object": {**form, "global": reduced}}
    maker, arguments, *rest = reduced
    state = [_encode(maker, above), _encode(list(arguments), above)]
    state += [_encode(list(part) if hasattr(part, "__next__") else part, above) for part in rest]
    return {"$object": {**form, "state": state}}


def _reduced(value: Any) -> Any:
    reduce = copyreg.dispatch_table.get(type(value))
    try:
        reduced = reduce(value) if reduce else value.__reduce_ex__(4)
        return _without_empty(reduced) if isinstance(value, functools.partial) else reduced
    except Exception as error:  # whatever a class's own reduce protocol raises
        raise TypeError(f"{type(value).__name__} cannot be taken apart: {type(error).__name__}: {error}") from error


def _without_empty(reduced: Any) -> Any:
    """Take a partial's empty attributes for none: asking for those of one without any gives it some."""
    maker, arguments, (*parts, attributes), *rest = reduced
    return (maker, arguments, (*parts, attributes or None), *rest)


_ENCODERS: dict[type, Callable[[Any, _Above], Any]] = {
    list: _items,
    tuple: lambda value, above: {"$tuple": _items(value, above)},
    set: lambda value, above: {"$set": _sorted(_items(value, above))},
    frozenset: lambda value, above: {"$frozenset": _sorted(_items(value, above))},
    dict: _dict,
    bytes: _bytes,
    complex: lambda value, above: {"$complex": [repr(value.real), repr(value.imag)]},
}
