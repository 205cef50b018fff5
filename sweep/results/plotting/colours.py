"""The colours of lines: in order for numbers, told apart by everybody for names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Okabe and Ito's, which people who see fewer colours tell apart (jfly.uni-koeln.de/color), the darkest first.
DISTINCT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
_SCALE = "viridis"
# The yellow end of the scale is too light on white.
_DARKEST, _LIGHTEST = 0.0, 0.88


def colours_for(values: Sequence[object]) -> dict[object, Any]:
    """Return a colour for each value; numbers are steps of one scale, by rank, so that 1e-4 and 1e-3 differ."""
    if len(values) > len(DISTINCT) or (len(values) > 2 and all(_is_number(value) for value in values)):
        return dict(zip(values, _steps(len(values)), strict=True))
    return dict(zip(values, DISTINCT, strict=False))


def _steps(count: int) -> list[Any]:
    import matplotlib as mpl

    scale = mpl.colormaps[_SCALE]
    span = _LIGHTEST - _DARKEST
    return [scale(_DARKEST + span * place / max(count - 1, 1)) for place in range(count)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
