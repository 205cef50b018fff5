"""Conditions of `when` and `exclude`: a mapping, an expression, or a function of the nested variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import ExpressionError, GridError, did_you_mean, listed
from sweep.base.text import shorten, shown
from sweep.grid.expression import AbsentKey, compiled
from sweep.grid.nesting import SEPARATOR, lookup
from sweep.grid.parameter import Written, checked_value, listed_values
from sweep.grid.values import fresh

Rule = Mapping[str, Any] | str | Written | Callable[[Mapping[str, Any]], Any]


class Condition:
    """A rule that holds of a variant or not.

    A mapping holds if every key has its value (a list: one of its values). An expression holds if it is true. Either
    does not hold of a variant that lacks a key the rule names. A function is called with the nested variant.

    Attributes:
        rule: as it was given.
        written: how a YAML file wrote it, if it did, to write it again.
    """

    def __init__(self, rule: Rule) -> None:
        given = rule if isinstance(rule, Written) else Written(rule, None)
        rule, self.written = given.vals, given.form
        if not isinstance(rule, (str, Mapping)) and not callable(rule):
            raise GridError(f"{shown(rule)} is no condition; give a mapping {{key: value}}, an expression, a function.")
        self._expression = compiled(rule) if isinstance(rule, str) else None
        self._wanted = _wanted(rule) if isinstance(rule, Mapping) else {}
        self.rule: Rule = _own(rule, self._wanted) if isinstance(rule, Mapping) else rule

    @property
    def paths(self) -> frozenset[str]:
        """The colon keys that the rule names; of a function none is known."""
        return self._expression.paths if self._expression else frozenset(self._wanted)

    def holds(self, variant: Mapping[str, Any]) -> bool:
        """Say whether the rule holds of a nested variant.

        Raises:
            GridError: a function raised, or an expression's values do not fit its operations.
        """
        if self._wanted:
            return all(_matches(variant, key, wanted) for key, wanted in self._wanted.items())
        if self._expression is not None:
            try:
                return self._expression.holds(variant)
            except AbsentKey:
                return False
        return bool(call_rule(self.rule, variant, bool))

    def check_keys(self, known: Iterable[str]) -> None:
        """Refuse a rule about a parameter that no variant has.

        Raises:
            ExpressionError: names the key and the known ones.
        """
        check_paths(self.paths, known, f"the condition {shown(self.rule)}")


def _wanted(rule: Mapping[Any, Any]) -> dict[str, list[Any]]:
    """Return the values that a mapping allows each key; a list is one of its values, as in `add`."""
    if not rule:
        raise GridError("an empty mapping is no condition: it would hold of every variant.")
    return {key: _allowed(rule, key, values) for key, values in rule.items()}


def _allowed(rule: Mapping[Any, Any], key: Any, values: Any) -> list[Any]:
    if not isinstance(key, str):
        raise GridError(f"the condition {shown(rule)} has the key {shown(key)}; a key is text, such as 'algo'.")
    return [checked_value(key, value) for value in listed_values(key, values)]


def _own(rule: Mapping[str, Any], wanted: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return the grid's own copy of a mapping as it was given; a generator can be read only once."""
    return {key: wanted[key] if isinstance(given, Iterator) else fresh(given) for key, given in rule.items()}


def call_rule(rule: Any, variant: Mapping[str, Any], read: Callable[[Any], Any] | None = None) -> Any:
    """Call a user's function with a variant, and name both if it raises, or `read` does on what it returned."""
    try:
        found = rule(variant)
        return read(found) if read else found
    except Exception as error:  # whatever a user's function raises
        name = getattr(rule, "__qualname__", None) or shown(rule)
        reason = shorten(f"{type(error).__name__}: {error}", 300)
        raise GridError(f"{name} failed on the variant {shown(dict(variant))}: {reason}.") from error


def check_paths(paths: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a path that is no parameter, holds none, and lies in none."""
    known = list(known)
    for path in paths:
        if not any(related(path, key) for key in known):
            hint = did_you_mean(path, known)
            raise ExpressionError(
                f"{where} names {shown(path)}, which is no parameter; there are {listed(known)}.{hint}"
            )


def related(path: str, key: str) -> bool:
    """Say whether a path is a key, lies in its value, or holds it."""
    return (path + SEPARATOR).startswith(key + SEPARATOR) or (key + SEPARATOR).startswith(path + SEPARATOR)


def _matches(variant: Mapping[str, Any], key: str, wanted: list[Any]) -> bool:
    try:
        value = lookup(variant, key)
    except KeyError:
        return False
    return any(_same(value, one) for one in wanted)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    try:
        equal = value == wanted
        if getattr(equal, "ndim", 0) == 0:
            return bool(equal)
    except Exception:  # a user's own __eq__, or a truth value that there is not
        pass
    # Arrays and their like, which compare element by element.
    return canonical_text(value) == canonical_text(wanted)
