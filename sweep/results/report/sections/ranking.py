"""The ranked table: plain HTML that reads and prints without a script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sweep.results.parameters import ABSENT
from sweep.results.report.content import Report
from sweep.results.report.figures.scores import MOST_ROWS
from sweep.results.report.html import Html, element
from sweep.results.report.sections.parts import notes, plot, section
from sweep.results.report.values import is_number, name_of
from sweep.results.run import Run
from sweep.results.table.page import LEGEND, span
from sweep.results.table.ranked import Ranked
from sweep.results.text.glyphs import UNICODE
from sweep.results.text.numbers import number

_EXTRA = "extra"  # of columns that a phone has no room for


def ranking(report: Report) -> Html:
    """Return the section with the table and a figure of the scores."""
    scored = len(report.ranking.scored())
    drawn = f"the best {MOST_ROWS} of {scored} settings are drawn" if scored > MOST_ROWS else ""
    pictures = element(
        "div",
        plot("scores", "Scores of all seeds and their means, best first", "Scores: seeds, mean, 95% t interval"),
        plot("differences", "Differences to the best with 95% t intervals", "Difference to the best, 95% t interval"),
        class_="pair",
    )  # fmt: skip
    return section(
        "ranking",
        "Which setting",
        _filter(),
        _framed(report),
        notes([LEGEND, "differences are taken seed by seed unless a row says unpaired"]),
        pictures if scored > 1 else None,
        notes([drawn]),
        command=report.commands["ranking"],
    )


def _framed(report: Report) -> Html:
    kind = "scroll tall" if len(report.ranking.rows) > MOST_ROWS else "scroll"
    return element("div", _table(report), class_=kind, tabindex=0, role="region", aria_label="Ranked settings")


def _filter() -> Html:
    box = element(
        "input", type="search", id="filter", autocomplete="off", placeholder="lr=0.001 tanh", spellcheck="false"
    )
    told = element("span", id="shown", role="status")
    return element("p", element("label", "Filter ", box), told, class_="filter", hidden=True)


def _table(report: Report) -> Html:
    keys = list(report.ranking.keys)
    head = element("tr", (_heading(*one) for one in _headings(keys)))
    body = (_row(place, row, keys) for place, row in enumerate(report.ranking.rows, 1))
    return element("table", element("thead", head), element("tbody", body), id="settings")


def _headings(keys: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the title of each column, its class, and what it means."""
    yield "#", "right", "place"
    yield from ((key, "parameter", key) for key in keys or ["setting"])
    yield "seeds", "", "a mark for each run: ■ done, ✗ failed, ▷ running"
    yield "n", "right", "runs with a score"
    yield "mean", "right", ""
    yield "95% interval", f"{_EXTRA} right", "t interval of the mean"
    yield "IQM", f"{_EXTRA} right", "interquartile mean"
    yield "worst", f"{_EXTRA} right", "worst seed"
    yield "to the best", "right", "difference to the best, and its 95% t interval"
    yield "P(> best)", f"{_EXTRA} right", "chance that a run of it is better than one of the best"
    yield "mark", "", LEGEND


def _heading(name: str, kind: str, told: str) -> Html:
    return element("th", element("span", name, class_="name"), scope="col", class_=kind or None, title=told or None)


def _row(place: int, row: Ranked, keys: Sequence[str]) -> Html:
    said = " ".join(f"{key}={name_of(row.setting.params.get(key, ABSENT))}" for key in keys)
    attributes = {"class_": f"mark-{row.mark}", "data_setting": row.setting.key}
    return element("tr", _cells(place, row, keys), data_said=f"{said} {row.setting.label} {row.mark}", **attributes)


def _cells(place: int, row: Ranked, keys: Sequence[str]) -> Iterator[Html]:
    yield _number(place, str(place))
    for key in keys:
        value = row.setting.params.get(key, ABSENT)
        yield element("td", name_of(value), data_value=value if is_number(value) else None, class_="parameter")
    if not keys:
        yield element("td", row.setting.label, class_="parameter")
    yield element("td", (_glyph(run) for run in row.setting.runs), class_="seeds", data_value=row.n)
    yield _number(row.n, str(row.n))
    yield _number(row.mean, number(row.mean), "strong")
    yield _number(row.interval.width if row.interval else math.nan, span(row.interval), _EXTRA)
    yield _number(row.iqm, number(row.iqm), _EXTRA)
    yield _number(row.worst, number(row.worst), _EXTRA)
    yield _difference(row)
    yield _number(row.p_better, number(row.p_better) if math.isfinite(row.p_better) else "", _EXTRA)
    yield element("td", element("span", row.mark, class_="pill"))


def _number(value: float, text: str, kind: str = "") -> Html:
    return element("td", text, class_=f"right {kind}".strip(), data_value=value if math.isfinite(value) else "")


def _difference(row: Ranked) -> Html:
    gap = row.difference
    if gap is None:
        return _number(0.0 if row.n else math.nan, "")
    ends = f"{number(gap.low)} .. {number(gap.high)}{'' if gap.paired else ' unpaired'}" if gap.has_interval else ""
    value = gap.mean if math.isfinite(gap.mean) else ""
    return element("td", number(gap.mean), element("small", ends), class_="right", data_value=value)


def _glyph(run: Run) -> Html:
    seed = "" if run.seed is None else f"seed {run.seed}: "
    told = f"{seed}{run.state}"
    return element(
        "span", UNICODE.mark(run.state), class_=f"glyph state-{run.state}", title=told, role="img", aria_label=told
    )
