"""Values made from their exact forms (see `sweep.base.canonical`), without evaluating or unpickling anything.

A name is looked up, and an object of a few well-known kinds is made from its parts.
"""

from __future__ import annotations

import base64
import contextlib
import enum
import functools
import inspect
import operator
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sweep.base.canonical import main_name, qualified_name
from sweep.base.errors import SweepError
from sweep.base.form_text import tag_of
from sweep.base.importing import import_object

# Classes that are called with what their reduce protocol says.
_MAKERS = frozenset({
    "builtins:range", "builtins:slice", "builtins:bytearray", "builtins:complex", "collections:OrderedDict",
    "collections:defaultdict", "datetime:date", "datetime:datetime", "datetime:time", "datetime:timedelta",
    "datetime:timezone", "decimal:Decimal", "fractions:Fraction", "pathlib:Path", "pathlib:PosixPath",
    "pathlib:PurePath", "pathlib:PurePosixPath", "pathlib._local:PosixPath", "pathlib._local:PurePosixPath",
    "torch:device",
})  # fmt: skip
_NEW, _PARTIAL, _ATTRIBUTE = "copyreg:__newobj__", "functools:partial", "builtins:getattr"


class NotExact(SweepError):
    """A value cannot be made again from its form; the message says why."""


@dataclass(frozen=True)
class Source:
    """What forms are made into values with.

    Attributes:
        data: the bytes that forms have digests of: digest to base64.
        named: returns what a name, ``module:attribute``, leads to; raises a SweepError where nothing is.
    """

    data: Mapping[str, str]
    named: Callable[[str], Any] = import_object


def loaded(name: str) -> Any:
    """Return what a name leads to, without importing anything: a user's script is not to be run once more.

    Raises:
        NotExact: the module is not loaded, or has nothing of that name.
    """
    home, _, attribute = name.rpartition(":")
    module = sys.modules.get("__main__" if home == main_name() else home)
    if module is None:
        raise NotExact(f"{name!r}: there is no module {home!r}")
    try:
        return operator.attrgetter(attribute)(module)
    except AttributeError as error:
        raise NotExact(f"{name!r}: {error}") from error


def why_not(tag: str, form: Mapping[str, Any], data: Mapping[str, str]) -> str:
    """Return why a tagged form cannot be made into a value, as far as it shows by itself; '' if nothing does."""
    body = form[tag]
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


def made(form: Any, source: Source) -> Any:
    """Return what a form says; whether that is the very same value is for the caller to see.

    Raises:
        NotExact: it is of no kind that can be made.
        Exception: whatever a class raises when it is given wrong parts.
    """
    if isinstance(form, list):
        return [made(item, source) for item in form]
    if not isinstance(form, Mapping):
        return form
    tag = tag_of(form)
    if tag is None:
        return {key: made(item, source) for key, item in form.items()}
    if tag not in _FORMS and tag != "$callable":
        raise NotExact(f"{tag!r} is no form that this version knows")
    why = why_not(tag, form, source.data)
    if why:
        raise NotExact(why)
    return _callable(form, source) if tag == "$callable" else _FORMS[tag](form[tag], source)


def _callable(form: Mapping[str, Any], source: Source) -> Any:
    found = _named(form["$callable"], source)
    if "self" in form:  # a method
        found = getattr(found, "__func__", found)
        if isinstance(found, (types.FunctionType, types.MethodDescriptorType)):
            return found.__get__(made(form["self"], source))
    return found


def _named(name: str, source: Source) -> Any:
    """Return what a name leads to; a function of a C module may be there under the last part of its name alone."""
    try:
        return source.named(name)
    except SweepError:
        module, _, attribute = name.rpartition(":")
        with contextlib.suppress(SweepError):
            found = source.named(f"{module}:{attribute.rpartition('.')[2]}")
            if isinstance(found, types.BuiltinFunctionType):
                return found
        raise


def _pairs(body: Any, source: Source) -> dict[Any, Any]:
    return {made(key, source): made(item, source) for key, item in body}


def _bytes(body: Any, source: Source) -> bytes:
    return base64.b64decode(source.data[body["blake2b"]]) if isinstance(body, Mapping) else bytes.fromhex(body)


def _array(body: Any, source: Source) -> Any:
    import numpy as np

    flat = np.frombuffer(base64.b64decode(source.data[body["blake2b"]]), dtype=np.dtype(body["dtype"]))
    array = flat.reshape(body["shape"])
    return array[()] if "class" in body else array.copy()


def _object(body: Any, source: Source) -> Any:
    if "global" in body:
        return source.named(f"{body['class'].partition(':')[0]}:{body['global']}")
    maker_form, *forms = body["state"]
    maker = _name_of(maker_form)
    if maker == _NEW:
        return _blank(source.named(body["class"]), body["class"], [made(part, source) for part in forms])
    if maker == _PARTIAL:
        return _partial(made(forms[1], source))
    if maker == _ATTRIBUTE:  # a member of an enumeration, as some versions of Python have it
        kind, name = (made(part, source) for part in forms[0])
        return _enumeration(kind)[name]
    return _called(source.named(maker), maker, [made(part, source) for part in forms])


def _called(kind: Any, maker: str, parts: list[Any]) -> Any:
    if maker not in _MAKERS:
        return _enumeration(kind)(*parts[0])
    value = kind(*parts[0])
    if len(parts) > 3 and parts[3]:  # the items of a kind of dict
        value.update(parts[3])
    return value


def _enumeration(kind: Any) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        raise NotExact(f"an object of {qualified_name(kind)} cannot be made")
    return kind


def _blank(kind: Any, name: str, parts: list[Any]) -> Any:
    """Return an object with these attributes, of a class that adds nothing of its own to that."""
    (first, *arguments), *rest = parts
    state = rest[0] if rest else None
    if first is kind and state is None and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return tuple.__new__(kind, arguments)
    if first is not kind or arguments or kind.__new__ is not object.__new__ or hasattr(kind, "__setstate__"):
        raise NotExact(f"an object of {name} cannot be made from its attributes alone")
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    value = object.__new__(kind)
    if attributes:
        vars(value).update(attributes)
    for key, item in (slots or {}).items():
        place = inspect.getattr_static(kind, key)
        if isinstance(place, types.MemberDescriptorType):  # anything else might be code of the class
            place.__set__(value, item)
    return value


def _partial(state: Any) -> Any:
    function, arguments, keywords, attributes = state
    value = functools.partial(function, *arguments, **(keywords or {}))
    if attributes:
        vars(value).update(attributes)
    return value


_FORMS: Mapping[str, Callable[[Any, Source], Any]] = {
    "$tuple": lambda body, source: tuple(made(body, source)),
    "$set": lambda body, source: set(made(body, source)),
    "$frozenset": lambda body, source: frozenset(made(body, source)),
    "$float": lambda body, source: float(body),
    "$complex": lambda body, source: complex(float(body[0]), float(body[1])),
    "$bytes": _bytes,
    "$dict": _pairs,
    "$array": _array,
    "$object": _object,
}
