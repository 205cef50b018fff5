"""Exact forms (see `sweep.base.canonical`) as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from sweep.base.text import shorten

_LENGTH = 60
# Characters that are shown before the first one in which two texts differ.
_BEFORE = 10


def form_text(form: Any) -> str:
    """Return a form as people read it, cut to 60 characters: ``(64, 64)``, ``torch:tanh``, ``0.1``."""
    try:
        return shorten(_text(form), _LENGTH)
    except (AttributeError, KeyError, TypeError):  # a form that somebody has changed
        return shorten(repr(form), _LENGTH)


def _text(form: Any) -> str:
    if isinstance(form, list):
        return f"[{', '.join(map(_text, form))}]"
    if not isinstance(form, Mapping):
        return repr(form)
    tag = tag_of(form)
    if tag is None:
        return "{" + ", ".join(f"{key!r}: {_text(item)}" for key, item in form.items()) + "}"
    body = form[tag]
    if tag == "$tuple":
        return f"({', '.join(map(_text, body))}{',' if len(body) == 1 else ''})"
    if tag in ("$callable", "$float"):
        return str(body)
    named = body.get("class") or body.get("dtype") if isinstance(body, Mapping) else None
    return f"{named or tag[1:]} {body if named is None else ''}".strip()


def tag_of(form: Mapping[str, Any]) -> str | None:
    """Return the tag of a form, such as ``$tuple``; None of a dict with plain keys."""
    return next((key for key in form if key.startswith("$")), None)


def apart(one: Any, other: Any) -> tuple[str, str]:
    """Return the texts of two different forms; where these are equal, with the first place that is not.

    ``functools:partial with 3`` and ``functools:partial with 4``
    """
    texts = form_text(one), form_text(other)
    if texts[0] != texts[1]:
        return texts
    inner, outer = _cut(*_innermost(one, other))
    return f"{texts[0]} with {inner}", f"{texts[1]} with {outer}"


def _innermost(one: Any, other: Any) -> tuple[Any, Any]:
    """Return the first parts in which two forms differ."""
    for mine, theirs in _pairs(one, other):
        if _line(mine) != _line(theirs):
            return _innermost(mine, theirs)
    return one, other


def _pairs(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        yield from ((one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        yield from zip(one, other, strict=True)


def _cut(one: Any, other: Any) -> tuple[str, str]:
    """Return two parts as texts, from where they differ on if that is far behind the beginning."""
    if form_text(one) != form_text(other):
        return form_text(one), form_text(other)
    lines = _line(one), _line(other)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*lines, strict=False)))
    mine, theirs = (f"...{shorten(line[max(0, same - _BEFORE) :], _LENGTH)}" for line in lines)
    return mine, theirs


def _line(form: Any) -> str:
    return json.dumps(form, sort_keys=True)
