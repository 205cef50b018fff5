"""The numbers as files, the best configuration, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sweep.results.report.content import Report
from sweep.results.report.data import as_link, runs_csv, settings_csv
from sweep.results.report.html import Html, element, lines
from sweep.results.report.sections.parts import again, section
from sweep.results.table.leaders import as_flags, as_json


def repeat(report: Report) -> Html:
    """Return the section."""
    return section("repeat", "Data and what next", _links(report), _best(report), _next(report))


def _links(report: Report) -> Html:
    files = (("runs.csv", runs_csv(report.ranking)), ("settings.csv", settings_csv(report.ranking)))
    links = (
        element(
            "a", name, " ", element("small", f"{text.count(chr(10)) - 1} rows"), href=Html(as_link(text)), download=name
        )
        for name, text in files
    )
    return element("p", links, class_="files")


def _best(report: Report) -> Html | None:
    scored = report.ranking.scored()
    if not scored:
        return None
    config = json.dumps(as_json(scored[0])["config"], indent=2, ensure_ascii=True).split("\n")
    return element(
        "div",
        element("h3", "The best configuration"),
        element("pre", lines(config), tabindex=0),
        again(as_flags(scored[0]), "As flags of sweep run"),
        class_="stack",
    )


def _next(report: Report) -> Iterator[Html]:
    if report.ranking.scored():
        yield again(report.commands["rerun"], "Ask the leaders again, with fresh seeds")
        yield again(report.commands["best"], "Their configurations")
