"""In what two groups of runs differ, as data and as a page."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import listed
from sweep.base.text import plural
from sweep.results.diff.configs import Values, compared
from sweep.results.diff.origins import Fact, origins
from sweep.results.diff.scores import Pair, Scores, scores
from sweep.results.run import Run
from sweep.results.score import Score
from sweep.results.statistics.interval import mean, t_interval
from sweep.results.text.cell import Cell
from sweep.results.text.numbers import number, value_text
from sweep.results.text.page import Page, line
from sweep.results.text.table import Column, TextTable

# So many settings are shown; all of them are in the JSON.
_SHOWN = 30


@dataclass(frozen=True)
class Compared:
    """Two groups of runs, and in what they differ.

    Attributes:
        titles: what they were named by.
        values: of every parameter.
        facts: of code, interpreter and machine.
    """

    titles: tuple[str, str]
    runs: tuple[Sequence[Run], Sequence[Run]]
    values: Sequence[Values]
    facts: Sequence[Fact]
    scores: Scores

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; `a` and `b` are the two."""
        sides = zip("ab", self.titles, self.runs, strict=True)
        return {
            **{key: {"name": title, "runs": len(runs), "settings": _settings(runs)} for key, title, runs in sides},
            "config": [one.as_json() for one in self.values if one.differ],
            "same": [one.key for one in self.values if not one.differ],
            "origin": [fact.as_json() for fact in self.facts if fact.differs],
            "score": None if self.scores.score is None else str(self.scores.score),
            "scores": [pair.as_json() for pair in self.scores.pairs],
        }


def compare(titles: tuple[str, str], a: Sequence[Run], b: Sequence[Run], score: Score, which: str = "done") -> Compared:
    """Compare two groups of runs, see `scores`."""
    return Compared(titles, (a, b), compared(a, b), origins(a, b), scores(a, b, score, which))


def diff_page(found: Compared) -> Page:
    """Return what `sweep diff` shows."""
    return [
        *_head(found),
        line(),
        *_parameters(found.values),
        line(),
        *_origins(found.facts),
        line(),
        *_scores(found.scores),
    ]


def _head(found: Compared) -> Iterator[Cell]:
    for letter, title, runs in zip("AB", found.titles, found.runs, strict=True):
        counts = f"{plural(len(runs), 'run')} of {plural(_settings(runs), 'setting')}"
        yield line(f"{letter}  {title}: {counts}", "bold")


def _settings(runs: Sequence[Run]) -> int:
    return len({run.setting for run in runs})


def _parameters(values: Sequence[Values]) -> Iterator[Cell | TextTable]:
    differing = [one for one in values if one.differ]
    same = [one.key for one in values if not one.differ]
    if differing:
        rows = [[line(one.key), *map(line, one.texts())] for one in differing]
        yield _two_sided("parameter", rows)
    else:
        yield line("the parameters are the same")
    if differing and same:
        yield line(f"the same: {listed(same)}", "dim")


def _origins(facts: Sequence[Fact]) -> Iterator[Cell | TextTable]:
    differing = [fact for fact in facts if fact.differs]
    if not facts:
        yield line("of code and machine nothing is recorded")
        return
    if differing:
        yield _two_sided("made by", [[line(one.name), line(_either(one.a)), line(_either(one.b))] for one in differing])
    same = [fact.name for fact in facts if not fact.differs]
    if same:
        yield line(f"the same: {listed(same)}", "dim")


def _either(texts: Sequence[str]) -> str:
    return ", ".join(texts) or "not recorded"


def _two_sided(name: str, rows: Sequence[Sequence[Cell]]) -> TextTable:
    columns = [Column(name), Column("A", min_width=12, wraps=True), Column("B", min_width=12, wraps=True)]
    return TextTable(columns, rows, indent=1)


def _scores(found: Scores) -> Iterator[Cell | TextTable]:
    if found.score is None:
        yield line("no scores: the two have no column in common")
        return
    yield line(f"{found.score}; mean ± half of its 95 % t interval (seeds)")
    yield _score_table(found.pairs)
    if len(found.pairs) > _SHOWN:
        yield line(f" ... {plural(len(found.pairs) - _SHOWN, 'more setting')}", "dim")


def _score_table(pairs: Sequence[Pair]) -> TextTable:
    keys = list(pairs[0].params) if pairs else []
    columns = [
        *(Column(key.rpartition(":")[2], min_width=5, priority=3) for key in keys),
        Column("A", "right"),
        Column("B", "right"),
        Column("B - A", "right", priority=1),
        Column("95% interval", priority=2),
    ]
    return TextTable(columns, [_score_row(pair, keys) for pair in pairs[:_SHOWN]], indent=1)


def _score_row(pair: Pair, keys: Sequence[str]) -> list[Cell]:
    return [*(line(value_text(pair.params[key])) for key in keys), _side(pair.a), _side(pair.b), *_gap(pair)]


def _side(values: Mapping[Hashable, float] | None) -> Cell:
    if values is None:
        return line("not there", "dim")
    if not values:
        return line("no score", "dim")
    interval = t_interval(list(values.values()))
    half = "" if interval is None else f" ± {number(interval.width / 2)}"
    return line(f"{number(mean(list(values.values())))}{half} ({len(values)})")


def _gap(pair: Pair) -> list[Cell]:
    gap = pair.gap
    if gap is None:
        return [line(), line()]
    sign = "+" if gap.mean > 0 else ""
    style = "" if not gap.has_interval or gap.low <= 0 <= gap.high else "bold"
    ends = f"{number(gap.low)} to {number(gap.high)}, " if gap.has_interval else ""
    return [line(f"{sign}{number(gap.mean)}", style), line(f"{ends}{gap.label}")]
