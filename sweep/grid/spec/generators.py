"""Alternatives that a file describes in place of listing them: ``{linspace: [0, 1, 5]}``.

The sequences are numpy's (`numpy.linspace`, `logspace`, `geomspace`, end point included), computed in its order of
operations without importing it. `linspace` gives the same floats. A power may differ from numpy's in the last place,
where numpy's own differs from one processor to another; so a file gives the same values, and names, everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from sweep.base.text import shown
from sweep.grid.distributions import Distribution, choice, loguniform, uniform
from sweep.grid.spec.keys import DISTRIBUTIONS, DRAWS, GENERATORS
from sweep.grid.spec.tree import Node
from sweep.grid.spec.values import decode

_COUNT_LIMIT = 100_000  # values of one parameter


def generated(node: Node, what: str) -> list[Any] | Distribution:
    """Return what a mapping with exactly one generator key stands for.

    Raises:
        SpecError: no such key or several, or its arguments are wrong.
    """
    children = node.mapping(what)
    names = [name for name in children if name in GENERATORS]
    if len(names) != 1:
        given = " and ".join(map(repr, names)) or "none"
        raise node.error(f"{what}: exactly one of vals, {', '.join(GENERATORS)} is needed; there is {given}.")
    name = names[0]
    draws = {key: child for key, child in children.items() if key in DRAWS}
    if name in DISTRIBUTIONS:
        return _distribution(name, children[name], draws, what)
    for key, child in draws.items():
        raise child.error(f"{what}: {key!r} belongs to {', '.join(DISTRIBUTIONS)}; {name} takes none.")
    return _SEQUENCES[name](children[name], f"{what}: {name}")


def _distribution(name: str, node: Node, draws: dict[str, Node], what: str) -> Distribution:
    options = {key: child.whole(f"{what}: {key!r}") for key, child in draws.items()}
    with node.blamed():
        if name == "choice":
            return choice([decode(item) for item in node.items(f"{what}: choice")], **options)
        low, high = _numbers(node, f"{what}: {name}", "low, high", (2,))
        return (uniform if name == "uniform" else loguniform)(low, high, **options)


def _numbers(node: Node, what: str, form: str, counts: Sequence[int]) -> list[Any]:
    """Return finite numbers as they stand."""
    numbers = [item.value for item in node.items(what)]
    if len(numbers) not in counts or not all(map(_is_finite, numbers)):
        raise node.error(f"{what} must be [{form}], finite numbers, not {shown(numbers)}.")
    return numbers


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False


def _range(node: Node, what: str) -> list[int]:
    numbers = _numbers(node, what, "start, stop(, step)", (2, 3))
    if not all(isinstance(number, int) for number in numbers) or 0 in numbers[2:]:
        raise node.error(f"{what} takes whole numbers and a step other than 0, not {numbers!r}; see linspace.")
    values = range(*numbers)
    if not 0 < len(values) <= _COUNT_LIMIT:
        raise node.error(f"{what}: {numbers!r} has {len(values):,} values; 1 to {_COUNT_LIMIT:,} are allowed.")
    return list(values)


def _spaced(make: Callable[[float, float, int], list[float]]) -> Callable[[Node, str], list[float]]:
    """Return the reader of ``[first, last, n]``."""

    def read(node: Node, what: str) -> list[float]:
        first, last, n = _numbers(node, what, "first, last, n", (3,))
        if not isinstance(n, int) or not 0 < n <= _COUNT_LIMIT:
            raise node.error(f"{what}: n={n!r} is not a number of values; write a whole number from 1.")
        try:
            values = make(float(first), float(last), n)
        except (ValueError, OverflowError):
            values = [math.nan]
        if not all(map(math.isfinite, values)):
            raise node.error(f"{what}: [{first!r}, {last!r}, {n}] leaves the numbers that a float can hold.{_HINT}")
        return values

    return read


_HINT = " The bounds of geomspace are not 0 and have one sign; those of logspace are exponents of 10."


def linspace(first: float, last: float, n: int) -> list[float]:
    """Return n floats from first to last, evenly spaced."""
    if n == 1:
        return [first]
    delta = last - first
    step = delta / (n - 1)
    # With a step too small for a float numpy scales the other way round.
    inner = [i * step if step else i / (n - 1) * delta for i in range(n - 1)]
    return [*(offset + first for offset in inner), last]


def logspace(first: float, last: float, n: int) -> list[float]:
    """Return n floats from ``10**first`` to ``10**last``, evenly spaced in the logarithm."""
    return [math.pow(10.0, exponent) for exponent in linspace(first, last, n)]


def geomspace(first: float, last: float, n: int) -> list[float]:
    """Return n floats from first to last in geometric progression; both below 0, or both above.

    Raises:
        ValueError: a bound is 0, or the signs differ.
    """
    sign = math.copysign(1.0, first)
    inner = logspace(math.log10(first * sign), math.log10(last * sign), n)
    # The bounds themselves, not the powers of their logarithms, as in numpy.
    return [first, *(sign * value for value in inner[1:-1]), last][:n]


_SEQUENCES: dict[str, Callable[[Node, str], list[Any]]] = {
    "range": _range,
    "linspace": _spaced(linspace),
    "logspace": _spaced(logspace),
    "geomspace": _spaced(geomspace),
}
