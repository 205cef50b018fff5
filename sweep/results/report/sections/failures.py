"""What failed, why, and what it said last."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from sweep.base.text import plural
from sweep.results.report.content import Report
from sweep.results.report.html import Html, element, lines
from sweep.results.report.sections.parts import again, section
from sweep.results.status.failures import Failure
from sweep.results.text.naming import which

_LINES = 15
_MOST = 20


def failures(report: Report) -> Html:
    """Return the section, which says so where nothing failed."""
    found = report.failures
    total = sum(len(one.runs) for one in found)
    lead = f"{plural(total, 'run')} of {len(report.runs)} failed, of {plural(len(found), 'cause')}." if found else ""
    rest = f"{plural(len(found) - _MOST, 'more cause')} not shown." if len(found) > _MOST else ""
    return section(
        "failures",
        "Failures",
        _all(found[:_MOST]) if found else element("p", "No run failed.", class_="lead"),
        element("p", rest, class_="note") if rest else None,
        command=report.commands["failures"],
        lead=lead,
    )


def _all(found: Iterable[Failure]) -> list[Html]:
    return [_failure(one) for one in found]


def _failure(failure: Failure) -> Html:
    said = failure.last_lines(_LINES)
    return element(
        "article",
        element("h3", element("span", len(failure.runs), class_="count"), " ", failure.cause or "no cause is known"),
        element("p", "; ".join(which(failure.runs)), class_="who"),
        element("pre", lines(said), tabindex=0) if said else element("p", "It has printed nothing.", class_="note"),
        again(f"sweep logs {_quoted(failure)}", "All it said"),
        class_="failure",
    )


def _quoted(failure: Failure) -> str:
    return shlex.quote(str(failure.runs[0].path))
