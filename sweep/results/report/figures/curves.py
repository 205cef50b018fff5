"""Learning curves: a figure for each panel, with one y axis for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sweep.results.report.curves import Curve, Curves
from sweep.results.report.figures.style import Figure, axis, figure, label, layout, rounded
from sweep.results.report.values import is_number, name_of

_HEIGHT, _ALONE = 250, 420
_FEW = 8  # names that can be told apart by colour


def curve_figures(curves: Curves) -> list[Figure]:
    """Return a figure for each panel; colours are ``step:i/n`` on a scale, or ``distinct:i``."""
    height = _HEIGHT if len(curves.panels) > 1 else _ALONE
    return [_panel(curves, inside, height) for _, inside in curves.panels]


def colours(curves: Curves) -> list[str]:
    """Return the name of the colour of each value: steps for numbers, else colours that differ."""
    values = curves.colors
    if len(values) > _FEW or (len(values) > 2 and all(map(is_number, values))):
        return [f"step:{place}/{len(values)}" for place in range(len(values))]
    return [f"distinct:{place}" for place in range(len(values))]


def _panel(curves: Curves, inside: Sequence[Curve], height: int) -> Figure:
    names = colours(curves)
    alone = len(names) == 1 and len(inside) > 1
    own = [f"step:{place}/{len(inside)}" for place in range(len(inside))]
    traces = [
        trace
        for place, curve in enumerate(inside)
        for trace in _traces(curve, own[place] if alone else names[curve.color], _name(curves, curve, inside))
    ]
    return figure(
        traces,
        layout(
            height,
            hovermode="x unified" if len(inside) <= _FEW else "closest",
            xaxis=axis(curves.x or "row", fixedrange=False, nticks=6, hoverformat=",.6~g"),
            yaxis=axis(range=rounded(curves.span), fixedrange=False, nticks=6),
        ),
    )


def _name(curves: Curves, curve: Curve, inside: Sequence[Curve]) -> str:
    """Return the value that a curve's colour stands for, or the setting's name where several have it."""
    if curves.layout.color and sum(one.color == curve.color for one in inside) == 1:
        return label(f"{curves.layout.color} {name_of(curves.colors[curve.color])}", 32)
    return label(curve.label, 48)


def _traces(curve: Curve, colour: str, name: str) -> Iterator[Figure]:
    shared: dict[str, Any] = {"type": "scatter", "meta": curve.setting, "name": name, "showlegend": False}
    there = np.isfinite(curve.low) & np.isfinite(curve.high)
    if there.any():
        x, low, high = curve.x[there], curve.low[there], curve.high[there]
        around = {"x": rounded([*x, *x[::-1]]), "y": rounded([*low, *high[::-1]]), "fill": "toself"}
        shade = {"fillcolor": f"shade:{colour}", "line": {"width": 0}, "mode": "lines", "hoverinfo": "skip"}
        yield {**shared, **around, **shade, "legendgroup": "band"}
    text = [f"n={count}" for count in curve.n]
    told = {"customdata": text, "hovertemplate": f"{name}  <b>%{{y:,.5~g}}</b>  %{{customdata}}<extra></extra>"}
    start = len(curve.x) if curve.dotted_from is None else curve.dotted_from
    for dash, first, last in (("solid", 0, start), ("dot", max(start - 1, 0), len(curve.x))):
        if first < last and not (dash == "dot" and start == len(curve.x)):
            yield {**shared, **_line(curve, slice(first, last), dash, colour), **_part(told, slice(first, last))}


def _line(curve: Curve, part: slice, dash: str, colour: str) -> Figure:
    alone = len(curve.x) == 1
    return {
        "x": rounded(curve.x[part]),
        "y": rounded(curve.y[part]),
        "mode": "markers" if alone else "lines",
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"color": colour},
    }


def _part(told: Figure, part: slice) -> Figure:
    return {**told, "customdata": told["customdata"][part]}
