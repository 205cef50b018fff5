"""``sweep.load("data/ppo*")``: what runs have left behind, as pandas frames and figures."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.text import plural, printable, shorten
from sweep.results.bulk import read_tables
from sweep.results.find import find_runs
from sweep.results.frames import curves_frame, runs_frame, settings_frame
from sweep.results.parameters import ABSENT, fixed, varying
from sweep.results.run import Run
from sweep.results.score import Score, default_metric, default_x, resolve_metric
from sweep.results.settings import Setting, settings
from sweep.results.table_file import column_names, last_row

_SHOWN = 20  # runs in a notebook


@dataclass(frozen=True, repr=False)
class Results:
    """Some runs, as they were when they were found. Rows are read when they are asked for.

    Attributes:
        found: the runs, by path.
    """

    found: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        states = ", ".join(f"{count:,} {state}" for state, count in Counter(run.state for run in self.found).items())
        return f"<Results: {plural(len(self.found), 'run')} ({states})>"

    @property
    def metrics(self) -> list[str]:
        """The columns that any of the runs has."""
        return list(dict.fromkeys(name for run in self.found for name in column_names(run)))

    @property
    def runs(self) -> Any:
        """A frame with a row a run: what differs, seed, state, the last row of its table; then the rest."""
        return runs_frame(self.found, last_row)

    def curves(self, y: str | Sequence[str] = "", x: str | None = None) -> Any:
        """Return a frame with a row for each row that a run has written.

        Args:
            y: one metric or several; by default the return.
            x: a column to go with them; by default the first of TotalEnvInteracts, Epoch and the like that is there.

        Raises:
            UnknownMetric: no run has such a column; the message lists those that there are.
        """
        there = self.metrics
        place = default_x(there) if x is None else resolve_metric(x, there)[0]
        names = [y or default_metric(there)] if isinstance(y, str) else y
        wanted = [resolve_metric(name, there)[0] for name in names]
        columns = list(dict.fromkeys([place, *wanted]))
        return curves_frame(self.found, read_tables(self.found, columns), columns)

    def settings(self, score: Score | str = "", *, how: str = "", better: str = "", which: str = "done") -> Any:
        """Return a frame with a row a setting (runs that differ in their seed alone), the best first.

        Args:
            score: a `Score`, or its metric; by default the return.
            how, better: of the score, see `Score`.
            which: 'done' leaves out runs that failed or are not done; 'all' counts their last rows too.

        Raises:
            UsageError: an unknown metric or rule.
        """
        return settings_frame(self.ranked(score, how=how, better=better, which=which))

    def best(self, k: int = 1, score: Score | str = "", *, how: str = "", better: str = "", which: str = "done") -> Any:
        """Return the first k rows of `settings`."""
        if k < 1:
            raise UsageError(f"k={k} is no number of settings; 1 is the best alone.")
        return settings_frame(self.ranked(score, how=how, better=better, which=which)[:k])

    def ranked(self, score: Score | str = "", *, how: str = "", better: str = "", which: str = "done") -> list[Setting]:
        """Return the settings as objects, the best first; the arguments are those of `settings`."""
        wanted = score if isinstance(score, Score) else Score(score)
        changes = {name: value for name, value in (("how", how), ("better", better)) if value}
        return settings(self.found, replace(wanted, **changes), which=which)

    def tasks(
        self, key: str | Sequence[str], score: Score | str = "", normalise: Sequence[str] = (), **how: str
    ) -> Any:
        """Return a frame with a row a setting over all tasks: the complete ones, the best first, then the others.

        Args:
            key: the parameter that is the task; of several the first names it, and the rest go along with it.
            score: a `Score`, or its metric; by default the return.
            normalise: see `sweep.results.tasks.scale.scale_of`; one word, or one for each task.
            how: `how`, `better` and `which` of the score, as in `settings`.

        Raises:
            UsageError: an unknown metric, rule or parameter, one task alone, or no scale.
        """
        from sweep.results.table.ranking import rank
        from sweep.results.tasks.frame import tasks_frame
        from sweep.results.tasks.ranking import rank_tasks

        wanted = score if isinstance(score, Score) else Score(score)
        rules = {"how": wanted.how, "better": wanted.better} | how
        words = [normalise] if isinstance(normalise, str) else normalise
        keys = [key] if isinstance(key, str) else key
        return tasks_frame(rank_tasks(rank(self.found, wanted.metric, **rules), keys, words))

    def plot(self, y: str | Sequence[str] = "Performance", **options: Any) -> Any:
        """Draw learning curves; return the matplotlib figure, or a list of them for several metrics.

        Args:
            y: one metric or several.
            options: those of `sweep.results.plotting.plot.plot`.

        Raises:
            UsageError: an unknown metric or option, nothing to draw, or no matplotlib.
        """
        from sweep.results.plotting.plot import plot

        figures = [drawn.figure for drawn in plot(self.found, y, **options)]
        return figures[0] if isinstance(y, str) else figures

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how many runs in which state, what is the same in all, and the first runs."""
        keys = varying(self.found)
        head = ["name", *keys, "seed", "state"]
        shown = self.found[:_SHOWN]
        rows = [[run.name, *(run.config.get(key, ABSENT) for key in keys), run.seed, run.state] for run in shown]
        same = ", ".join(f"{key}={_shown(value)}" for key, value in fixed(self.found).items())
        rest = len(self.found) - len(rows)
        parts = [
            f"<p>{html.escape(repr(self)[1:-1])}</p>",
            f"<p>the same in all: {html.escape(same)}</p>" if same else "",
            f"<table><thead>{_row('th', head)}</thead><tbody>",
            *(_row("td", row) for row in rows),
            "</tbody></table>",
            f"<p>and {plural(rest, 'run')} more</p>" if rest else "",
        ]
        return "<div>" + "".join(parts) + "</div>"


def _row(tag: str, cells: Sequence[object]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(_shown(cell))}</{tag}>" for cell in cells) + "</tr>"


def _shown(value: object) -> str:
    return printable(shorten(str(value), 80))


def load(*patterns: str | Path) -> Results:
    """Return the results of every run that one of the patterns means; see `find_runs` for patterns and errors.

    Nothing that is found is executed or unpickled. Runs may still be going on; load again for what they are then.
    """
    return Results(tuple(find_runs(*patterns)))
