"""What all figures share: texts that plotly shows as they are, names of colours, and a layout."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from typing import Any

from sweep.results.text.cell import inert

Figure = dict[str, Any]

_DIGITS = 5
_FONT = 12


def label(text: object, width: int = 80) -> str:
    """Return any text so that plotly shows it as it is: it would read tags, entities and its own placeholders."""
    shown = inert(str(text))
    shown = shown if len(shown) <= width else f"{shown[: width - 3]}..."
    return html.escape(shown, quote=False).replace("%", "&#37;").replace("$", "&#36;")


def rounded(values: Iterable[float]) -> list[float | None]:
    """Return numbers as JSON has them, to five digits that count; None for what is not finite."""
    return [short(float(value)) for value in values]


def short(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def layout(height: int, **more: Any) -> Figure:
    """Return a layout that fills its element's width; colours come from the page's theme."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "font": {"size": _FONT},
        "showlegend": False,
        **more,
    }


def axis(title: str = "", **more: Any) -> Figure:
    """Return an axis that makes room for its own labels."""
    head = {"title": {"text": label(title, 40), "standoff": 8}} if title else {}
    return {"automargin": True, "fixedrange": True, **head, **more}


def categories(texts: Iterable[str], title: str = "", **more: Any) -> Figure:
    """Return an axis whose ticks are texts, at 0, 1, 2 and so on."""
    names = [label(text, 24) for text in texts]
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names, "ticklabelstandoff": 4}
    return axis(title, type="linear", zeroline=False, range=[-0.5, len(names) - 0.5], **ticks, **more)


def figure(data: list[Figure], layout: Mapping[str, Any]) -> Figure:
    return {"data": data, "layout": dict(layout)}
