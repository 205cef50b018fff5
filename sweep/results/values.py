"""A configuration as flat, plain values: colon keys, and numbers, texts, booleans, None and tuples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sweep.base.canonical import digest
from sweep.base.form_text import form_text
from sweep.base.jsonable import without_address
from sweep.base.text import printable

# What belongs to a run and not to what it was run with.
NOT_PARAMETERS = frozenset({"seed", "exp_name", "logger_kwargs", "output_dir", "logger"})
_DEPTH_LIMIT = 20
_TUPLES = ("$tuple", "$set", "$frozenset")


def flat(config: object, plain: Callable[[Any], object]) -> dict[str, object]:
    """Return a nested configuration by colon keys, without what is no parameter.

    Args:
        config: the JSON of a configuration; what is no object has no parameters.
        plain: makes a value of what is no nested object.
    """
    if not isinstance(config, Mapping):
        return {}
    kept = {key: value for key, value in config.items() if key not in NOT_PARAMETERS}
    return dict(_flat(kept, plain, "", 0))


def _flat(
    config: Mapping[str, Any], plain: Callable[[Any], object], prefix: str, depth: int
) -> Iterator[tuple[str, object]]:
    for key, value in config.items():
        path = prefix + printable(without_address(key))
        if depth < _DEPTH_LIMIT and isinstance(value, Mapping) and value and not _is_tagged(value):
            yield from _flat(value, plain, f"{path}:", depth + 1)
        else:
            yield path, plain(value)


def _is_tagged(value: Mapping[str, Any]) -> bool:
    return next(iter(value)).startswith("$")


def of_exact_form(form: Any, depth: int = 0) -> object:
    """Return the plain value of an exact form (see `sweep.base.canonical`): a function is its name, and what has no
    plain value its text, with a few digits that tell it from others.
    """
    if not isinstance(form, list | Mapping):
        return form
    if depth > _DEPTH_LIMIT:
        return _in_words(form)
    if isinstance(form, list):
        return [of_exact_form(item, depth + 1) for item in form]
    if len(form) != 1:
        return _in_words(form)
    ((tag, body),) = form.items()
    if tag in _TUPLES and isinstance(body, list):
        return tuple(of_exact_form(item, depth + 1) for item in body)
    if tag == "$float" and body in ("nan", "inf", "-inf"):
        return float(body)
    return body if tag == "$callable" and isinstance(body, str) else _in_words(form)


def _in_words(form: Any) -> str:
    """Return the text of a form; no form is empty but an empty dict's."""
    if not form:
        return "{}"
    try:
        return f"{form_text(form)} #{digest(json.dumps(form, sort_keys=True))[:6]}"
    except (AttributeError, KeyError, TypeError, IndexError, ValueError, RecursionError):  # no form that we write
        return "<unreadable>"


def of_json(value: Any) -> object:
    """Return the plain value of a `config.json`: lists are tuples there, and objects have addresses in their text."""
    if isinstance(value, str):
        return without_address(value)
    return value if not isinstance(value, list | Mapping) else _tuples(value, 0)


def _tuples(value: Any, depth: int) -> object:
    if isinstance(value, list) and depth < _DEPTH_LIMIT:
        return tuple(_tuples(item, depth + 1) for item in value)
    return _in_words(value) if isinstance(value, list | Mapping) else value


def key_of(*parts: object) -> str:
    """Return a digest of plain values that is equal for equal ones of equal types."""
    return digest(json.dumps(parts, sort_keys=True, default=repr))
