"""An expression computes or says what is wrong, and nothing else, soon."""

from __future__ import annotations

import ast
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.base.errors import ExpressionError
from sweep.grid.expression import FUNCTIONS, AbsentKey, Expression, compiled

VARIANT: dict[str, Any] = {
    "a": 2,
    "b": 0.5,
    "s": "relu",
    "t": (1, 2),
    "l": [1, [2, 3]],
    "n": None,
    "d": {"x": 1, "y": {"z": 3}},
    "array": np.arange(3),
    "f": np.float32(2),
    "flag": True,
    "big": 10**3000,
    "o": object(),
}


def value(text: str) -> Any:
    return Expression(text).value(VARIANT)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a * 4000", 8000),
        ("-a + 2 ** 3 // 3 % 5", 0),
        ("a / 4", 0.5),
        ("d.x + d.y.z", 4),
        ("d['y']['z']", 3),
        ("l[1][0] + t[-1]", 4),
        ("len(l) == 2 and s == 'relu'", True),
        ("n is None or a > 100", True),
        ("'relu' if not flag else 'tanh'", "tanh"),
        ("1 < a <= 2 != 3", True),
        ("s in ('relu', 'tanh') and 'x' not in [s]", True),
        ("max(a, b) + min(1, 2) + abs(-1) + sum(t)", 7),
        ("round(b) + round(1.2345, 2) + round(2.5, 0)", 3.23),
        ("int('7') + float('1.5') + floor(1.5) + ceil(1.5)", 11.5),
        ("str(a) + 'x' * 3", "2xxx"),
        ("sqrt(16) + exp(0) + log(1) + log2(8) + log10(100)", 10.0),
        ("[a, (b,)]", [2, (0.5,)]),
        ("  a\n", 2),
        ("(a\n + 1)", 3),
        ("'\\d'", "\\d"),
        ("1if flag else 2", 1),
        ("f * 2", 4.0),
    ],
)
def test_expressions_mean_what_they_mean_in_python(text: str, result: Any) -> None:
    assert value(text) == result


def test_the_paths_are_the_parameters_that_are_named() -> None:
    assert Expression("a + d.y.z * d['x'] - l[0] + max(b, t[a])").paths == {"a", "d:y:z", "d:x", "l", "b", "t"}
    assert Expression("max(max, 1)").paths == {"max"}


def test_an_expression_is_parsed_once_for_a_text() -> None:
    assert compiled("a + 1") is compiled("a + 1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not an expression"),
        ("a +", "is not an expression"),
        ("a = 1", "is not an expression"),
        ("import os", "is not an expression"),
        ("a\x00", "is not an expression"),
        ("'\ud800", "is not an expression"),
        ("(" * 500, "is not an expression"),
        ("lambda: 1", "Lambda is not allowed"),
        ("[x for x in l]", "ListComp is not allowed"),
        ("(a := 1)", "NamedExpr is not allowed"),
        ("f'{a}'", "JoinedStr is not allowed"),
        ("{a: 1}", "Dict is not allowed"),
        ("l[0:1]", "Slice is not allowed"),
        ("max(*l)", "Starred is not allowed"),
        ("a << 9", "LShift is not allowed"),
        ("eval('1')", "calls 'eval'"),
        ("__import__('os')", "calls '__import__'"),
        ("s.upper()", "calls 's.upper'"),
        ("maxx(1)", "Did you mean 'max'"),
        ("round(a, ndigits=1)", "no keyword arguments"),
        ("a.__class__", "'__class__' is not a parameter"),
        ("-" * 900 + "a", "nests more than"),
        ("+".join(["a"] * 400), "nests more than"),
        ("a" + "[0]" * 300, "nests more than"),
        ("a" * 1001, "too long"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_written(text: str, words: str) -> None:
    with pytest.raises(ExpressionError, match=words) as caught:
        Expression(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9**9**9**9", "too large"),
        ("2 ** -10**9", "too large"),
        ("'a' * 10**9", "too large"),
        ("10**9 * [a]", "too large"),
        ("[[0] * 9999] * 9999", "too large"),
        ("str([[[0] * 90] * 90] * 90)", "too large"),
        ("big * big * big * big * big * big", "too large"),
        ("*".join(["(9**3000)"] * 60), "too large"),
        ("sum([[0] * 90] * 90 * 90, [])", "too large"),
        ("'%9999999999d' % a", "formats text"),
        ("round(a, -10**9)", "at most 400"),
        ("round(a, 'x')", "TypeError"),
        ("int('9' * 9000)", "ValueError"),
        ("str(10 ** 3000 * 10**1500)", "too large"),
        ("exp(10000)", "OverflowError"),
        ("a / 0", "ZeroDivisionError"),
        ("a + s", "TypeError"),
        ("l[5]", "IndexError"),
        ("l[10**100]", "IndexError"),
        ("l['x']", "TypeError"),
        ("d[l]", "TypeError"),
        ("s.x", "which has no parts"),
        ("array < 2 and a", "ValueError"),
        ("array if array else 1", "ValueError"),
        ("o + 1", "TypeError"),
        ("sqrt(-1)", "ValueError"),
        ("len()", "TypeError"),
        ("max(l)", "TypeError"),
    ],
)
def test_an_operation_that_fails_or_would_not_end_is_one_line_with_the_expression(text: str, words: str) -> None:
    expression = Expression(text)
    with pytest.raises(ExpressionError, match=words) as caught:
        expression.value(VARIANT)
    assert "\n" not in str(caught.value)
    assert text[:20] in str(caught.value)


def test_a_key_that_a_variant_lacks_is_told_from_other_errors() -> None:
    for text in ("missing", "d.missing", "d['missing'] + 1", "d.y.missing"):
        with pytest.raises(AbsentKey, match="has no"):
            value(text)


def test_the_truth_of_a_value_without_one_is_an_error_too() -> None:
    with pytest.raises(ExpressionError, match="ValueError"):
        Expression("array").holds(VARIANT)
    assert Expression("l").holds(VARIANT) is True


def test_str_gives_no_memory_address() -> None:
    assert value("str(o)") == "object"


def run(text: str) -> None:
    """Raise anything but an ExpressionError that building or evaluating raises; what would not end hangs the test."""
    try:
        expression = Expression(text)
        expression.value(VARIANT)
        expression.holds(VARIANT)
    except ExpressionError as error:
        assert "\n" not in str(error)


@settings(max_examples=500)
@given(st.text(st.characters(codec=None), max_size=40) | st.text("ab.[]()'\"+-*/%<>=!, \\\n0123456789ejx", max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(text)


names = st.sampled_from([*VARIANT, "missing"])
leaves = (
    names
    | st.integers(-(10**12), 10**12).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["'a'", "''", "None", "True", "1j", "b'x'", "...", "()", "[]", "10**9", "9**999"])
)
binary = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", " in ", " not in ", " is ", " and ", " or "]
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(inner, binary, inner).map(lambda parts: f"({''.join(parts)})")
        | st.tuples(st.sampled_from(["-", "+", "not "]), inner).map(lambda parts: f"({''.join(parts)})")
        | st.tuples(inner, inner, inner).map(lambda parts: "({} if {} else {})".format(*parts))
        | st.tuples(inner, inner).map(lambda parts: "{}[{}]".format(*parts))
        | st.tuples(inner, names).map(lambda parts: "({}).{}".format(*parts))
        | st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, min_size=1, max_size=4).map(lambda items: f"({', '.join(items)},)")
        | st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=3)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        )
    ),
    max_leaves=15,
)


@settings(max_examples=1000)
@given(trees)
def test_any_tree_of_operations_ends_soon_in_a_value_or_an_expression_error(text: str) -> None:
    assert ast.parse(text, mode="eval")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(text)


@pytest.mark.parametrize("levels", [10, 40])
@pytest.mark.parametrize("pattern", ["({0} + {0})", "[{0}, {0}]", "str({0})", "({0} * 9)", "({0},) * 99"])
def test_operations_piled_on_each_other_stay_small(pattern: str, levels: int) -> None:
    text = "s"
    for _ in range(levels):
        longer = pattern.format(text)
        if len(longer) > 1000:
            break
        text = longer
    run(text)


def test_results_keep_their_python_types() -> None:
    assert math.isnan(value("float('nan')"))
    assert type(value("a * 1.0")) is float
    assert type(value("a > 1")) is bool
