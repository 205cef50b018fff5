"""From the exact form of a value (see `sweep.base.canonical`) back to the value, or to why that cannot be.

Nothing is unpickled and nothing evaluated. A name is imported, an object of a few well-known kinds is made from its
parts, and what has come out is written down again: only if that is the very form it was made from does it count.
"""

from __future__ import annotations

import base64
import enum
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sweep.base.canonical import BYTES_LIMIT, canonical
from sweep.base.errors import SweepError
from sweep.base.importing import import_object
from sweep.base.text import shorten

# Bytes of arrays and texts that are kept beside one configuration, in all.
_DATA_LIMIT = 2**20
# Classes of Python's own that are called with what their reduce protocol says.
_MAKERS = frozenset({
    "builtins:range", "builtins:slice", "builtins:bytearray", "builtins:complex", "collections:OrderedDict",
    "datetime:date", "datetime:datetime", "datetime:time", "datetime:timedelta", "decimal:Decimal",
    "fractions:Fraction", "pathlib:Path", "pathlib:PosixPath", "pathlib:PurePath", "pathlib:PurePosixPath",
    "pathlib._local:PosixPath", "pathlib._local:PurePosixPath",
})  # fmt: skip
_NEW, _PARTIAL, _ATTRIBUTE = "copyreg:__newobj__", "functools:partial", "builtins:getattr"

Data = Mapping[str, str]


class NotExact(SweepError):
    """A value cannot be made again from its form; the message says why."""


def kept_data(value: Any) -> dict[str, str]:
    """Return the bytes that the exact form of a configuration has only the digest of: digest to base64.

    Those of arrays, numpy's scalars and long bytes, in dicts, lists and tuples, as far as 1 MiB goes.
    """
    found: dict[str, str] = {}
    room = _DATA_LIMIT
    for data in _bytes_in(value, 0):
        if len(data) <= room:
            found[_digest(data)] = base64.b64encode(data).decode()
            room -= len(data)
    return found


def _bytes_in(value: Any, depth: int) -> Iterator[bytes]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)) and depth < 50:
        for item in value:
            yield from _bytes_in(item, depth + 1)
    elif isinstance(value, bytes) and len(value) > BYTES_LIMIT:
        yield value
    elif type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "tobytes"):
        yield from [] if value.dtype.hasobject or value.nbytes > _DATA_LIMIT else [value.tobytes()]


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def inexact(form: Any, data: Data, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (colon key, why) of every value that cannot be made again from its form; nothing is imported."""
    if isinstance(form, list):
        for item in form:
            yield from inexact(item, data, path)
    elif isinstance(form, Mapping):
        tag = _tag(form)
        why = "" if tag is None else _why_not(tag, form[tag], form, data)
        if why:
            yield path, why
        elif tag is None:
            for key, item in form.items():
                yield from inexact(item, data, f"{path}:{key}" if path else str(key))
        elif tag not in ("$float", "$bytes", "$complex", "$array", "$callable"):
            inner = form[tag] if tag != "$object" else form[tag].get("state", [])
            yield from inexact(inner, data, path)


def _tag(form: Mapping[str, Any]) -> str | None:
    return next((key for key in form if key.startswith("$")), None)


def _why_not(tag: str, body: Any, form: Mapping[str, Any], data: Data) -> str:
    if tag == "$callable":
        made_inside = "<" in str(body)
        return f"no name leads to {body}: it is a lambda, or was made inside a function" if made_inside else ""
    if tag == "$bytes" and isinstance(body, Mapping):
        return "" if body["blake2b"] in data else f"of {body['length']} bytes only a digest is kept"
    if tag == "$array" and body.get("blake2b") not in data:
        return f"of an array of {body['dtype']}, shape {tuple(body['shape'])}, only a digest is kept"
    return _why_no_object(body) if tag == "$object" else ""


def _why_no_object(body: Mapping[str, Any]) -> str:
    kind = body.get("class", "")
    if "global" in body:
        return ""
    parts = body.get("state") or [None]
    maker = _name_of(parts[0])
    if maker == _NEW and "<" not in kind and not any(parts[3:]):
        return ""
    return "" if maker in _MAKERS or maker in (_PARTIAL, _ATTRIBUTE, kind) else f"an object of {kind} cannot be made"


def _name_of(form: Any) -> str:
    return str(form["$callable"]) if isinstance(form, Mapping) and set(form) == {"$callable"} else ""


def value_of(form: Any, data: Data) -> Any:
    """Return the value that a form is that of; names in it are imported.

    Raises:
        NotExact: it cannot be made, or what was made is something else.
    """
    try:
        value = _made(form, data)
        same = canonical(value) == form
    except NotExact:
        raise
    except SweepError as error:
        raise NotExact(str(error)) from error
    except Exception as error:  # a form that somebody has changed, a class that is another one now
        raise NotExact(f"{form_text(form)} cannot be made: {type(error).__name__}: {error}") from error
    if not same:
        raise NotExact(f"{form_text(form)} is something else now: {form_text(canonical(value))}")
    return value


def values_of(config: Mapping[str, Any], data: Data) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a configuration's keys, and of those keys that cannot be had, why."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, form in config.items():
        if bad := dict(inexact(form, data, key)):
            wrong.update(bad)
            continue
        try:
            values[key] = value_of(form, data)
        except NotExact as error:
            wrong[key] = str(error)
    return values, wrong


def _made(form: Any, data: Data) -> Any:
    if isinstance(form, list):
        return [_made(item, data) for item in form]
    if not isinstance(form, Mapping):
        return form
    tag = _tag(form)
    if tag is None:
        return {key: _made(item, data) for key, item in form.items()}
    if tag not in _FORMS:
        raise NotExact(f"{tag!r} is no form that this version knows")
    why = _why_not(tag, form[tag], form, data)
    if why:
        raise NotExact(why)
    return _FORMS[tag](form[tag], data)


def _pairs(body: Any, data: Data) -> dict[Any, Any]:
    return {_made(key, data): _made(item, data) for key, item in body}


def _bytes(body: Any, data: Data) -> bytes:
    return base64.b64decode(data[body["blake2b"]]) if isinstance(body, Mapping) else bytes.fromhex(body)


def _array(body: Any, data: Data) -> Any:
    import numpy as np

    flat = np.frombuffer(base64.b64decode(data[body["blake2b"]]), dtype=np.dtype(body["dtype"]))
    array = flat.reshape(body["shape"])
    return array[()] if "class" in body else array.copy()


def _object(body: Any, data: Data) -> Any:
    if "global" in body:
        return import_object(f"{body['class'].partition(':')[0]}:{body['global']}")
    maker_form, *parts = body["state"]
    maker = _name_of(maker_form)
    if maker == _NEW:
        return _blank(body["class"], [_made(part, data) for part in parts])
    if maker == _PARTIAL:
        return _partial(_made(parts[1], data))
    if maker == _ATTRIBUTE:  # a member of an enumeration, as some versions of Python have it
        kind, name = (_made(part, data) for part in parts[0])
        return _enumeration(kind)[name]
    arguments = _made(parts[0], data)
    made = import_object(maker)
    return (made if maker in _MAKERS else _enumeration(made))(*arguments)


def _enumeration(kind: Any) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        raise NotExact(f"an object of {kind!r} cannot be made")
    return kind


def _blank(name: str, parts: list[Any]) -> Any:
    """Return an object with these attributes, of a class that adds nothing of its own to that."""
    kind = import_object(name)
    arguments, *state = parts
    attributes = state[0] if state and state[0] is not None else {}
    if arguments != [kind] or kind.__new__ is not object.__new__ or hasattr(kind, "__setstate__"):
        raise NotExact(f"an object of {name} cannot be made from its attributes alone")
    made = object.__new__(kind)
    vars(made).update(attributes)
    return made


def _partial(state: Any) -> Any:
    import functools

    function, arguments, keywords, attributes = state
    made = functools.partial(function, *arguments, **(keywords or {}))
    if attributes:  # asking for those of an object without any would give it some
        vars(made).update(attributes)
    return made


_FORMS: Mapping[str, Callable[[Any, Data], Any]] = {
    "$tuple": lambda body, data: tuple(_made(body, data)),
    "$set": lambda body, data: set(_made(body, data)),
    "$frozenset": lambda body, data: frozenset(_made(body, data)),
    "$float": lambda body, data: float(body),
    "$complex": lambda body, data: complex(float(body[0]), float(body[1])),
    "$bytes": _bytes,
    "$dict": _pairs,
    "$array": _array,
    "$callable": lambda body, data: import_object(body),
    "$object": _object,
}


def form_text(form: Any) -> str:
    """Return a form as people read it, cut to 60 characters: ``(64, 64)``, ``torch:tanh``, ``0.1``."""
    try:
        return shorten(_text(form), 60)
    except (AttributeError, KeyError, TypeError):  # a form that somebody has changed
        return shorten(repr(form), 60)


def _text(form: Any) -> str:
    if isinstance(form, list):
        return f"[{', '.join(map(_text, form))}]"
    if not isinstance(form, Mapping):
        return repr(form)
    tag = _tag(form)
    if tag is None:
        return "{" + ", ".join(f"{key!r}: {_text(item)}" for key, item in form.items()) + "}"
    body = form[tag]
    if tag == "$tuple":
        return f"({', '.join(map(_text, body))}{',' if len(body) == 1 else ''})"
    if tag in ("$callable", "$float"):
        return str(body)
    named = body.get("class") or body.get("dtype") if isinstance(body, Mapping) else None
    return f"{named or tag[1:]} {body if named is None else ''}".strip()
