"""The exact, typed form of a value, as JSON: what identities are hashed from and `.sweep/variant.json` holds.

JSON's own types stand for themselves (``1``, ``1.0``, ``true`` and ``"1"`` are four different texts). Everything else
is an object with one key that begins with ``$``:

    {"$tuple": [...]}   {"$set": [...]}   {"$bytes": "hex"}   {"$float": "nan"}   {"$complex": ["1.0", "0.0"]}
    {"$dict": [[key, value], ...]}                    a dict whose keys are not all plain strings
    {"$array": {"dtype", "shape", "blake2b"}}         a numpy array (or scalar: shape []) by dtype and bytes
    {"$callable": "module:qualified.name"}            a function or class; "code" is added where the name is not enough
    {"$object": {"class", "state"}}                   anything else, through its own reduce protocol
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_DEPTH_LIMIT = 64


def canonical(value: Any) -> Any:
    """Return the exact form of a value (see the module's text); equal forms mean equal values of equal types.

    Raises:
        TypeError: an object can neither be taken apart nor pickled, or nests deeper than 64 levels.
    """
    return _encode(value, 0)


def canonical_text(value: Any) -> str:
    """Return the exact form as one line of JSON with sorted keys: the text that identities hash."""
    return json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


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
    return f"{_main_name() if home == '__main__' else home}:{name}"


def _main_name() -> str:
    main = sys.modules.get("__main__")
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None:
        return str(spec.name)
    return Path(file).stem if file else "__main__"


def _encode(value: Any, depth: int) -> Any:
    if depth > _DEPTH_LIMIT:
        raise TypeError(f"a value nests deeper than {_DEPTH_LIMIT} levels, or holds itself")
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    encode = _ENCODERS.get(kind)
    if encode is not None:
        return encode(value, depth + 1)
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        return _array(value, depth + 1)
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return _callable(value, depth + 1)
    return _object(value, depth + 1)


def _items(value: Any, depth: int) -> list[Any]:
    return [_encode(item, depth) for item in value]


def _set(value: Any, depth: int) -> Any:
    return {"$set": sorted(_items(value, depth), key=lambda item: json.dumps(item, sort_keys=True))}


def _dict(value: Mapping[Any, Any], depth: int) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: _encode(item, depth) for key, item in value.items()}
    pairs = [[_encode(key, depth), _encode(item, depth)] for key, item in value.items()]
    return {"$dict": sorted(pairs, key=lambda pair: json.dumps(pair, sort_keys=True))}


def _array(value: Any, depth: int) -> Any:
    if getattr(value, "dtype", None) is not None and getattr(value.dtype, "hasobject", False):
        return {
            "$array": {"dtype": "object", "shape": list(value.shape), "items": _items(value.ravel().tolist(), depth)}
        }
    data = hashlib.blake2b(value.tobytes(), digest_size=16).hexdigest()
    return {"$array": {"dtype": str(value.dtype), "shape": list(value.shape), "blake2b": data}}


def _callable(value: Any, depth: int) -> Any:
    form: dict[str, Any] = {"$callable": qualified_name(value)}
    if isinstance(value, types.FunctionType) and "<" in value.__qualname__:
        form["code"] = _code(value, depth)
    if isinstance(value, (types.MethodType, types.BuiltinFunctionType)):
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, (type, types.ModuleType)):
            form["self"] = _encode(owner, depth)
    return form


def _code(function: types.FunctionType, depth: int) -> str:
    """Tell lambdas and inner functions apart, whose qualified names do not: by bytecode, constants and closure."""
    code = function.__code__
    cells = [cell.cell_contents for cell in function.__closure__ or () if cell.cell_contents is not function]
    parts = [code.co_code.hex(), *_items(_constants(code), depth), list(code.co_names)]
    parts += [_encode(cells, depth), _encode(function.__defaults__, depth), _encode(function.__kwdefaults__, depth)]
    return digest(json.dumps(parts, sort_keys=True))


def _constants(code: types.CodeType) -> list[Any]:
    return [
        [item.co_code.hex(), *_constants(item)] if isinstance(item, types.CodeType) else item for item in code.co_consts
    ]


def _object(value: Any, depth: int) -> Any:
    """Take an object apart the way pickle does, which is what its class says its state is."""
    reduced = value.__reduce_ex__(4)
    if isinstance(reduced, str):
        return {"$object": {"class": qualified_name(type(value)), "global": reduced}}
    maker, arguments, *rest = reduced
    state = [_encode(maker, depth), _encode(list(arguments), depth)]
    state += [_encode(list(part) if hasattr(part, "__next__") else part, depth) for part in rest]
    return {"$object": {"class": qualified_name(type(value)), "state": state}}


_ENCODERS: dict[type, Callable[[Any, int], Any]] = {
    list: _items,
    tuple: lambda value, depth: {"$tuple": _items(value, depth)},
    set: _set,
    frozenset: _set,
    dict: _dict,
    bytes: lambda value, depth: {"$bytes": value.hex()},
    complex: lambda value, depth: {"$complex": [repr(value.real), repr(value.imag)]},
}
