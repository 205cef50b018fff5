"""How some runs stand, as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sweep.base.text import plural
from sweep.results.logs.tail import job_log_of, log_of, parts_of
from sweep.results.run import DEAD, NOT_KNOWN, QUEUED, UNKNOWN, Run
from sweep.results.status.failures import Failure, cause_of, grouped
from sweep.results.status.stalled import Stall
from sweep.results.status.survey import Survey
from sweep.results.status.times import ended, last_written, started
from sweep.results.status.waiting import Waiting, waiting
from sweep.results.text.cell import Cell
from sweep.results.text.glyphs import Glyphs, style_of
from sweep.results.text.naming import which
from sweep.results.text.numbers import ago
from sweep.results.text.page import Page, line
from sweep.results.text.table import Column, TextTable
from sweep.rundir.status import State

# So many causes of failure, stalled and dead runs are told; all of them are in the JSON.
_TOLD = 10
# Of a state that needs nobody's help, so many settings are named.
_NAMED: Mapping[str, int] = {State.DONE: 3, State.PENDING: 3, QUEUED: 3, UNKNOWN: 3}
_NAMED_OTHERS = 8
# Of runs that were cut off of one cause, so many different words of their own are told.
_NAMED_CAUSES = 3


def status_page(survey: Survey, title: str, glyphs: Glyphs, lines: int = 5) -> Page:
    """Return what `sweep status` shows.

    Args:
        title: where the runs are.
        lines: how many of the last lines of each failure are shown.
    """
    return [
        line(f"{plural(len(survey.runs), 'run')} of {plural(survey.settings, 'setting')} under {title}", "bold"),
        line(),
        _states(survey, glyphs),
        *_failures(survey, lines),
        *_stalled(survey),
        *_dead(survey),
        *_gone(survey),
        *_waiting(survey),
        *_not_known(survey),
        *_closing(survey),
    ]


def _states(survey: Survey, glyphs: Glyphs) -> TextTable:
    columns = [
        Column("", priority=3),
        Column("state"),
        Column("runs", "right"),
        Column("when", priority=2),
        Column("which", priority=1, min_width=24, wraps=True),
    ]
    rows = [_state(survey, state, runs, glyphs) for state, runs in survey.by_state.items()]
    return TextTable(columns, rows, indent=1)


def _state(survey: Survey, state: str, runs: list[Run], glyphs: Glyphs) -> list[Cell]:
    style = style_of(state)
    return [
        line(glyphs.mark(state), style),
        line(state, style),
        line(f"{len(runs):,}"),
        line(_when(state, runs, survey.now)),
        line("; ".join(which(runs, _NAMED.get(state, _NAMED_OTHERS)))),
    ]


def _when(state: str, runs: list[Run], now: float) -> str:
    """Return when runs began, or ended, from the newest to the oldest."""
    is_going_on = state in (State.RUNNING, DEAD)
    moments = [moment for run in runs if (moment := (started if is_going_on else ended)(run)) is not None]
    if not moments:
        return ""
    newest, oldest = ago(now - max(moments)), ago(now - min(moments))
    span = newest if newest == oldest else f"{newest} to {oldest}"
    return f"for {span}" if state == State.RUNNING else f"{span} ago"


def _failures(survey: Survey, lines: int) -> Iterator[Cell]:
    for failure in survey.failures[:_TOLD]:
        yield line()
        yield line(_title("failed", len(failure.runs), failure.cause or "of an unknown cause"), style_of(State.FAILED))
        yield from _failure(failure, lines)
    yield from _more(len(survey.failures) - _TOLD, "cause of failure", "causes of failure")


def _failure(failure: Failure, lines: int) -> Iterator[Cell]:
    yield line(f"    {'; '.join(which(failure.runs, 3))}")
    yield from (line(f"      {text}", "dim") for text in failure.last_lines(lines))
    yield line(f"    log: {failure.log}")


def _stalled(survey: Survey) -> Iterator[Cell]:
    if survey.stalled:
        yield line()
        what = f"written nothing for more than {survey.times:g} times as long as a row takes"
        yield line(_title("stalled", len(survey.stalled), what), style_of(State.INTERRUPTED))
    for one in survey.stalled[:_TOLD]:
        yield from _stall(one)
    yield from _more(len(survey.stalled) - _TOLD, "run", "runs")


def _stall(one: Stall) -> Iterator[Cell]:
    usual = f"a row takes {ago(one.interval_s) if one.interval_s >= 1 else f'{one.interval_s:.2g} s'}"
    yield line(f"    {which([one.run])[0]}: silent for {ago(one.silent_s)}, {usual}")
    yield line(f"    log: {log_of(one.run)}")


def _dead(survey: Survey) -> Iterator[Cell]:
    dead = [run for run in survey.by_state.get(DEAD, []) if run.handed is None]
    if dead:
        yield line()
        what = "marked as running, but nobody is at work there"
        yield line(_title("dead", len(dead), what), style_of(DEAD))
    for run in dead[:_TOLD]:
        yield from _corpse(run, survey.now)
    yield from _more(len(dead) - _TOLD, "run", "runs")
    if dead:
        yield line("    the command that started them goes on with them")


def _corpse(run: Run, now: float) -> Iterator[Cell]:
    last = last_written(run)
    owner = "" if run.status is None else f" by process {run.status.pid} on {run.status.host}"
    written = "" if last is None else f": last written {ago(now - last)} ago{owner}"
    yield line(f"    {which([run])[0]}{written}")
    yield line(f"    log: {log_of(run)}")


def _gone(survey: Survey) -> Iterator[Cell]:
    """Yield what a batch system had and has no more."""
    for one in survey.gone[:_TOLD]:
        yield line()
        yield line(_title("cut off", len(one.runs), one.cause), style_of(State.INTERRUPTED))
        yield line(f"    {'; '.join(which(one.runs, 3))}")
        yield from _own_words(one.runs)
    yield from _more(len(survey.gone) - _TOLD, "cause", "causes")
    if survey.gone:
        yield line("    the command that submitted them goes on with them")


def _own_words(runs: Sequence[Run]) -> Iterator[Cell]:
    """Yield what runs that were cut off say themselves, or where the job of one has said something instead."""
    told = grouped([run for run in runs if cause_of(run)], cause_of)
    for one in told[:_NAMED_CAUSES]:
        whose = "" if len(one.runs) == len(runs) else f"{'; '.join(which(one.runs, 3))}: "
        yield line(f"      {whose}{one.cause}", "dim")
    yield from _more(len(told) - _NAMED_CAUSES, "word of theirs", "words of theirs")
    silent = (run for run in runs if not cause_of(run) and not parts_of(run))
    if not told and (found := next(((run, file) for run in silent if (file := job_log_of(run))), None)):
        run, file = found
        whose = "its job" if len(runs) == 1 else f"the job of {which([run])[0]}"
        yield line(f"    {whose} printed: {file}")


def _waiting(survey: Survey) -> Iterator[Cell]:
    """Yield the jobs of what is queued."""
    found = waiting(survey.by_state.get(QUEUED, []))
    if found:
        yield line()
    yield from (_queued(one) for one in found[:_TOLD])
    yield from _more(len(found) - _TOLD, "array of jobs", "arrays of jobs")


def _queued(one: Waiting) -> Cell:
    job = f"job {one.job}, " if one.job else ""
    why = f" ({one.reason})" if one.reason and not one.is_starting else ""
    what, yet = ("starting", "; the run is not under way yet") if one.is_starting else ("queued", "")
    return line(f"{what}: {plural(len(one.runs), 'run')}: {job}{one.state}{why}{yet}", style_of(QUEUED))


def _not_known(survey: Survey) -> Iterator[Cell]:
    for one in survey.not_known[:_TOLD]:
        yield line()
        yield line(_title("not known", len(one.runs), one.cause), style_of(NOT_KNOWN))
    yield from _more(len(survey.not_known) - _TOLD, "reason", "reasons")


def _closing(survey: Survey) -> Iterator[Cell]:
    told = [
        *_left(survey),
        *(f"a launch is going on: {owner}; it may start more than is there" for owner in survey.launches),
    ]
    if told:
        yield line()
    yield from map(line, told)


def _left(survey: Survey) -> Iterator[str]:
    if survey.left_s is not None:
        yield f"about {ago(survey.left_s)} left for the runs that are there"


def _title(what: str, count: int, text: str) -> str:
    return f"{what}: {plural(count, 'run')}: {text}"


def _more(count: int, noun: str, nouns: str) -> Iterator[Cell]:
    if count > 0:
        yield line(f"    ... and {count:,} more {noun if count == 1 else nouns}")
