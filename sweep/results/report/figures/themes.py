"""The colours of the figures, by day and by night. Figures name them, the page's script fills them in."""

from __future__ import annotations

from typing import Any

# Steps of viridis that can be seen on white, and on black; colours that everybody tells apart (Okabe and Ito).
_STEPS = {
    "light": ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#9fb91f"),
    "dark": ("#7a6ff0", "#4f8fe8", "#2fb0d0", "#2cc3a0", "#63d471", "#b5dd3c", "#fde725"),
}
_DISTINCT = {
    "light": ("#0072b2", "#d55e00", "#009e73", "#b0519a", "#b87a00", "#3a9bd1", "#333333", "#8c6d31"),
    "dark": ("#4da9e8", "#ff8a4c", "#2fd0a0", "#e99acb", "#f0b840", "#8fd3ff", "#e6e6e6", "#cdb07a"),
}
_INK = {
    "light": {"text": "#1d2330", "faint": "#68707f", "grid": "#e9ebf0", "line": "#c9ced8", "paper": "#ffffff"},
    "dark": {"text": "#e7eaf0", "faint": "#98a1b3", "grid": "#262c38", "line": "#3d4556", "paper": "#171b23"},
}
_MARKS = {
    "light": {"best": "#137a4b", "close": "#38a36f", "unresolved": "#b97600", "worse": "#7b8494", "accent": "#2f5fd0"},
    "dark": {"best": "#3ddc97", "close": "#2ba871", "unresolved": "#f0b13c", "worse": "#7f899c", "accent": "#7ea6ff"},
}
_HEAT = {
    "light": ("#f4f6fb", "#c5d8f3", "#86b1e2", "#4684c4", "#225894", "#10325f"),
    "dark": ("#1d2536", "#1f3357", "#22487f", "#275fa8", "#2f78cf", "#4490e6"),
}
SHADE = 0.16


def themes() -> dict[str, Any]:
    """Return for ``light`` and ``dark`` the colours by name, the steps of a scale, and a template of plotly."""
    return {name: _theme(name) for name in ("light", "dark")}


def _theme(name: str) -> dict[str, Any]:
    heat = _HEAT[name]
    scale = [[place / (len(heat) - 1), colour] for place, colour in enumerate(heat)]
    return {
        "colours": {**_INK[name], **_MARKS[name]},
        "distinct": list(_DISTINCT[name]),
        "steps": list(_STEPS[name]),
        "shade": SHADE,
        "scale": scale,
        "template": _template(_INK[name]),
    }


def _template(ink: dict[str, str]) -> dict[str, Any]:
    axis = {
        "gridcolor": ink["grid"], "linecolor": ink["line"], "zerolinecolor": ink["line"], "zerolinewidth": 1,
        "tickcolor": ink["line"], "tickfont": {"color": ink["faint"], "size": 11},
        "title": {"font": {"color": ink["faint"], "size": 12}},
    }  # fmt: skip
    hover = {"bgcolor": ink["paper"], "bordercolor": ink["line"], "font": {"color": ink["text"], "size": 12}}
    family = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": ink["text"], "family": family},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {**hover, "align": "left"},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": ink["line"], "activecolor": ink["text"]},
        }
    }
