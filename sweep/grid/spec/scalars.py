"""What a plain (unquoted) scalar means: the core schema of YAML 1.2.2, section 10.3.2.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``no`` is False, ``010`` is 8 and ``1:30`` is 90.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: -math.inf for word in (".inf", ".Inf", ".INF")},
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = {"0o": (re.compile(r"0o[0-7]+"), 8), "0x": (re.compile(r"0x[0-9a-fA-F]+"), 16)}
# Python converts no decimal number of more than 4300 digits, as that takes quadratic time.
_DIGITS = 1000


def scalar(text: str) -> Scalar:
    """Return the value of a plain scalar.

    Raises:
        ValueError: a whole number of more than a thousand digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[:2] in _BASES:
        pattern, base = _BASES[text[:2]]
        return _integer(text[2:], base) if pattern.fullmatch(text) else text
    if _INTEGER.fullmatch(text):
        return _integer(text, 10)
    return float(text) if _FLOAT.fullmatch(text) else text


def _integer(digits: str, base: int) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"a whole number of {len(digits)} digits is too long; {_DIGITS} are allowed")
    return int(digits, base)


def means_text(text: str) -> bool:
    """Say whether a plain scalar is read as the text itself, so that it needs no quotes."""
    try:
        return isinstance(scalar(text), str)
    except ValueError:
        return False


def scalar_text(value: Scalar) -> str:
    """Return the plain scalar of a value; a float's is exact."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ("-.inf" if value < 0 else ".inf")
    return repr(value) if isinstance(value, float) else str(value)
