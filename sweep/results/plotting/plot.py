"""From runs to figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.base.errors import UsageError, listed
from sweep.base.text import plural
from sweep.results.parameters import varying
from sweep.results.plotting.drawing import caption, draw
from sweep.results.plotting.lines import Line, make_lines
from sweep.results.plotting.panels import Layout, choose_layout, fewer, make_panels, values_of
from sweep.results.plotting.request import PlotRequest
from sweep.results.run import Run
from sweep.results.score import default_x, resolve_metric
from sweep.results.statistics.effects import main_effects
from sweep.results.table_file import Table, read_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """A figure of one metric.

    Attributes:
        y, x: the columns that are drawn; an empty `x` is the number of the row.
        notes: what a reader must know: what the bands are, which runs are not drawn, and why.
    """

    y: str
    x: str
    figure: Figure
    notes: tuple[str, ...]


def plot(runs: Sequence[Run], y: str | Sequence[str] = "Performance", **options: Any) -> list[Plot]:
    """Draw learning curves, one figure a metric.

    Args:
        runs: what `find_runs` returns.
        y: metrics; all else as in `PlotRequest`.

    Raises:
        UsageError: an unknown metric, parameter or option; nothing to draw; or no matplotlib.
    """
    request = PlotRequest(y=(y,) if isinstance(y, str) else tuple(y), **options)
    drawn = [run for run in runs if request.which == "all" or run.counts]
    tables = cache(read_table)  # a table is read once for all figures
    columns = list(dict.fromkeys(name for run in drawn for name in tables(run).columns))
    if not any(tables(run).rows for run in drawn):
        raise UsageError(f"there is nothing to draw: none of {plural(len(drawn), 'run')} has written a row yet.")
    x = _axis(request.x, columns)
    return [_plot(drawn, tables, x, metric, columns, request) for metric in request.y]


def _axis(asked: str, columns: Sequence[str]) -> str:
    return resolve_metric(asked, columns)[0] if asked else default_x(columns)


def _plot(
    runs: Sequence[Run],
    tables: Callable[[Run], Table],
    x: str,
    asked: str,
    columns: Sequence[str],
    request: PlotRequest,
) -> Plot:
    y, note = resolve_metric(asked, columns)
    lines = make_lines(runs, tables, x, y, request)
    if not lines:
        raise UsageError(f"there is nothing to draw: no run has numbers in {y}{f' and {x}' * bool(x)}.")
    layout = choose_layout(lines, _importance(lines, varying(runs)), request)
    layout, kept, left_out = fewer(lines, layout)
    figure, told = draw(make_panels(kept, layout), kept, layout, request, x, y)
    notes = [told, _smoothed(request.smooth), _cut_short(kept), _alike(kept, layout), left_out]
    caption(figure, list(filter(None, notes)))
    return Plot(y, x, figure, tuple(filter(None, [note, *notes, _missing(runs, lines)])))


def _importance(lines: Sequence[Line], keys: Sequence[str]) -> Mapping[str, float]:
    """Return how much each parameter that varies matters for what the lines come to at their end."""
    ends = np.array([np.mean([heights[np.isfinite(heights)][-1] for _, heights in line.curves]) for line in lines])
    finite = np.isfinite(ends)
    if finite.sum() < 2:
        return dict.fromkeys(keys, 0.0)
    effects = main_effects([line.params for line, good in zip(lines, finite, strict=True) if good], ends[finite])
    return {key: effects.get(key, 0.0) for key in keys}


def _alike(lines: Sequence[Line], layout: Layout) -> str:
    """Say which parameters cannot be seen, where colours stand for another one."""
    keys = list(dict.fromkeys(key for line in lines for key in line.params))
    unseen = [key for key in keys if key not in vars(layout).values() and len(values_of(lines, key)) > 1]
    return f"lines that differ in {listed(unseen)} alone look alike" if unseen and layout.color else ""


def _cut_short(lines: Sequence[Line]) -> str:
    """Say how many lines end before some of their runs do, as runs with different x are drawn where all of them are."""
    cut = sum(line.is_cut for line in lines)
    what = "line is drawn" if cut == 1 else "lines are drawn"
    return f"{cut} {what} only where all of its runs are, as their x differ; count=True draws each run" if cut else ""


def _smoothed(window: int) -> str:
    return f"each point is the mean of the last {window} rows" if window > 1 else ""


def _missing(runs: Sequence[Run], lines: Sequence[Line]) -> str:
    absent = len(runs) - sum(len(line.runs) for line in lines)
    return f"{plural(absent, 'run')} of {len(runs)} not drawn: no rows with this metric" if absent else ""
