"""What was asked: the grid, the function, the code and the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sweep.results.report.content import Report
from sweep.results.report.html import Html, element
from sweep.results.report.sections.parts import facts, section

_MOST_VALUES = 12


def asked(report: Report) -> Html:
    """Return the section."""
    said = report.asked
    about = facts((name, _several(values)) for name, values in said.facts)
    return section(
        "asked",
        "What was asked",
        element("div", element("div", _grid(report)), element("div", about), class_="halves"),
        _more("Packages", said.packages) if said.packages else None,
        command=report.commands["report"],
    )


def _several(values: Iterable[str]) -> Iterator[Html]:
    return (element("span", value, class_="one") for value in values)


def _grid(report: Report) -> Iterator[Html]:
    said = report.asked
    if said.parameters:
        yield facts((key, _values(values)) for key, values in said.parameters)
    if said.fixed:
        yield _more("The same in all", said.fixed, is_open=len(said.fixed) <= 6)


def _values(values: Sequence[str]) -> Iterator[Html]:
    """Yield the values, of very many the first and the last."""
    yield from (element("span", value, class_="chip") for value in values[:_MOST_VALUES])
    if len(values) > _MOST_VALUES:
        yield element("span", f"and {len(values) - _MOST_VALUES} more, up to ")
        yield element("span", values[-1], class_="chip")


def _more(name: str, pairs: Iterable[tuple[str, str]], is_open: bool = False) -> Html:
    found = list(pairs)
    count = element("span", len(found), class_="count")
    return element("details", element("summary", name, " ", count), facts(found), open=is_open)
