"""The small language of `derive`, `when` and `exclude`: arithmetic and comparisons over a variant, and nothing else.

An expression is parsed by Python's own parser and walked here; a node that is not in the table below is refused, so
there are no builtins, no attributes of objects, no imports and no calls but those in `FUNCTIONS`. A dot reaches into a
nested dict: ``ac_kwargs.lr``.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from sweep.base.errors import ExpressionError, did_you_mean, listed
from sweep.base.jsonable import stable_str
from sweep.base.text import shorten, shown

_LENGTH_LIMIT = 1000  # characters of one expression
_DEPTH_LIMIT = 100  # operations inside one another
_SIZE_LIMIT = 10_000  # elements of a value, characters of a text, or bits of a whole number, that an operation may make
_DIGITS_LIMIT = 400  # of `round`; a float has no more, before or behind the point


def _round(number: Any, *digits: Any) -> Any:
    if digits and abs(digits[0]) > _DIGITS_LIMIT:
        raise ExpressionError(f"round to {shown(digits[0])} digits: at most {_DIGITS_LIMIT} are allowed.")
    return round(number, *digits)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs, "min": min, "max": max, "sum": sum, "round": _round, "len": len, "int": int, "float": float,
    "str": stable_str, "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10,
    "floor": math.floor, "ceil": math.ceil,
}  # fmt: skip

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_,
}  # fmt: skip
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


_Read = TypeVar("_Read")


class AbsentKey(ExpressionError):
    """The variant has no such parameter (a conditional one that it does not take)."""


class Expression:
    """A checked expression.

    Attributes:
        text: as it was written.
        paths: the parameters it names, as colon keys: ``ac_kwargs.lr`` is ``ac_kwargs:lr``.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = _parsed(text)
        _check(self._tree, text)
        self.paths = frozenset(_paths(self._tree))

    def value(self, variant: Mapping[str, Any]) -> Any:
        """Return the expression's value over a nested variant.

        Raises:
            AbsentKey: a name is not in this variant.
            ExpressionError: the values do not fit the operation.
        """
        return self._read(variant, lambda value: value)

    def holds(self, variant: Mapping[str, Any]) -> bool:
        """Say whether the value over a nested variant counts as true; raises as `value`."""
        return self._read(variant, bool)

    def _read(self, variant: Mapping[str, Any], read: Callable[[Any], _Read]) -> _Read:
        try:
            return read(_value(self._tree, variant))
        except AbsentKey:
            raise
        except ExpressionError as error:
            raise ExpressionError(f"the expression {shown(self.text)} fails: {error}") from None
        except Exception as error:  # whatever the operation says of these values: ZeroDivisionError, TypeError, ...
            reason = shorten(f"{type(error).__name__}: {error}", 300)
            raise ExpressionError(f"the expression {shown(self.text)} fails: {reason}.") from error


@lru_cache(maxsize=256)
def compiled(text: str) -> Expression:
    """Return the expression of a text; the same text is parsed once, however many variants it is asked about."""
    return Expression(text)


def _parsed(text: str) -> ast.expr:
    if len(text) > _LENGTH_LIMIT:
        raise ExpressionError(f"an expression of {len(text)} characters is too long; {_LENGTH_LIMIT} are allowed.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own remarks on style, such as a backslash too many
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{shown(text)} is not an expression: {getattr(error, 'msg', error)}.") from None


def _paths(tree: ast.AST) -> list[str]:
    path = _path(tree)
    if path is not None:
        return [path]
    skipped = tree.func if isinstance(tree, ast.Call) else None
    return [found for child in ast.iter_child_nodes(tree) if child is not skipped for found in _paths(child)]


def _path(node: ast.AST) -> str | None:
    """Return ``a:b`` for the nodes of ``a.b`` or ``a['b']``, None for any other node."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        outer = _path(node.value)
        return f"{outer}:{node.attr}" if outer else None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        outer = _path(node.value)
        return f"{outer}:{node.slice.value}" if outer else None
    return None


_ALLOWED = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.Tuple, ast.List, ast.Call, ast.Load, ast.And, ast.Or, *_BINARY, *_UNARY, *_COMPARE,
)  # fmt: skip


def _check(tree: ast.expr, text: str) -> None:
    _check_depth(tree, text)
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(
                f"{shown(text)}: {type(node).__name__} is not allowed in an expression; use arithmetic, comparisons, "
                f"and/or/not, x if c else y, and {listed(FUNCTIONS, 20)}."
            )
        if isinstance(node, ast.Call):
            _check_call(node, text)
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            raise ExpressionError(f"{shown(text)}: {node.attr!r} is not a parameter.")


def _check_depth(tree: ast.expr, text: str) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(_DEPTH_LIMIT):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError(f"{shown(text)} nests more than {_DEPTH_LIMIT} operations; split it into several derive.")


def _check_call(node: ast.Call, text: str) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in FUNCTIONS:
        hint = did_you_mean(name, FUNCTIONS)
        raise ExpressionError(
            f"{shown(text)} calls {shown(name)}; the functions there are: {listed(FUNCTIONS, 20)}.{hint}"
        )
    if node.keywords:
        raise ExpressionError(f"{shown(text)}: functions take no keyword arguments here.")


def _value(node: ast.expr, variant: Mapping[str, Any]) -> Any:
    return _EVALUATORS[type(node)](node, variant)


def _name(node: ast.Name, variant: Mapping[str, Any]) -> Any:
    if node.id not in variant:
        raise AbsentKey(f"this variant has no {node.id!r}.")
    return variant[node.id]


def _inside(node: ast.Attribute | ast.Subscript, variant: Mapping[str, Any]) -> Any:
    holder = _value(node.value, variant)
    key = node.attr if isinstance(node, ast.Attribute) else _value(node.slice, variant)
    if isinstance(holder, Mapping):
        if key not in holder:
            raise AbsentKey(f"this variant has no {ast.unparse(node)!r}.")
        return holder[key]
    if isinstance(node, ast.Attribute):
        raise ExpressionError(
            f"{ast.unparse(node)!r}: {ast.unparse(node.value)} is {shown(holder)}, which has no parts."
        )
    return holder[key]


def _binary(node: ast.BinOp, variant: Mapping[str, Any]) -> Any:
    left, right = _value(node.left, variant), _value(node.right, variant)
    if isinstance(node.op, ast.Pow):
        _check_power(left, right)
    if isinstance(node.op, ast.Mult):
        _check_repeat(left, right)
        _check_repeat(right, left)
    if isinstance(node.op, ast.Mod) and isinstance(left, (str, bytes)):
        raise ExpressionError("% formats text, which expressions do not do.")
    return _bounded(_BINARY[type(node.op)](left, right))


def _check_power(base: Any, exponent: Any) -> None:
    """Refuse a power that would take minutes and gigabytes; whole numbers have no bound of their own."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > _SIZE_LIMIT:
        raise ExpressionError(f"{shown(base)} ** {shown(exponent)} is too large a number.")


def _check_repeat(sequence: Any, times: Any) -> None:
    """Refuse a text or list many times over before it is made."""
    if isinstance(sequence, (str, bytes, list, tuple)) and hasattr(times, "__index__"):
        _check_size(len(sequence) * operator.index(times))


def _bounded(value: Any) -> Any:
    """Return what an operation made if the next one can bear it."""
    if isinstance(value, int):
        _check_size(value.bit_length())
    elif isinstance(value, (str, bytes)):
        _check_size(len(value))
    elif isinstance(value, (list, tuple)):
        _check_size(_elements(value))
    return value


def _elements(value: list[Any] | tuple[Any, ...]) -> int:
    """Count the elements of nested lists, and the characters in them, until they are too many."""
    total, waiting = 0, [value]
    while waiting and total <= _SIZE_LIMIT:
        items = waiting.pop()
        total += len(items)
        if total <= _SIZE_LIMIT:
            total += sum(len(item) for item in items if isinstance(item, (str, bytes)))
            waiting += [item for item in items if isinstance(item, (list, tuple))]
    return total


def _check_size(size: int) -> None:
    if size > _SIZE_LIMIT:
        raise ExpressionError("a value of this size is too large for an expression.")


def _boolean(node: ast.BoolOp, variant: Mapping[str, Any]) -> Any:
    wanted = isinstance(node.op, ast.Or)
    result: Any = None
    for operand in node.values:
        result = _value(operand, variant)
        if bool(result) == wanted:
            break
    return result


def _compare(node: ast.Compare, variant: Mapping[str, Any]) -> bool:
    left = _value(node.left, variant)
    for comparison, operand in zip(node.ops, node.comparators, strict=True):
        right = _value(operand, variant)
        if not _COMPARE[type(comparison)](left, right):
            return False
        left = right
    return True


def _conditional(node: ast.IfExp, variant: Mapping[str, Any]) -> Any:
    return _value(node.body if _value(node.test, variant) else node.orelse, variant)


def _call(node: ast.Call, variant: Mapping[str, Any]) -> Any:
    assert isinstance(node.func, ast.Name)
    return _bounded(FUNCTIONS[node.func.id](*(_value(argument, variant) for argument in node.args)))


_EVALUATORS: Mapping[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda node, variant: node.value,
    ast.Name: _name,
    ast.Attribute: _inside,
    ast.Subscript: _inside,
    ast.BinOp: _binary,
    ast.UnaryOp: lambda node, variant: _UNARY[type(node.op)](_value(node.operand, variant)),
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Call: _call,
    ast.Tuple: lambda node, variant: _bounded(tuple(_value(item, variant) for item in node.elts)),
    ast.List: lambda node, variant: _bounded([_value(item, variant) for item in node.elts]),
}
