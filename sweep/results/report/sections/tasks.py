"""The section of several tasks: the ranking over all of them as a table, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sweep.base.text import plural
from sweep.results.report.content import Report
from sweep.results.report.figures.tasks import MOST_BARS, MOST_PAIRS, MOST_PROFILES, names_of
from sweep.results.report.html import Html, element, together
from sweep.results.report.sections.parts import notes, plot, section
from sweep.results.tasks.page import legend, tasks_table
from sweep.results.tasks.ranking import TaskRanking
from sweep.results.text.table import TextTable


def tasks(report: Report) -> Html | None:
    """Return the section; None if no task was said."""
    found = report.tasks
    if found is None:
        return None
    return section(
        "tasks",
        "Many tasks",
        notes([found.told_tasks, str(found.scale)]),
        _beware(found.warnings),
        element("div", _table(tasks_table(found, by_task=True)), class_="scroll", tabindex=0),
        notes([legend(found, by_task=True)]),
        _pictures(found) if found.complete() else None,
        command=report.commands["tasks"],
        lead=f"{found.title[:1].upper()}{found.title[1:]}.",
    )


def _beware(warnings: Sequence[str]) -> Html | None:
    items = (element("li", f"{text[:1].upper()}{text[1:]}.") for text in warnings)
    return element("div", element("ul", items), class_="warnings") if warnings else None


def _table(table: TextTable) -> Html:
    kinds = ["right" if column.align == "right" else None for column in table.columns]
    named = zip(table.columns, kinds, strict=True)
    head = element("tr", (element("th", column.name, scope="col", class_=kind) for column, kind in named))
    rows = (
        element("tr", (element("td", cell.text, class_=kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in table.rows
    )
    return element("table", element("thead", head), element("tbody", rows))


def _pictures(found: TaskRanking) -> Html:
    count = len(found.complete())
    gap = (
        plot("tasks-gap", "Optimality gaps", "Optimality gap, 95% interval: less is better") if found.has_gap else None
    )
    bars = element("div", plot("tasks-iqm", "Interquartile means", "IQM, 95% stratified bootstrap interval"), gap,
                   class_="pair")  # fmt: skip
    profiles = plot("tasks-profiles", "Performance profiles", "Performance profiles: share of runs above a score", 340)
    pairs = plot("tasks-pairs", "Probabilities of improvement", "How often a run of a row is better than a column's")
    drawn = [f"of {plural(count, 'setting')} the best {most} are in the {what}" for what, most in _MOST if count > most]
    told = "bands: 95% stratified bootstrap intervals at each score by itself"
    return together(
        bars, element("div", profiles, _legend(found), class_="stack"), notes([told]), pairs if count > 1 else None,
        notes(drawn),
    )  # fmt: skip


_MOST = (("bars", MOST_BARS), ("profiles", MOST_PROFILES), ("matrix", MOST_PAIRS))


def _legend(found: TaskRanking) -> Html:
    return element("div", _chips(found), class_="legend")


def _chips(found: TaskRanking) -> Iterator[Html]:
    for place, name in enumerate(names_of(found.complete()[:MOST_PROFILES], found.keys)):
        chip = element("i", data_colour=f"distinct:{place}", aria_hidden="true")
        yield element("span", chip, name, style="display:inline-flex;align-items:center;gap:7px;margin-right:10px")
