"""Learning curves as few points: a panel for each pair of values, a curve for each setting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.base.text import plural
from sweep.results.plotting.lines import Line, make_lines
from sweep.results.plotting.panels import MOST_PANELS, Layout, Panel, choose_layout, fewer, make_panels
from sweep.results.plotting.panels import values_of as colours_of
from sweep.results.plotting.request import PlotRequest
from sweep.results.report.values import name_of
from sweep.results.run import Run
from sweep.results.statistics.bands import Band, band
from sweep.results.table_file import Table

MOST_POINTS = 250
MOST_LINES = 60
# If all values span so many times what 98 % of them do, the axis shows these alone.
_FAR = 5.0
_MARGIN = 0.04

Places = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Curve:
    """The mean of a setting's seeds.

    Attributes:
        setting: its key.
        label: its name.
        color: the place of its value among `Curves.colors`.
        x, y, low, high: points, at most `MOST_POINTS`; nan where there is none.
        n: seeds at each.
        dotted_from: the first point after which some seeds have ended; None if they all go to the end.
    """

    setting: str
    label: str
    color: int
    x: Places
    y: Places
    low: Places
    high: Places
    n: np.ndarray[tuple[int], np.dtype[np.intp]]
    dotted_from: int | None


@dataclass(frozen=True)
class Curves:
    """All panels.

    Attributes:
        y, x: the columns; an empty `x` is the number of the row.
        layout: which parameters choose colour, row and column.
        colors: the values that colours stand for.
        panels: a title and the curves of each.
        columns: how many panels stand side by side.
        span: least and largest y that is shown.
        notes: what a reader must know.
    """

    y: str
    x: str
    layout: Layout
    colors: tuple[object, ...]
    panels: tuple[tuple[str, tuple[Curve, ...]], ...]
    columns: int
    span: tuple[float, float]
    notes: tuple[str, ...]


def make_curves(
    runs: Sequence[Run],
    tables: Callable[[Run], Table],
    x: str,
    y: str,
    shares: Mapping[str, float],
    counts: Mapping[str, int],
    order: Sequence[str],
) -> Curves:
    """Return the curves of some runs, whatever their state.

    Args:
        shares: how much each parameter that varies matters, which chooses colours and panels.
        counts: how many values each of them has; one with very many is chosen last.
        order: the keys of the settings, the best first; of very many the best are drawn.
    """
    known = {key: _weight(share, counts.get(key, 0)) for key, share in shares.items()}
    every = make_lines(runs, tables, x, y, PlotRequest())
    lines, rest = _best(every, order)
    layout, kept, left_out = fewer(lines, choose_layout(lines, known, PlotRequest()))
    colors = colours_of(kept, layout.color)
    bands = {line.runs[0].setting: band(line.aligned()) for line in kept}
    panels = [(_title(panel, layout), _curves(panel, layout, colors, bands)) for panel in make_panels(kept, layout)]
    span, cut = _span([heights for line in kept for _, heights in line.curves])
    longest = max((len(one.center) for one in bands.values()), default=0)
    notes = (_told(list(bands.values())), rest, left_out, cut, _thin(longest))
    columns = len(colours_of(kept, layout.col)) if layout.row else len(panels)
    return Curves(y, x, layout, tuple(colors), tuple(panels), columns, span, tuple(filter(None, notes)))


def _best(lines: list[Line], order: Sequence[str]) -> tuple[list[Line], str]:
    if len(lines) <= MOST_LINES:
        return lines, ""
    kept = set(order[:MOST_LINES])
    drawn = [line for line in lines if line.runs[0].setting in kept]
    return drawn, f"of {len(lines)} settings the best {len(drawn)} are drawn"


def _weight(share: float, count: int) -> float:
    if count > MOST_PANELS:
        return -1.0
    return share if math.isfinite(share) else 0.0


def _told(bands: Sequence[Band]) -> str:
    """Return what the lines are, in the words of one that hold for all."""
    if not bands:
        return ""
    most = max(int(one.n.max(initial=0)) for one in bands)
    fewest = min(int(one.n[one.n > 0].min(initial=most)) for one in bands)
    what = max((one.label for one in bands), key=len).partition(" over ")[0]
    blended = ", interpolated to a common x" if any("interpolated" in one.label for one in bands) else ""
    over = f"{fewest} to " if fewest < most else ""
    return f"{what} over {over}{plural(most, 'seed')}{blended}"


def _thin(longest: int) -> str:
    return f"of {longest:,} points a line {MOST_POINTS} are drawn" if longest > MOST_POINTS else ""


def _title(panel: Panel, layout: Layout) -> str:
    parts = ((layout.row, panel.row), (layout.col, panel.col))
    return "  ·  ".join(f"{key} {name_of(value)}" for key, value in parts if key)


def _curves(panel: Panel, layout: Layout, colors: Sequence[object], bands: Mapping[str, Band]) -> tuple[Curve, ...]:
    return tuple(_curve(line, colors.index(colours_of([line], layout.color)[0]), bands) for line in panel.lines)


def _curve(line: Line, color: int, bands: Mapping[str, Band]) -> Curve:
    whole, found = line.aligned(), bands[line.runs[0].setting]
    kept = np.unique(np.linspace(0, len(whole.x) - 1, min(MOST_POINTS, len(whole.x))).round().astype(int))
    # A seed that has nothing to draw is missing everywhere.
    dotted = 0 if len(line.curves) < line.expected else whole.dotted_from
    start = None if dotted is None else int(np.searchsorted(kept, dotted))
    x, y, low, high = (one[kept] for one in (whole.x, found.center, found.low, found.high))
    return Curve(line.runs[0].setting, line.label, color, x, y, low, high, found.n[kept], start)


def _span(heights: Sequence[np.ndarray]) -> tuple[tuple[float, float], str]:
    """Return what the y axis shows, the seeds and not their intervals, and a note where that is not all."""
    values = np.concatenate([*heights, np.empty(0)])
    values = values[np.isfinite(values)]
    if not len(values):
        return (0.0, 1.0), ""
    low, high = float(values.min()), float(values.max())
    first, last = (float(one) for one in np.quantile(values, (0.01, 0.99)))
    cut = last > first and high - low > _FAR * (last - first)
    low, high = (first, last) if cut else (low, high)
    margin = _MARGIN * (high - low) or abs(high) * _MARGIN or 1.0
    return (low - margin, high + margin), "the y axis is cut: outliers lie beyond it" if cut else ""
