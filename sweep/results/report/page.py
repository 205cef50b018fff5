"""The page: its sections in the order of a reader's questions, its data, its style and its script."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
from collections.abc import Iterator
from importlib.resources import files

from sweep.results.report.content import Report
from sweep.results.report.figures.curves import curve_figures
from sweep.results.report.figures.effects import heat_figure, level_figures, shares_figure
from sweep.results.report.figures.parallel import parallel_figure
from sweep.results.report.figures.scores import differences_figure, scores_figure
from sweep.results.report.figures.style import Figure
from sweep.results.report.figures.tasks import task_figures
from sweep.results.report.figures.themes import themes
from sweep.results.report.html import Html, element, together
from sweep.results.report.sections.asked import asked
from sweep.results.report.sections.failures import failures
from sweep.results.report.sections.head import cards, header, navigation, warnings
from sweep.results.report.sections.pictures import curves, effects, parallel
from sweep.results.report.sections.ranking import ranking
from sweep.results.report.sections.repeat import repeat
from sweep.results.report.sections.tasks import tasks

# Nothing is fetched, nothing is sent, and no script runs but the page's own. Styles cannot do harm, and plotly sets
# them element by element.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
_TITLES = {
    "asked": "Asked", "ranking": "Ranking", "effects": "What matters", "curves": "Curves", "tasks": "Many tasks",
    "parallel": "Parallel", "failures": "Failures", "repeat": "Data",
}  # fmt: skip


def page(report: Report, plotly: str, shared: str = "") -> str:
    """Return the whole page.

    Args:
        plotly: the text of plotly's script, which goes into the page.
        shared: the name of the file beside the page that has it instead; '' for none.
    """
    nonce = secrets.token_urlsafe(16)
    body = together(_body(report), _scripts(report, plotly, shared, nonce))
    return f'<!doctype html>\n<html lang="en">\n{_head(report, nonce).text}\n{element("body", body).text}\n</html>\n'


def _head(report: Report, nonce: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Html(_POLICY.format(nonce=nonce))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{report.title}: sweep report"),
        element("style", Html(_static("report.css"))),
    )


def _static(name: str) -> str:
    return (files("sweep.results.report") / "static" / name).read_text(encoding="utf-8")


def _body(report: Report) -> Html:
    sections = dict(_sections(report))
    names = [(name, _TITLES[name]) for name in sections]
    silent = element("noscript", element("p", "Figures, sorting and filters need JavaScript.", class_="note"))
    main = element("main", warnings(report), silent, cards(report), *sections.values())
    skip = element("a", "To the content", href="#content", class_="skip")
    return together(skip, header(report), navigation(names), element("div", main, id="content"), _foot())


def _foot() -> Html:
    return element("footer", "Made by sweep report. This page sends and fetches nothing.")


def _sections(report: Report) -> Iterator[tuple[str, Html]]:
    yield "asked", asked(report)
    yield "ranking", ranking(report)
    if report.levels:
        yield "effects", effects(report)
    yield "curves", curves(report)
    over_tasks = tasks(report)
    if over_tasks is not None:
        yield "tasks", over_tasks
    if _is_parallel(report):
        yield "parallel", parallel(report)
    yield "failures", failures(report)
    yield "repeat", repeat(report)


def _is_parallel(report: Report) -> bool:
    return report.parallel and len(report.ranking.keys) > 1 and bool(report.ranking.scored())


def figures(report: Report) -> dict[str, Figure]:
    """Return all figures of a report, by the names of their places in the page."""
    return dict(_figures(report))


def _figures(report: Report) -> Iterator[tuple[str, Figure]]:
    if len(report.ranking.scored()) > 1:
        yield "scores", scores_figure(report.ranking)
        yield "differences", differences_figure(report.ranking)
    if report.levels:
        yield "shares", shares_figure(report)
        yield from ((f"level-{place}", one) for place, one in enumerate(level_figures(report)))
    yield from ((f"heat-{place}", heat_figure(heat)) for place, heat in enumerate(report.heats))
    yield from ((f"curve-{place}", one) for place, one in enumerate(curve_figures(report.curves)))
    if report.tasks is not None:
        yield from task_figures(report.tasks)
    if _is_parallel(report):
        yield "parallel", parallel_figure(report.ranking)


def _scripts(report: Report, plotly: str, shared: str, nonce: str) -> Html:
    """Return the figures, plotly (both packed, or plotly as the file beside), and the page's own script."""
    told = json.dumps({"figures": figures(report), "themes": themes()}, allow_nan=False, separators=(",", ":"))
    data = element("script", Html(packed(told)), type="text/plain", id="figures")
    if shared:
        drawing = element("script", src=shared, nonce=Html(nonce))
    else:
        drawing = element("script", Html(packed(plotly)), type="text/plain", id="plotly")
    return together(data, drawing, element("script", Html(_static("report.js")), nonce=Html(nonce), id="report-script"))


def packed(text: str) -> str:
    """Return a text as gzip in base64: what the page's script unpacks."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
