"""Conditions of `when` and `exclude`: a mapping, an expression, or a function of the nested variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import ExpressionError, GridError, did_you_mean, listed
from sweep.grid.expression import AbsentKey, Expression
from sweep.grid.nesting import SEPARATOR, lookup

Rule = Mapping[str, Any] | str | Callable[[Mapping[str, Any]], Any]


class Condition:
    """A rule that holds of a variant or not.

    A mapping holds if every key has its value (a list: one of its values). An expression holds if it is true. Either
    does not hold of a variant that lacks a key the rule names. A function is called with the nested variant.

    Attributes:
        rule: as it was given.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._expression = Expression(rule) if isinstance(rule, str) else None
        if not isinstance(rule, (str, Mapping)) and not callable(rule):
            raise GridError(f"{rule!r} is no condition; give a mapping {{key: value}}, an expression, or a function.")
        if isinstance(rule, Mapping) and not rule:
            raise GridError("an empty mapping is no condition: it would hold of every variant.")

    def holds(self, variant: Mapping[str, Any]) -> bool:
        """Say whether the rule holds of a nested variant.

        Raises:
            GridError: a function raised, or an expression's values do not fit its operations.
        """
        if isinstance(self.rule, Mapping):
            return all(_matches(variant, key, wanted) for key, wanted in self.rule.items())
        if self._expression is not None:
            try:
                return bool(self._expression.value(variant))
            except AbsentKey:
                return False
        return bool(call_rule(self.rule, variant))

    def check_keys(self, known: Iterable[str]) -> None:
        """Refuse a rule about a parameter that no variant has.

        Raises:
            ExpressionError: names the key and the known ones.
        """
        named = self.rule if isinstance(self.rule, Mapping) else self._expression.paths if self._expression else ()
        check_paths(named, known, f"the condition {self.rule!r}")


def call_rule(rule: Any, variant: Mapping[str, Any]) -> Any:
    """Call a user's function with a variant, and name both if it raises."""
    try:
        return rule(variant)
    except Exception as error:  # whatever a user's function raises
        name = getattr(rule, "__qualname__", repr(rule))
        raise GridError(f"{name} failed on the variant {dict(variant)!r}: {type(error).__name__}: {error}.") from error


def check_paths(paths: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a path that is no parameter, holds none, and lies in none."""
    known = list(known)
    for path in paths:
        if not any(_related(path, key) for key in known):
            hint = did_you_mean(path, known)
            raise ExpressionError(f"{where} names {path!r}, which is no parameter; there are {listed(known)}.{hint}")


def _related(path: str, key: str) -> bool:
    return (path + SEPARATOR).startswith(key + SEPARATOR) or (key + SEPARATOR).startswith(path + SEPARATOR)


def _matches(variant: Mapping[str, Any], key: str, wanted: Any) -> bool:
    try:
        value = lookup(variant, key)
    except KeyError:
        return False
    return any(_same(value, one) for one in (wanted if isinstance(wanted, list) else [wanted]))


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    try:
        return bool(value == wanted)
    except ValueError:  # numpy: an array has no single truth value
        return canonical_text(value) == canonical_text(wanted)
