"""From the exact form of a value (see `sweep.base.canonical`) back to the value, or to why that cannot be.

What has come out of a form is written down again: only if that is the very form it was made from does it count.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sweep.base.canonical import BYTES_LIMIT, canonical
from sweep.base.errors import SweepError
from sweep.base.form_text import apart, form_text, tag_of
from sweep.base.making import NotExact as NotExact
from sweep.base.making import Source, loaded, made, why_not

# Bytes of arrays and texts that are kept beside one configuration, in all.
_DATA_LIMIT = 2**20
_DEPTH_LIMIT = 50
# Forms that hold no others, or whose inner ones say nothing about whether they can be made.
_LEAVES = ("$float", "$bytes", "$complex", "$array", "$callable")

Data = Mapping[str, str]


def kept_data(value: Any) -> dict[str, str]:
    """Return the bytes that the exact form of a configuration has only the digest of: digest to base64.

    Those of arrays, numpy's scalars and long bytes, also in dicts, lists, tuples, sets, partials and the attributes of
    plain objects, as far as 1 MiB goes.
    """
    found: dict[str, str] = {}
    room = _DATA_LIMIT
    for data in _bytes_in(value, 0):
        if len(data) <= room:
            found[_digest(data)] = base64.b64encode(data).decode()
            room -= len(data)
    return found


def _bytes_in(value: Any, depth: int) -> Iterator[bytes]:
    if value is None or type(value) in (int, float, str, bool):
        return
    if isinstance(value, bytes):
        yield from [value] if len(value) > BYTES_LIMIT else []
    elif type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "tobytes"):
        yield from [] if value.dtype.hasobject or value.nbytes > _DATA_LIMIT else [value.tobytes()]
    elif depth < _DEPTH_LIMIT:
        for item in _inside(value):
            yield from _bytes_in(item, depth + 1)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, functools.partial):
        return [*value.args, *value.keywords.values()]
    plain = all(getattr(type(value), name) is getattr(object, name) for name in ("__reduce__", "__reduce_ex__"))
    return list(getattr(value, "__dict__", {}).values()) if plain and not isinstance(value, type) else []


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def inexact(form: Any, data: Data, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (colon key, why) of every value that cannot be made again from its form, found out by making it.

    Nothing is imported: names are looked up in what is loaded, as it is where the values are at hand.
    """
    if isinstance(form, Mapping) and tag_of(form) is None:
        for key, item in form.items():
            yield from inexact(item, data, _joined(path, key))
        return
    plain = list(_by_form(form, data, path))
    yield from plain
    if not plain and _is_tagged(form):
        try:
            _value_of(form, Source(data, loaded))
        except NotExact as error:
            yield path, str(error)


def _joined(path: str, key: object) -> str:
    return f"{path}:{key}" if path else str(key)


def _is_tagged(form: Any) -> bool:
    if isinstance(form, list):
        return any(map(_is_tagged, form))
    return isinstance(form, Mapping) and (tag_of(form) is not None or any(map(_is_tagged, form.values())))


def _by_form(form: Any, data: Data, path: str) -> Iterator[tuple[str, str]]:
    """Yield what cannot be made as its form says already."""
    if isinstance(form, list):
        for item in form:
            yield from _by_form(item, data, path)
    elif isinstance(form, Mapping):
        tag = tag_of(form)
        why = "" if tag is None else why_not(tag, form, data)
        if why:
            yield path, why
        elif tag is None:
            for key, item in form.items():
                yield from _by_form(item, data, _joined(path, key))
        elif tag not in _LEAVES:
            inner = form[tag] if tag != "$object" else form[tag].get("state", [])
            yield from _by_form(inner, data, path)


def value_of(form: Any, data: Data) -> Any:
    """Return the value that a form is that of; names in it are imported.

    Raises:
        NotExact: it cannot be made, or what was made is something else.
    """
    return _value_of(form, Source(data))


def _value_of(form: Any, source: Source) -> Any:
    try:
        value = made(form, source)
        again = canonical(value)
    except NotExact:
        raise
    except SweepError as error:
        raise NotExact(str(error)) from error
    except Exception as error:  # a form that somebody has changed, a class that is another one now
        raise NotExact(f"{form_text(form)} cannot be made: {type(error).__name__}: {error}") from error
    if again != form:
        before, now = apart(form, again)
        raise NotExact(f"{before} is something else now: {now}")
    return value


def values_of(config: Mapping[str, Any], data: Data) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a configuration's keys, and of those keys that cannot be had, why."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, form in config.items():
        if bad := dict(_by_form(form, data, key)):
            wrong.update(bad)
            continue
        try:
            values[key] = value_of(form, data)
        except NotExact as error:
            wrong[key] = str(error)
    return values, wrong
