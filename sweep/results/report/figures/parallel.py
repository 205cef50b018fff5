"""Parallel coordinates, drawn as lines: no WebGL is needed, and they print."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sweep.results.report.figures.style import Figure, axis, figure, label, layout
from sweep.results.report.values import name_of, place_of, value_in, values_of
from sweep.results.table.ranked import Ranked
from sweep.results.table.ranking import Ranking
from sweep.results.text.numbers import number

MOST_LINES = 300
_GROUPS = 5
_TICKS = 8
# Lines of one value lie beside one another by so much of the distance between two values.
_SPREAD = 0.5


def parallel_figure(ranking: Ranking) -> Figure:
    """Return a line for each setting, from value to value and to its score; the best tenth stands out."""
    rows = ranking.scored()[:MOST_LINES]
    heights = [_heights(rows, key) for key in ranking.keys] + [_scores(rows)]
    top = max(1, math.ceil(len(rows) / 10))
    order = [*range(top, len(rows)), *range(top)]
    traces = [_line([column[at] for column in heights], rows[at], at, len(rows), at < top) for at in order]
    names = [*ranking.keys, "score"]
    across = axis(
        range=[-0.25, len(names) - 0.6], tickvals=list(range(len(names))), ticktext=[label(name, 18) for name in names],
        showgrid=True, side="top", zeroline=False,
    )  # fmt: skip
    hidden = {"visible": False, "range": [-0.06, 1.06], "fixedrange": True}
    return figure(traces, layout(420, xaxis=across, yaxis=hidden, annotations=_ticks(rows, ranking.keys)))


def _line(points: Sequence[float], row: Ranked, place: int, count: int, is_top: bool) -> Figure:
    colour = "best" if is_top else f"step:{_GROUPS - 1 - place * _GROUPS // count}/{_GROUPS}"
    return {
        "type": "scatter", "mode": "lines", "x": list(range(len(points))), "y": [round(y, 4) for y in points],
        "line": {"color": colour, "width": 2.6 if is_top else 1.2},
        "opacity": 1.0 if is_top else 0.45, "meta": row.setting.key,
        "hovertemplate": f"#{place + 1} {label(row.setting.label, 60)}<br><b>{number(row.mean)}</b><extra></extra>",
    }  # fmt: skip


def _heights(rows: Sequence[Ranked], key: str) -> list[float]:
    """Return the heights of one parameter: its value's, and beside those of the same value by score."""
    values = values_of([row.setting for row in rows], key)
    places = [place_of(values, value_in(row.setting, key)) for row in rows]
    return [
        (place + _SPREAD * (0.5 - (places[:at].count(place) + 0.5) / places.count(place)) + 0.5) / len(values)
        for at, place in enumerate(places)
    ]


def _scores(rows: Sequence[Ranked]) -> list[float]:
    means = [row.mean for row in rows]
    width = max(means) - min(means)
    return [(mean - min(means)) / width if width else 0.5 for mean in means]


def _ticks(rows: Sequence[Ranked], keys: Sequence[str]) -> list[Figure]:
    """Return the texts beside the axes."""
    marks: list[tuple[int, float, str]] = []
    for at, key in enumerate(keys):
        values = values_of([row.setting for row in rows], key)
        step = math.ceil(len(values) / _TICKS)
        marks += [
            (at, (place + 0.5) / len(values), name_of(values[place], 16)) for place in range(0, len(values), step)
        ]
    means = [row.mean for row in rows]
    marks += [(len(keys), 0.0, number(min(means))), (len(keys), 1.0, number(max(means)))]
    return [_tick(*mark) for mark in marks]


def _tick(x: int, y: float, text: str) -> Figure:
    place = {"x": x, "y": y, "xanchor": "left", "xshift": 5, "showarrow": False}
    return {**place, "text": label(text, 16), "font": {"size": 11}, "bgcolor": "paper", "borderpad": 1}
