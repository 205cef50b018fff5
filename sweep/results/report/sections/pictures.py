"""The sections that are figures: what matters, learning curves, parallel coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sweep.results.report.content import Report
from sweep.results.report.figures.curves import colours
from sweep.results.report.html import Html, element
from sweep.results.report.sections.parts import notes, plot, section
from sweep.results.report.values import name_of
from sweep.results.text.numbers import number, value_text

_MOST_COLUMNS = 4


def effects(report: Report) -> Html:
    """Return the section: shares, marginal means, and maps of two parameters."""
    levels = (plot(f"level-{place}", f"Mean score by {key}", key) for place, key in enumerate(report.levels))
    return section(
        "effects",
        "What matters",
        element("div", plot("shares", _shares(report), "Share of the differences"), levels, class_="grid narrow"),
        notes([report.effects.note, "a dot is a setting, the line goes through the mean of all settings with a value"]),
        _maps(report) if report.heats else None,
        _levels(report),
        command=report.commands["effects"],
        lead="How much of the differences between settings each parameter explains by itself, and what its values do.",
    )


def _shares(report: Report) -> str:
    shares = (f"{key} {100 * share:.0f}%" for key, share in report.effects.main.items() if math.isfinite(share))
    return f"Share of each parameter: {', '.join(shares)}"


def _maps(report: Report) -> Html:
    maps = (
        plot(f"heat-{place}", f"Mean score by {heat.down} and {heat.across}", f"{heat.down} by {heat.across}")
        for place, heat in enumerate(report.heats)
    )
    choice = element(
        "div",
        (
            element("button", text, type="button", data_face=face, aria_pressed="true" if face == "mean" else "false")
            for face, text in (("mean", "mean over the rest"), ("best", "best over the rest"))
        ),
        class_="choice", role="group", aria_label="What a cell shows", hidden=True,
    )  # fmt: skip
    told = notes(["each cell: score, and n, the runs it is of; a cell without runs is empty", report.heats_note])
    return element(
        "div", element("h3", "Two at a time"), choice, element("div", maps, class_="grid"), told, class_="stack"
    )


def _levels(report: Report) -> Html:
    """Return the marginal means as a table, for those who see no figures."""
    head = element("tr", (element("th", name, scope="col") for name in ("parameter", "value", "mean", "settings")))
    rows = (
        element(
            "tr", element("td", key), element("td", value_text(level.value)),
            element("td", number(level.mean), class_="right"), element("td", level.n, class_="right"),
        )
        for key, levels in report.levels.items()
        for level in levels
    )  # fmt: skip
    table = element("table", element("thead", head), element("tbody", rows))
    return element("details", element("summary", "The same as a table"), element("div", table, class_="scroll"))


def curves(report: Report) -> Html:
    """Return the section with a panel for each pair of values."""
    found = report.curves
    panels = (
        plot(f"curve-{place}", f"{found.y} over {found.x or 'rows'} {title}", title, 250)
        for place, (title, _) in enumerate(found.panels)
    )
    across = f"--cols:{min(found.columns, _MOST_COLUMNS)}"
    return section(
        "curves",
        "Learning curves",
        _legend(report),
        element("div", panels, class_="panels", style=across)
        if found.panels
        else element("p", "No run has rows with this metric."),
        notes([*found.notes, "dotted: some seeds have ended"]),
        command=report.commands["curves"],
        lead=f"{found.y} over {found.x or 'rows'}; all panels share the y axis. A row chosen in the table stands out.",
    )


def _legend(report: Report) -> Html | None:
    found = report.curves
    if not found.layout.color:
        return None
    return element(
        "div", element("span", found.layout.color, class_="what"), _chips(report), class_="legend", role="group"
    )


def _chips(report: Report) -> Iterator[Html]:
    settings: dict[int, list[str]] = {}
    for _, inside in report.curves.panels:
        for curve in inside:
            settings.setdefault(curve.color, []).append(curve.setting)
    for place, colour in enumerate(colours(report.curves)):
        chip = element("i", data_colour=colour, aria_hidden="true")
        which = " ".join(settings.get(place, ()))
        yield element(
            "button",
            chip,
            name_of(report.curves.colors[place]),
            type="button",
            data_settings=which,
            aria_pressed="true",
        )


def parallel(report: Report) -> Html:
    """Return the section with parallel coordinates."""
    return section(
        "parallel",
        "All parameters at once",
        plot("parallel", "Parallel coordinates of all settings", "", 420),
        notes(["a line is a setting; the best tenth stands out; lines of one value lie beside one another by score"]),
        command=report.commands["report"],
    )
