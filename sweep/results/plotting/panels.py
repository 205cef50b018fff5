"""Which panel a line is in, and which colour it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.results.parameters import ABSENT
from sweep.results.plotting.lines import Line
from sweep.results.plotting.request import PlotRequest

# More panels than this are not read by anybody.
MOST_PANELS = 12
# Whole numbers beyond this are no floats.
_LARGEST = 1e300


@dataclass(frozen=True)
class Layout:
    """The parameters that choose colour, row and column; '' where none does."""

    color: str = ""
    row: str = ""
    col: str = ""


@dataclass(frozen=True)
class Panel:
    """The lines of one panel, and the values that it stands for."""

    row: object
    col: object
    lines: tuple[Line, ...]


def values_of(lines: Sequence[Line], key: str) -> list[object]:
    """Return the values of a parameter, numbers first and in order, then the others in theirs."""
    found = list(dict.fromkeys(hashable(line.params.get(key, ABSENT)) for line in lines)) if key else [ABSENT]
    return sorted(found, key=_order)


def hashable(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(hashable(one) for one in value)
    return value if value.__hash__ is not None else repr(value)


def _order(value: object) -> tuple[int, float, str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_small = is_number and abs(value) < _LARGEST  # type: ignore[arg-type]
    return (0, float(value), "") if is_small else (1, 0.0, str(value))  # type: ignore[arg-type]


def choose_layout(lines: Sequence[Line], importance: Mapping[str, float], request: PlotRequest) -> Layout:
    """Return what was asked for; of the parameters that are left, the one that matters most chooses the colour, and the
    next two columns and rows.

    Args:
        importance: by parameter that varies; more matters more.

    Raises:
        UsageError: a parameter that does not vary, or one that is asked for twice.
    """
    asked = Layout(request.color, request.row, request.col)
    given = [key for key in vars(asked).values() if key]
    for key in given:
        _check(key, given, importance)
    if given or request.legend or request.count or len(importance) == 0:
        return asked
    free = sorted(importance, key=lambda key: (-importance[key], key))
    return Layout(**dict(zip(("color", "col", "row"), free, strict=False)))


def _check(key: str, given: Sequence[str], importance: Mapping[str, float]) -> None:
    if key not in importance:
        there = f"those that do are {listed(list(importance))}" if importance else "none does"
        raise UsageError(f"the parameter {key!r} does not vary in these runs; {there}.{did_you_mean(key, importance)}")
    if given.count(key) > 1:
        raise UsageError(f"{key!r} is asked for twice; color, row and col are each a parameter of their own.")


def make_panels(lines: Sequence[Line], layout: Layout) -> list[Panel]:
    """Return the panels that have lines, row by row."""
    return [
        Panel(row, col, inside)
        for row in values_of(lines, layout.row)
        for col in values_of(lines, layout.col)
        if (inside := tuple(line for line in lines if _is_at(line, layout.row, row) and _is_at(line, layout.col, col)))
    ]


def _is_at(line: Line, key: str, value: object) -> bool:
    return not key or hashable(line.params.get(key, ABSENT)) == value


def fewer(lines: Sequence[Line], layout: Layout) -> tuple[Layout, list[Line], str]:
    """Return a layout with at most `MOST_PANELS` panels, its lines, and what had to be left out, in words."""
    rows, cols = values_of(lines, layout.row), values_of(lines, layout.col)
    if len(rows) * len(cols) <= MOST_PANELS:
        return layout, list(lines), ""
    if layout.row:
        smaller = replace(layout, row="")
        return (
            *fewer(lines, smaller)[:2],
            f"lines of all {layout.row} share a panel: there would be {len(rows) * len(cols)}",
        )
    kept = set(cols[:MOST_PANELS])
    drawn = [line for line in lines if hashable(line.params.get(layout.col, ABSENT)) in kept]
    return layout, drawn, f"panels of {MOST_PANELS} of the {len(cols)} values of {layout.col} are drawn"
