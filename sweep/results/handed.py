"""Runs that were handed to a batch system: which of them it is to be asked about, and how they stand by its word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sweep.results.identify import is_held, looked_again
from sweep.results.run import DEAD, NOT_KNOWN, QUEUED, Run
from sweep.rundir.handed import Handed
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State

_OPEN = (State.PENDING, State.RUNNING, State.INTERRUPTED, DEAD)


def to_ask_about(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that were handed to a batch system and whose directories do not say the last word.

    Not those that are seen to go on: their lock is held.
    """
    handed = (run for run in runs if run.state in _OPEN and RunDir(run.path).submission.exists())
    return [run for run in handed if run.state != State.RUNNING or not is_held(run)]


def with_words(runs: Sequence[Run], told: Mapping[Path, Handed]) -> list[Run]:
    """Return runs as they stand by what the batch system says of some of them, by their paths."""
    return [run if (handed := told.get(run.path)) is None else _with_word(run, handed) for run in runs]


def _with_word(run: Run, handed: Handed) -> Run:
    now = looked_again(run)  # it may have begun or ended before the batch system was asked
    if now.state not in _OPEN:
        return now
    if handed.is_alive:
        return replace(now, state=_of_a_job(now, handed), handed=handed)
    if is_held(now):
        return now
    if handed.is_alive is None:
        return replace(now, state=NOT_KNOWN, handed=handed)
    return replace(now, state=DEAD if now.state == State.RUNNING else now.state, handed=handed)


def _of_a_job(run: Run, handed: Handed) -> str:
    """Return the state of a run that has a job; that it is going on cannot be seen across nodes everywhere."""
    has_begun = run.state in (State.RUNNING, DEAD)
    waits = handed.state.startswith(("pending", "requeue", "being submitted"))
    return State.RUNNING if has_begun and (is_held(run) or not waits) else QUEUED
