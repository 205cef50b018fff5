"""Draws panels of lines with matplotlib."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.base.errors import UsageError
from sweep.base.text import printable, shorten
from sweep.results.parameters import ABSENT
from sweep.results.plotting.colours import colours_for
from sweep.results.plotting.lines import Line
from sweep.results.plotting.panels import Layout, Panel, hashable, values_of
from sweep.results.plotting.request import PlotRequest
from sweep.results.statistics.bands import Band, band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL_INCHES = (3.6, 2.7)
_ONE_PANEL_INCHES = (7.2, 4.6)
_LETTERS_PER_INCH = 13
# Letters of a value in a title or a legend.
_LONGEST = 40
_LETTERS_A_TITLE = 38  # on one line above a panel
_LEGEND_INCHES = 0.21  # for each line
_SHADE, _THIN = 0.18, 0.35
# As in the reference: from here on numbers on the x axis are written with a power of ten.
_LARGE_X = 5000
# How far beyond the seeds' own range a band may stretch the axis: one of 3 seeds can be ten times as wide.
_BEYOND = 0.05


def draw(
    panels: Sequence[Panel], lines: Sequence[Line], layout: Layout, request: PlotRequest, x: str, y: str
) -> tuple[Figure, str]:
    """Return a figure of the panels, and what its lines and bands are, in words.

    Raises:
        UsageError: matplotlib is not installed.
    """
    figure, axes = _figure(lines, layout, request.in_window)
    keys = _keys(lines, layout)
    shaded: list[Band] = []
    drawn: list[Line] = []
    for panel, place in zip(panels, _places(panels, lines, layout), strict=True):
        shaded += [_draw_line(axes[place], line, keys[_key(line, layout)], request) for line in panel.lines]
        drawn += panel.lines
    _limit(axes[0, 0], lines)
    _label(axes, panels, lines, layout, x, y)
    _add_legend(figure, axes, keys, layout)
    has_ended = any(bool((one.n < line.expected).any()) for one, line in zip(shaded, drawn, strict=True))
    return figure, _told(shaded) + "; dotted: without some of the seeds" * has_ended


def _told(shaded: Sequence[Band]) -> str:
    """Return what the lines and bands of a figure are, in the words of one that holds for all."""
    most = max(int(one.n.max(initial=0)) for one in shaded)
    fewest = min(int(one.n[one.n > 0].min(initial=most)) for one in shaded)
    longest = max((one.label for one in shaded), key=len)
    what, _, rest = longest.partition(" over ")
    if most == 1:
        return "each line is one run"
    over = f"{fewest} to {most} seeds" if fewest < most else f"{most} seed{'s' * (most != 1)}"
    return f"{what} over {over}{', interpolated to a common x' if 'interpolated' in rest else ''}"


def _figure(lines: Sequence[Line], layout: Layout, in_window: bool) -> tuple[Figure, Any]:
    rows, cols = len(values_of(lines, layout.row)), len(values_of(lines, layout.col))
    width, height = _ONE_PANEL_INCHES if rows * cols == 1 else (_PANEL_INCHES[0] * cols, _PANEL_INCHES[1] * rows)
    figure = _maker(in_window)(figsize=(max(width, 5.0), height + 0.6), layout="constrained")
    axes = figure.subplots(rows, cols, squeeze=False, sharex=True, sharey=True)
    for one in axes.flat:
        one.set_visible(False)
    return figure, axes


def _maker(in_window: bool) -> Callable[..., Figure]:
    try:
        import matplotlib.figure

        if in_window:
            import matplotlib.pyplot as plt

            return plt.figure
    except ImportError:
        raise UsageError("figures need matplotlib: pip install 'sweep[plot]'.") from None
    return matplotlib.figure.Figure


def _places(panels: Sequence[Panel], lines: Sequence[Line], layout: Layout) -> list[tuple[int, int]]:
    rows, cols = values_of(lines, layout.row), values_of(lines, layout.col)
    return [(rows.index(panel.row), cols.index(panel.col)) for panel in panels]


def _key(line: Line, layout: Layout) -> object:
    return hashable(line.params.get(layout.color, ABSENT)) if layout.color else line.label


def _keys(lines: Sequence[Line], layout: Layout) -> Mapping[object, Any]:
    found = values_of(lines, layout.color) if layout.color else list(dict.fromkeys(line.label for line in lines))
    return colours_for(found)


def _draw_line(axes: Axes, line: Line, colour: Any, request: PlotRequest) -> Band:
    """Draw a line, solid as far as all of its runs go and dotted behind; return it with its band."""
    axes.set_visible(True)
    aligned = line.aligned()
    shaded = band(aligned, request.band_kind, request.est)
    if request.seeds:
        for x, y in line.curves:
            there = np.isfinite(y)
            axes.plot(x[there], y[there], color=colour, alpha=_THIN, linewidth=0.7)
    whole = aligned.n >= line.expected
    _stroke(axes, aligned.x, shaded, whole, colour)
    if request.band_kind != "none" and not np.isnan(shaded.low).all():
        axes.fill_between(aligned.x, shaded.low, shaded.high, color=colour, alpha=_SHADE, linewidth=0)
    return shaded


def _stroke(axes: Axes, x: np.ndarray, shaded: Band, whole: np.ndarray, colour: Any) -> None:
    center = shaded.center
    style = {"color": colour, "linewidth": 1.6}
    marker = "o" if len(x) == 1 else ""
    axes.plot(x, np.where(whole, center, np.nan), marker=marker, **style)
    behind = ~whole | np.append(~whole[1:], False)  # with the last whole point, so that the two parts meet
    if not whole.all():
        axes.plot(x, np.where(behind, center, np.nan), linestyle=":", marker=marker, **style)


def _limit(axes: Axes, lines: Sequence[Line]) -> None:
    """Keep wide bands from pressing the lines flat: the y axis covers what the runs themselves have."""
    heights = np.concatenate([y for line in lines for _, y in line.curves])
    heights = heights[np.isfinite(heights)]
    if len(heights):
        low, high = float(heights.min()), float(heights.max())
        if not math.isfinite(2 * (high - low)):  # matplotlib has no axis for it
            return
        room = (high - low or abs(high) or 1.0) * _BEYOND
        axes.set_ylim(low - room, high + room)


def _label(axes: Any, panels: Sequence[Panel], lines: Sequence[Line], layout: Layout, x: str, y: str) -> None:
    for panel, (row, col) in zip(panels, _places(panels, lines, layout), strict=True):
        one = axes[row, col]
        one.grid(alpha=0.3, linewidth=0.6)
        one.spines[["top", "right"]].set_visible(False)
        titles = [shorten(f"{key} = {shown(value)}", _LETTERS_A_TITLE) for key, value in _titles(panel, layout)]
        is_short = sum(map(len, titles)) <= _LETTERS_A_TITLE
        one.set_title((", " if is_short else ",\n").join(titles), fontsize="medium")
        _label_ends(one, (row, col), axes.shape, x, y)


def _titles(panel: Panel, layout: Layout) -> Iterable[tuple[str, object]]:
    return [(key, value) for key, value in ((layout.row, panel.row), (layout.col, panel.col)) if key]


def _label_ends(axes: Axes, place: tuple[int, int], shape: tuple[int, int], x: str, y: str) -> None:
    if place[0] == shape[0] - 1:
        axes.set_xlabel(plain(x or "row"))
    if place[1] == 0:
        axes.set_ylabel(plain(y))
    if axes.get_xlim()[1] > _LARGE_X:
        axes.ticklabel_format(axis="x", style="sci", scilimits=(0, 0), useMathText=True)


def caption(figure: Figure, words: Sequence[str]) -> None:
    """Say below a figure what is drawn."""
    width = int(_LETTERS_PER_INCH * figure.get_size_inches()[0])
    figure.supxlabel(textwrap.fill(plain("; ".join(words)), width), fontsize="small", color="0.35")


def _add_legend(figure: Figure, axes: Any, keys: Mapping[object, Any], layout: Layout) -> None:
    if len(keys) < 2:
        return
    from matplotlib.lines import Line2D

    room = max(2, int(figure.get_size_inches()[1] / _LEGEND_INCHES) - 2)
    handles = [Line2D([], [], color=colour, linewidth=2, label=shown(key)) for key, colour in keys.items()]
    if len(handles) > room:
        handles = [*handles[: room - 1], Line2D([], [], alpha=0, label=f"and {len(handles) - room + 1} more")]
    figure.legend(handles=handles, title=plain(layout.color) or None, loc="outside right upper", frameon=False)


def shown(value: object) -> str:
    """Return a value as a figure writes it."""
    return plain(shorten(f"{value:g}" if isinstance(value, float) else str(value), _LONGEST))


def plain(text: str) -> str:
    """Return text that matplotlib takes for no formula, and a terminal for no command."""
    return printable(text).replace("$", r"\$")
