"""What matters: the shares of parameters, their marginal means, and maps of two of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sweep.results.report.content import Report
from sweep.results.report.figures.style import Figure, axis, categories, figure, label, layout, rounded, short
from sweep.results.report.heat import Heat, Square
from sweep.results.report.values import is_number, name_of, place_of, value_in, values_of
from sweep.results.table.ranked import Ranked
from sweep.results.text.numbers import number

_BAR, _FRAME, _PANEL = 30, 56, 230
_SQUARE, _MAP = 46, 100
# More numbers than this are not levels of a grid.
_MOST_LEVELS = 12
_POWERS = 50


def shares_figure(report: Report) -> Figure:
    """Return a bar for each parameter, one for what they do together, and one for the seeds."""
    main = sorted(report.effects.main.items(), key=lambda item: -item[1] if math.isfinite(item[1]) else 0.0)
    bars = [(key, share, "accent") for key, share in main]
    if math.isfinite(report.effects.interactions):
        bars.append(("together", report.effects.interactions, "line"))
    names = [key for key, _, _ in bars]
    values = [100 * share for _, share, _ in bars]
    trace = {
        "type": "bar", "orientation": "h", "x": rounded(values), "y": list(range(len(bars))),
        "marker": {"color": [colour for _, _, colour in bars]},
        "text": [f"{value:.0f}%" if math.isfinite(value) else "-" for value in values],
        "textposition": "outside", "cliponaxis": False, "hoverinfo": "skip", "width": 0.62,
    }  # fmt: skip
    down = categories(names, showgrid=False) | {"range": [len(bars) - 0.5, -0.5]}
    across = axis(range=[0, 108], ticksuffix="%", zeroline=False, tickvals=[0, 25, 50, 75, 100])
    return figure([trace], layout(_FRAME + _BAR * len(bars), xaxis=across, yaxis=down, bargap=0.3))


def level_figures(report: Report) -> list[Figure]:
    """Return a figure for each of `Report.levels`: a dot a setting, a line through the means of the values."""
    span = _span([row.mean for row in report.ranking.scored()])
    return [_levels(report, key, span) for key in report.levels]


def _span(means: Sequence[float]) -> list[float | None]:
    margin = 0.06 * (max(means) - min(means)) or 1.0
    return rounded([min(means) - margin, max(means) + margin])


def _levels(report: Report, key: str, span: list[float | None]) -> Figure:
    rows = report.ranking.scored()
    values = values_of([row.setting for row in rows], key)
    if len(values) > _MOST_LEVELS and all(map(is_number, values)):
        return _scattered(rows, key, span)
    places = [place_of(values, value_in(row.setting, key)) for row in rows]
    dots = _dots(rows, places)
    levels = sorted(report.levels[key], key=lambda one: place_of(values, one.value))
    line = {
        "type": "scatter", "mode": "lines+markers", "x": list(range(len(levels))),
        "y": rounded(level.mean for level in levels), "line": {"color": "accent", "width": 2},
        "marker": {"color": "accent", "size": 9, "line": {"color": "paper", "width": 1}},
        "customdata": [f"mean of {level.n} settings" for level in levels],
        "hovertemplate": "%{customdata}<br><b>%{y:,.5~g}</b><extra></extra>",
    }  # fmt: skip
    across = categories([name_of(value) for value in values], showgrid=False)
    return figure([dots, line], layout(_PANEL, xaxis=across, yaxis=axis(range=span, nticks=5, zeroline=False)))


def _scattered(rows: Sequence[Ranked], key: str, span: list[float | None]) -> Figure:
    """Return dots over a parameter of very many numbers, on a scale of powers if they span some."""
    places = [float(str(value_in(row.setting, key))) for row in rows]
    powers = min(places) > 0 and max(places) > _POWERS * min(places)
    dots = _dots(rows, rounded(places)) | {"marker": {"color": "accent", "size": 6, "opacity": 0.6}}
    across = axis(type="log" if powers else "linear", nticks=5, zeroline=False)
    return figure([dots], layout(_PANEL, xaxis=across, yaxis=axis(range=span, nticks=5, zeroline=False)))


def _dots(rows: Sequence[Ranked], places: Sequence[float | None]) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "x": list(places), "y": rounded(row.mean for row in rows),
        "marker": {"color": "faint", "size": 6, "opacity": 0.5},
        "customdata": [label(row.setting.label, 60) for row in rows],
        "hovertemplate": "%{customdata}<br><b>%{y:,.5~g}</b><extra></extra>",
    }  # fmt: skip


def heat_figure(heat: Heat) -> Figure:
    """Return a map of marginal means; in ``meta`` of its trace stands the best over the rest, to switch to."""
    trace = {
        "type": "heatmap", "z": _grid(heat, "mean"), "xgap": 2, "ygap": 2, "coloraxis": "coloraxis",
        "meta": {"mean": _faces(heat, "mean"), "best": _faces(heat, "best")},
        "text": _faces(heat, "mean")["text"], "texttemplate": "%{text}", "textfont": {"size": 12}, "hoverongaps": False,
        "customdata": [[_told(heat, i, j) for j in range(len(heat.cols))] for i in range(len(heat.rows))],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    return figure(
        [trace],
        layout(
            _MAP + _SQUARE * len(heat.rows),
            xaxis=categories(heat.cols, heat.across, showgrid=False),
            yaxis=categories(heat.rows, heat.down, showgrid=False),
            coloraxis={"colorscale": "scale", "showscale": False},
        ),
    )


def _grid(heat: Heat, what: str) -> list[list[float | None]]:
    return [[short(getattr(one, what)) if one else None for one in line] for line in heat.squares]


def _faces(heat: Heat, what: str) -> dict[str, Any]:
    texts = [[_face(one, what) for one in line] for line in heat.squares]
    return {"z": _grid(heat, what), "text": texts}


def _face(square: Square | None, what: str) -> str:
    return f"{number(getattr(square, what))}<br><sub>n={square.runs}</sub>" if square else ""


def _told(heat: Heat, i: int, j: int) -> str:
    square = heat.squares[i][j]
    here = f"{label(heat.down)} {label(heat.rows[i])}, {label(heat.across)} {label(heat.cols[j])}"
    if square is None:
        return f"{here}<br>no score"
    counts = f"{square.settings} settings, {square.runs} runs"
    return f"{here}<br>mean <b>{number(square.mean)}</b>, best <b>{number(square.best)}</b><br>{counts}"
