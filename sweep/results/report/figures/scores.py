"""Scores and differences to the best: a row for each setting, the best on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sweep.results.report.figures.style import Figure, axis, categories, figure, label, layout, short
from sweep.results.report.values import name_of, value_in
from sweep.results.table.ranked import Ranked
from sweep.results.table.ranking import Ranking

MOST_ROWS = 40
_ROW, _FRAME = 22, 64


def drawn_rows(ranking: Ranking) -> list[Ranked]:
    return ranking.scored()[:MOST_ROWS]


def scores_figure(ranking: Ranking) -> Figure:
    """Return the seeds' scores as dots, and means with their intervals."""
    rows = drawn_rows(ranking)
    dots = [(place, row, seed, score) for place, row in enumerate(rows) for seed, score in row.setting.scores.items()]
    dots = [one for one in dots if math.isfinite(one[3])]
    seeds = {
        "x": [short(one[3]) for one in dots],
        "y": [one[0] for one in dots],
        "customdata": [label(f"#{one[0] + 1}, seed {one[2]}") for one in dots],
        "hovertemplate": "%{customdata}<br><b>%{x:,.5~g}</b><extra></extra>",
        "marker": {"color": "faint", "size": 6, "opacity": 0.55},
        "name": "seeds",
    }
    means = [row.mean for row in rows]
    halves = [row.interval.width / 2 if row.interval else 0.0 for row in rows]
    data = [_points(seeds), _bars(rows, means, halves, "mean, 95% t interval")]
    return figure(data, _layout(rows, ranking, ranking.score.metric))


def differences_figure(ranking: Ranking) -> Figure:
    """Return the differences to the best with their intervals; the best itself is the line at 0."""
    rows = drawn_rows(ranking)
    gaps = [row.difference.mean if row.difference else 0.0 for row in rows]
    halves = [
        (row.difference.high - row.difference.low) / 2 if row.difference and row.difference.has_interval else 0.0
        for row in rows
    ]
    line = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": "best", "width": 1}}
    shape = _layout(rows, ranking, "difference to the best", shapes=[line])
    return figure([_bars(rows, gaps, halves, "difference, 95% t interval")], shape)


def _points(more: Figure) -> Figure:
    return {"type": "scatter", "mode": "markers", **more}


def _bars(rows: Sequence[Ranked], middles: Sequence[float], halves: Sequence[float], name: str) -> Figure:
    colours = [row.mark for row in rows]
    texts = [
        _told(place, row, middle, half)
        for place, (row, middle, half) in enumerate(zip(rows, middles, halves, strict=True))
    ]
    return _points(
        {
            "x": [short(middle) for middle in middles],
            "y": list(range(len(rows))),
            "error_x": {"type": "data", "array": [short(half) for half in halves], "thickness": 1.6, "width": 0,
                        "color": "faint"},
            "marker": {"color": colours, "size": 9, "symbol": "diamond", "line": {"color": "paper", "width": 1}},
            "customdata": texts,
            "hovertemplate": "%{customdata}<extra></extra>",
            "name": name,
        }
    )  # fmt: skip


def _told(place: int, row: Ranked, middle: float, half: float) -> str:
    around = f" ± {half:,.4g}" if half else ""
    return f"#{place + 1} {label(row.setting.label, 60)}<br><b>{middle:,.5g}</b>{around}, n={row.n}, {row.mark}"


def _layout(rows: Sequence[Ranked], ranking: Ranking, title: str, **more: Any) -> Figure:
    names = [_short_name(place, row, ranking.keys) for place, row in enumerate(rows)]
    down = categories(names, showgrid=False) | {"range": [len(rows) - 0.5, -0.5]}
    return layout(_FRAME + _ROW * len(rows), xaxis=axis(title, zeroline=False, nticks=6), yaxis=down, **more)


def _short_name(place: int, row: Ranked, keys: Sequence[str]) -> str:
    values = " · ".join(name_of(value_in(row.setting, key), 12) for key in keys)
    return f"{values or row.setting.label}  #{place + 1}" if len(values) <= 20 else f"#{place + 1}"
