"""Several tasks: middles with their intervals, performance profiles, and how often one setting beats another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sweep.results.report.figures.style import Figure, axis, categories, figure, label, layout, rounded, short
from sweep.results.report.values import name_of
from sweep.results.statistics.bootstrap import profile_interval
from sweep.results.statistics.interval import Interval
from sweep.results.statistics.robust import performance_profile
from sweep.results.statistics.scores import Floats
from sweep.results.tasks.ranked import TaskRanked, improvement
from sweep.results.tasks.ranking import TaskRanking

MOST_BARS, MOST_PROFILES, MOST_PAIRS = 40, 8, 12
_BAR, _SQUARE, _FRAME, _PROFILES = 26, 40, 80, 340
_POINTS = 121


def task_figures(found: TaskRanking) -> Iterator[tuple[str, Figure]]:
    """Yield the figures of the section, by the names of their places; none if no setting has all tasks."""
    rows = found.complete()
    if not rows:
        return
    yield "tasks-iqm", _bars(rows, [row.iqm for row in rows], [row.interval for row in rows], found)
    if found.has_gap:
        yield "tasks-gap", _bars(rows, [row.gap for row in rows], [row.gap_interval for row in rows], found)
    yield "tasks-profiles", _profiles(rows[:MOST_PROFILES], found)
    if len(rows) > 1:
        yield "tasks-pairs", _pairs(rows[:MOST_PAIRS], found)


def names_of(rows: Sequence[TaskRanked], keys: Sequence[str]) -> list[str]:
    """Return short names of ranked settings: their values, else their names, with their places."""
    values = [" · ".join(name_of(row.setting.params.get(key, ""), 12) for key in keys) for row in rows]
    is_clear = len(set(values)) == len(values) and all(values)
    texts = values if is_clear else [row.setting.label for row in rows]
    return [f"{text}  #{place}" if len(text) <= 20 else f"#{place}" for place, text in enumerate(texts, 1)]


def _bars(
    rows: Sequence[TaskRanked], values: Sequence[float], ends: Sequence[Interval | None], found: TaskRanking
) -> Figure:
    rows, pairs = rows[:MOST_BARS], list(zip(values, ends, strict=True))[:MOST_BARS]
    reach = {
        "type": "data", "symmetric": False, "thickness": 1.6, "width": 4, "color": "text",
        "array": [short(end.high - value) if end else None for value, end in pairs],
        "arrayminus": [short(value - end.low) if end else None for value, end in pairs],
    }  # fmt: skip
    trace = {
        "type": "bar", "orientation": "h", "x": rounded(value for value, _ in pairs), "y": list(range(len(rows))),
        "marker": {"color": [row.mark for row in rows], "opacity": 0.75}, "width": 0.62, "error_x": reach,
        "customdata": [_told(row, value, end) for row, (value, end) in zip(rows, pairs, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    down = categories(names_of(rows, found.keys), showgrid=False) | {"range": [len(rows) - 0.5, -0.5]}
    return figure([trace], layout(_FRAME + _BAR * len(rows), xaxis=axis(nticks=6), yaxis=down, bargap=0.3))


def _told(row: TaskRanked, value: float, end: Interval | None) -> str:
    around = f" [{end.low:,.4g} .. {end.high:,.4g}]" if end else ""
    return f"{label(row.setting.label, 60)}<br><b>{value:,.5g}</b>{around}, n={row.setting.n}, {row.mark}"


def _profiles(rows: Sequence[TaskRanked], found: TaskRanking) -> Figure:
    every = np.concatenate([one for row in rows for one in row.scores])
    margin = 0.03 * float(np.ptp(every)) or 1.0
    taus = np.linspace(every.min() - margin, every.max() + margin, _POINTS)
    names = names_of(rows, found.keys)
    data = [trace for place, row in enumerate(rows) for trace in _profile(row, taus, place, names[place])]
    across = axis(
        "score" if not found.scale.ends else "normalised score", nticks=6, zeroline=False, hoverformat=",.4~g"
    )
    down = axis("share of runs above it", range=[-0.02, 1.02], nticks=6, zeroline=False)
    return figure(data, layout(_PROFILES, hovermode="x unified", xaxis=across, yaxis=down))


def _profile(row: TaskRanked, taus: Floats, place: int, name: str) -> Iterator[dict[str, Any]]:
    shared = {"type": "scatter", "mode": "lines", "name": label(name, 32)}
    band = profile_interval(row.scores, taus)
    if band is not None:
        around = {"x": rounded([*taus, *taus[::-1]]), "y": rounded([*band[0], *band[1][::-1]]), "fill": "toself"}
        yield {**shared, **around, "fillcolor": f"shade:distinct:{place}", "line": {"width": 0}, "hoverinfo": "skip"}
    shares = performance_profile(row.scores, taus)
    told = {"hovertemplate": f"{label(name, 32)}  <b>%{{y:.0%}}</b><extra></extra>"}
    yield {
        **shared,
        "x": rounded(taus),
        "y": rounded(shares),
        "line": {"color": f"distinct:{place}", "width": 2},
        **told,
    }


def _pairs(rows: Sequence[TaskRanked], found: TaskRanking) -> Figure:
    """Return how often a run of the setting in a row beats one of the setting in a column."""
    higher = found.scale.higher_is_better
    cells = [
        [(math.nan, None) if x is y else improvement(x.scores, y.scores, higher) for y in rows] for x in rows
    ]  # fmt: skip
    names = names_of(rows, found.keys)
    trace = {
        "type": "heatmap", "z": [rounded(value for value, _ in line) for line in cells], "xgap": 2, "ygap": 2,
        "coloraxis": "coloraxis", "meta": {"mean": {}, "best": {}}, "hoverongaps": False,
        "text": [[f"{value:.2f}" if math.isfinite(value) else "" for value, _ in line] for line in cells],
        "texttemplate": "%{text}", "textfont": {"size": 11},
        "customdata": [[_told_pair(names[i], names[j], *cell) for j, cell in enumerate(line)]
                       for i, line in enumerate(cells)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    down = categories(names, showgrid=False) | {"range": [len(rows) - 0.5, -0.5]}
    scale = {"colorscale": "scale", "showscale": False, "cmin": 0, "cmax": 1}
    across = categories(names, "than", showgrid=False)
    return figure([trace], layout(_FRAME + _SQUARE * len(rows), xaxis=across, yaxis=down, coloraxis=scale))


def _told_pair(x: str, y: str, value: float, ends: Interval | None) -> str:
    around = f" [{ends.low:.2f} .. {ends.high:.2f}]" if ends else ""
    return f"{label(x, 32)} better than {label(y, 32)}<br><b>{value:.2f}</b>{around}"
