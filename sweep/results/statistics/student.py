"""Quantiles of Student's t distribution, without scipy: it would cost seconds to import."""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300
_CLOSE = 1e-15
_MOST_STEPS = 10_000
# Above this the two gamma functions of the density are too large for a float.
_LARGE_DOF = 300.0


def t_critical(confidence: float, dof: float) -> float:
    """Return the t with P(-t < T < t) = `confidence`, for T of Student's t distribution.

    Newton's method on the upper tail, which is convex: from the normal quantile, which is smaller, it never oversteps.

    Args:
        confidence: between 0 and 1, both excluded.
        dof: degrees of freedom, at least 1; not only whole ones.

    Raises:
        ValueError: one of them is out of its range.
    """
    if not 0 < confidence < 1 or not dof >= 1:
        raise ValueError(f"confidence {confidence} and {dof} degrees of freedom; allowed are 0 to 1, and 1 and above.")
    tail = (1 - confidence) / 2
    t = NormalDist().inv_cdf(1 - tail)
    for _ in range(_MOST_STEPS):
        step = (t_tail(t, dof) - tail) / t_density(t, dof)
        t += step
        if abs(step) <= 4 * _CLOSE * t:
            break
    return t


def t_density(t: float, dof: float) -> float:
    """Return the density of Student's t distribution at `t`."""
    scale = _gamma_ratio(dof / 2) / math.sqrt(dof * math.pi)
    return scale * math.exp(-(dof + 1) / 2 * math.log1p(t * t / dof))


def t_tail(t: float, dof: float) -> float:
    """Return P(T > t) for t >= 0: half the regularised incomplete beta function I_x(dof/2, 1/2), x = dof/(dof + t^2).

    Source: Abramowitz & Stegun 26.5.27 and 26.7.1.
    """
    if t == 0:
        return 0.5
    a, b, x, rest = dof / 2, 0.5, dof / (dof + t * t), t * t / (dof + t * t)
    # x^a (1 - x)^b / B(a, b), with B(a, 1/2) = sqrt(pi) G(a) / G(a + 1/2)
    front = math.exp(-a * math.log1p(t * t / dof)) * math.sqrt(rest / math.pi) * _gamma_ratio(a)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a / 2
    return (1 - front * _fraction(b, a, rest) / b) / 2


def _gamma_ratio(z: float) -> float:
    """Return G(z + 1/2) / G(z); for large z by its series, as a difference of large logarithms would lose digits."""
    if 2 * z < _LARGE_DOF:
        return math.gamma(z + 0.5) / math.gamma(z)
    return math.sqrt(z) * math.exp(-1 / (8 * z) + 1 / (192 * z**3) - 1 / (640 * z**5))


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method (A & S 26.5.8)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
