"""From one parameter, condition or derived value to the plain data that a grid file has for it.

What was read is written as it was (`Parameter.written`); what was made in Python gets the shortest form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.conditions import Condition
from sweep.grid.definition import Derived
from sweep.grid.distributions import Distribution
from sweep.grid.parameter import Parameter, listed_values, split_shorthand
from sweep.grid.spec import keys
from sweep.grid.spec.values import encode


def entry(parameter: Parameter) -> tuple[str, Any]:
    """Return the key and the value of one entry of `grid`."""
    written = parameter.written
    if written is not None and _said(parameter, written) == _options(parameter):
        return _key(parameter, "shorthand" in _spec(written)), written
    sugared = _takes_brackets(parameter.key, parameter.shorthand)
    options = _options(parameter)
    if sugared:
        del options["shorthand"]
    given = {key: value for key, value in options.items() if value not in (None, False)}
    return _key(parameter, not sugared), _joined(_values(parameter), given)


def columns(parameters: Iterable[Parameter], what: str) -> dict[str, Any]:
    """Return a mapping of keys to values, where there is no place for anything else but brackets."""
    return {_bracketed(one, what): _values(one) for one in parameters}


def _bracketed(parameter: Parameter, what: str) -> str:
    if not _takes_brackets(parameter.key, parameter.shorthand):
        raise GridError(
            f"{what}: the shorthand {parameter.shorthand!r} of {parameter.key!r} cannot be written to YAML here; "
            "use a key and a shorthand without brackets."
        )
    return _key(parameter, False)


def _key(parameter: Parameter, bare: bool) -> str:
    return parameter.key if bare or parameter.shorthand is None else f"{parameter.key}[{parameter.shorthand}]"


def _takes_brackets(key: str, shorthand: str | None) -> bool:
    return shorthand is None or split_shorthand(f"{key}[{shorthand}]") == (key, shorthand)


def _options(parameter: Parameter) -> dict[str, Any]:
    return {
        "shorthand": parameter.shorthand,
        "in_name": parameter.in_name,
        "labels": None if parameter.labels is None else list(parameter.labels),
        "runtime_only": parameter.runtime_only,
    }


def _said(parameter: Parameter, written: Any) -> dict[str, Any]:
    """Return the options that a written entry has; its shorthand may be in the key's brackets."""
    spec = _spec(written)
    shorthand = parameter.shorthand if _takes_brackets(parameter.key, parameter.shorthand) else None
    return {
        "shorthand": spec.get("shorthand", shorthand),
        "in_name": spec.get("in_name", False),
        "labels": spec.get("labels"),
        "runtime_only": spec.get("runtime_only", False),
    }


def _spec(form: Any) -> Mapping[str, Any]:
    """Return a written entry's own keys, if it is not just values."""
    return form if isinstance(form, dict) and next(iter(form)) not in keys.TAGS else {}


def _values(parameter: Parameter) -> Any:
    """Return the alternatives alone."""
    if parameter.written is not None:
        spec = _spec(parameter.written)
        rest = {key: value for key, value in spec.items() if key not in keys.OPTIONS}
        return rest.get("vals", rest) if spec else parameter.written
    what = repr(parameter.key)
    if parameter.distribution is not None:
        return _distribution(parameter.distribution, what)
    values = [encode(value, what) for value in parameter.values]
    return values[0] if len(values) == 1 and not isinstance(values[0], (list, dict)) else values


def _distribution(one: Distribution, what: str) -> dict[str, Any]:
    arguments = [encode(argument, what) for argument in one.arguments]
    drawn = {} if one.n is None else {"n": one.n}
    return {one.kind: arguments, **drawn, **({"seed": one.seed} if one.seed else {})}


def _joined(values: Any, options: Mapping[str, Any]) -> Any:
    if not options:
        return values
    return {**(values if _spec(values) else {"vals": values}), **options}


def rule(condition: Condition, what: str) -> Any:
    """Return a condition as text or a mapping.

    Raises:
        GridError: it is a function.
    """
    given = condition.rule
    if condition.written is not None:
        return condition.written
    if isinstance(given, Mapping):
        return {key: encode(_wanted(key, value), f"{what}: {key!r}") for key, value in given.items()}
    return _text(given, f"{what} is")


def _wanted(key: str, given: Any) -> Any:
    """Return one value as it is, and whatever lists several (a range, an array) as a list."""
    values = listed_values(key, given)
    return given if len(values) == 1 and values[0] is given else values


def derivation(one: Derived) -> tuple[str, Any]:
    """Return the key and the value of one entry of `derive`."""
    text = _text(one.rule, f"derive {one.key!r} is")
    sugared = _takes_brackets(one.key, one.shorthand)
    options = {"shorthand": None if sugared else one.shorthand, "in_name": one.in_name or None}
    given = {key: value for key, value in options.items() if value is not None}
    key = f"{one.key}[{one.shorthand}]" if sugared and one.shorthand is not None else one.key
    return key, {"rule": text, **given} if given else text


def _text(rule: Any, what: str) -> str:
    if not isinstance(rule, str):
        raise GridError(f"{what} {shown(rule)}, which cannot be written to YAML; write it as an expression.")
    return rule
