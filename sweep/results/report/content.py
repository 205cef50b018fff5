"""What a report says, as plain data; how it looks is decided elsewhere."""

from __future__ import annotations

import math
import shlex
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sweep.base.text import plural
from sweep.results.report.asked import Asked, what_was_asked
from sweep.results.report.curves import Curves, make_curves
from sweep.results.report.heat import Heat, heat_maps
from sweep.results.report.request import ReportRequest
from sweep.results.run import DEAD, Run
from sweep.results.statistics.effects import Effects, Level, noise_share
from sweep.results.status.failures import Failure, find_failures
from sweep.results.table.ranking import Ranking, rank
from sweep.results.table_file import read_table
from sweep.results.tasks.ranking import TaskRanking, rank_tasks
from sweep.rundir.status import State

_NOT_OVER = (State.RUNNING, State.PENDING, State.INTERRUPTED, DEAD)


@dataclass(frozen=True)
class Report:
    """What a report says.

    Attributes:
        title: what the settings' names have in common, else the folder's name.
        made: seconds since the epoch, when it was gathered.
        runs: all of them.
        asked: the grid, the function, code and machine.
        ranking: the settings, the best first.
        warnings: what must be known before anything else.
        effects: the share of each parameter, and `noise` that of the seeds.
        levels: the mean of all settings that have a value, by parameter, what matters most first.
        heats: a map for each pair of parameters; `heats_note` is what was left out.
        curves: the learning curves; None if there is nothing to draw.
        failures: those of one cause together.
        commands: what makes each section again, by its name.
        parallel: whether parallel coordinates are wanted.
        tasks: the settings over all tasks; None if no task was said.
    """

    title: str
    made: float
    runs: tuple[Run, ...]
    asked: Asked
    ranking: Ranking
    warnings: tuple[str, ...]
    effects: Effects
    noise: float
    levels: Mapping[str, Sequence[Level]]
    heats: tuple[Heat, ...]
    heats_note: str
    curves: Curves
    failures: tuple[Failure, ...]
    commands: Mapping[str, str]
    parallel: bool
    tasks: TaskRanking | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many runs there are of each state."""
        return Counter(str(run.state) for run in self.runs)


def gather(runs: Sequence[Run], request: ReportRequest, now: float | None = None) -> Report:
    """Return what a report of some runs says.

    Args:
        now: seconds since the epoch; the clock's by default.

    Raises:
        UsageError: an unknown metric, no run has a row, or a task or a scale that is none.
    """
    tables = cache(read_table)
    ranking = rank(runs, request.metric, request.how, request.better, x=request.x)
    shares, scored = ranking.effects(), ranking.scored()
    asked = what_was_asked(runs, ranking)
    heats, left_out = heat_maps(scored, shares.main, "max" if ranking.score.higher_is_better else "min")
    order = [row.setting.key for row in ranking.rows]
    curves = make_curves(runs, tables, ranking.x, ranking.score.metric, shares.main, asked.counts, order)
    return Report(
        title_of(runs),
        time.time() if now is None else now,
        tuple(runs),
        asked,
        ranking,
        tuple(_warnings(runs, ranking, asked)),
        shares,
        noise_share([row.setting.values for row in scored]),
        {key: ranking.levels(key) for key in by_share(shares.main)},
        tuple(heats),
        left_out,
        curves,
        tuple(find_failures(runs)),
        dict(commands(request, ranking, curves)),
        request.parallel,
        rank_tasks(ranking, request.task, request.normalise) if request.task else None,
    )


def by_share(shares: Mapping[str, float]) -> list[str]:
    """Return parameters, what matters most first."""
    return sorted(shares, key=lambda key: -shares[key] if math.isfinite(shares[key]) else 0.0)


def title_of(runs: Sequence[Run]) -> str:
    """Return the words that the names of all settings begin with; without any, the name of their folder."""
    words = [run.label.split("_") for run in runs]
    common = next((place for place, column in enumerate(zip(*words, strict=False)) if len(set(column)) > 1), None)
    shared = words[0][: min(map(len, words)) if common is None else common]
    return "_".join(shared) or Path(runs[0].path).absolute().parent.name


def _warnings(runs: Sequence[Run], ranking: Ranking, asked: Asked) -> Iterator[str]:
    going = sum(run.state in _NOT_OVER for run in runs)
    if going:
        yield f"{plural(going, 'run')} of {len(runs)} {'is' if going == 1 else 'are'} not over: all numbers may change"
    for name in asked.mixed:
        yield f"the runs were not all made by the same {name}: they may differ in more than their parameters"
    yield from ranking.warnings
    yield from ranking.notes


def commands(request: ReportRequest, ranking: Ranking, curves: Curves) -> Iterator[tuple[str, str]]:
    """Yield the name of each section and the command that makes it again."""
    paths, score = shlex.join(request.paths), _score_flags(request, ranking)
    layout = vars(curves.layout).items()
    flags = "".join(f" --{name} {shlex.quote(key)}" for name, key in layout if key)
    axis = f" -x {shlex.quote(request.x)}" if request.x else ""
    keys, tasks = shlex.join(ranking.keys), _task_flags(request)
    yield "report", f"sweep report {paths}{score}{tasks}{' --parallel' * request.parallel}"
    yield "tasks", f"sweep table {paths}{score}{tasks} --by-task" if request.task else ""
    yield "ranking", f"sweep table {paths}{score}"
    yield "effects", f"sweep table {paths}{score} --by {keys}" if keys else ""
    yield "curves", f"sweep plot {paths} -y {shlex.quote(curves.y)}{axis}{flags}"
    yield "failures", f"sweep status {paths}"
    yield "best", f"sweep best {paths}{score} -k 3"
    yield "rerun", f"sweep rerun {paths}{score} --best 3 --seeds {_fresh_seeds(ranking)}"


def _task_flags(request: ReportRequest) -> str:
    task = f" --task {shlex.join(request.task)}" if request.task else ""
    if len(request.normalise) == 1:  # may begin with a minus
        return f"{task} --normalise={shlex.quote(request.normalise[0])}"
    return f"{task} --normalise {shlex.join(request.normalise)}" if request.normalise else task


def _score_flags(request: ReportRequest, ranking: Ranking) -> str:
    words = ["-y", ranking.score.metric, *(["--how", request.how] if request.how != "last10%" else [])]
    words += [*(["--min"] if request.better == "min" else []), *(["-x", request.x] if request.x else [])]
    return f" {shlex.join(words)}"


def _fresh_seeds(ranking: Ranking) -> str:
    """Return ten seeds behind all that were used."""
    used = [run.seed for row in ranking.rows for run in row.setting.runs if run.seed is not None]
    first = max(100, 100 * math.ceil((max(used, default=0) + 1) / 100))
    return f"{first}:{first + 10}"
