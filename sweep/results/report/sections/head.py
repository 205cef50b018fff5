"""The top of the page: what it is about, what to beware of, and four answers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sweep.base.text import plural
from sweep.results.report.asked import at
from sweep.results.report.content import Report
from sweep.results.report.html import Html, element, together
from sweep.results.statistics.ranking import CLOSE, UNRESOLVED
from sweep.results.status.survey import STATES
from sweep.results.text.numbers import number


def header(report: Report) -> Html:
    """Return the title, the shape of the grid, and how a run is scored."""
    button = element("button", "Dark", type="button", id="theme", hidden=True, aria_label="Colours: dark or light")
    made = element("span", f"made {at(report.made)}", class_="made")
    top = element("div", element("h1", report.title), together(made, button), class_="top")
    return element(
        "header", top, element("p", report.asked.shape, class_="shape"), element("p", _scored(report), class_="score")
    )


def _scored(report: Report) -> str:
    return f"S{report.ranking.title[1:]}"


def navigation(names: list[tuple[str, str]]) -> Html:
    """Return links to the sections."""
    return element(
        "nav", (element("a", title, href=f"#{name}") for name, title in names), aria_label="Sections of this page"
    )


def warnings(report: Report) -> Html | None:
    """Return what must be known before all else; None if there is nothing."""
    if not report.warnings:
        return None
    items = (element("li", _sentence(text)) for text in report.warnings)
    return element("aside", element("h2", "Before you read on"), element("ul", items), class_="warnings", id="warnings")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def cards(report: Report) -> Html:
    """Return four answers: how it went, what is best, how sure that is, and how much seeds matter."""
    return element("div", _cards(report), class_="cards")


def _cards(report: Report) -> Iterator[Html]:
    counts = report.counts
    yield _card("Runs", f"{counts['done']} of {len(report.runs)} done", _bar(report), _states(report))
    scored = report.ranking.scored()
    if scored:
        best = scored[0]
        half = f" ± {number(best.interval.width / 2)}" if best.interval else ""
        yield _card("Best setting", f"{number(best.mean)}{half}", None, f"{best.setting.label}, n={best.n}")
        near = sum(row.mark in (CLOSE, UNRESOLVED) for row in scored)
        told = f"of the other {plural(len(scored) - 1, 'setting')} cannot be told from the best"
        yield _card("As good as the best", f"{near}" if near else "none", None, told)
    if math.isfinite(report.noise):
        told = "of how much the runs differ is the seeds' doing"
        yield _card("Noise of seeds", f"{100 * report.noise:.0f}%", None, told)


def _card(name: str, value: str, picture: Html | None, told: str) -> Html:
    return element(
        "div", element("h3", name), element("p", value, class_="value"), picture, element("p", told, class_="told"),
        class_="card",
    )  # fmt: skip


def _bar(report: Report) -> Html:
    counts = report.counts
    parts = (
        element("span", class_=f"state-{state}", style=f"flex-grow:{counts[state]}")
        for state in STATES
        if counts[state]
    )
    return element("div", parts, class_="bar", aria_hidden="true")


def _states(report: Report) -> str:
    counts = report.counts
    told = [f"{counts[state]} {state}" for state in STATES if counts[state] and state != "done"]
    return ", ".join(told) or "none failed"
