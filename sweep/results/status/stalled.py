"""Runs that say they are going on, and have long written nothing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.results.run import Run
from sweep.results.status.times import duration_s, last_written, row_interval_s, started
from sweep.rundir.status import State

# A run is stalled if it was silent for so many times the usual time between its rows, and for so long at least: what
# is quick by nature may well pause for a moment, to save for one.
TIMES, LEAST_S = 10.0, 60.0
# Of so many finished runs at most the rows are looked at, for those that have none of their own to go by.
_SAMPLE = 10


@dataclass(frozen=True)
class Stall:
    """A run that is silent.

    Attributes:
        silent_s: since when.
        interval_s: the usual time between two rows: its own, or that of other runs if it has none.
    """

    run: Run
    silent_s: float
    interval_s: float


def find_stalled(runs: Sequence[Run], now: float, times: float = TIMES) -> list[Stall]:
    """Return the runs that are going on and silent for `times` times their interval, and for a minute at least.

    Args:
        now: seconds since the epoch.
    """
    silent = {run: seconds for run in runs if run.state == State.RUNNING and (seconds := _silent_s(run, now)) > LEAST_S}
    if not silent:
        return []
    own = {run: row_interval_s(run) for run in silent}
    usual = _usual_s(runs) if None in own.values() else None
    found = ((run, own[run] or usual) for run in silent)
    return [Stall(run, silent[run], each) for run, each in found if each is not None and silent[run] > times * each]


def _silent_s(run: Run, now: float) -> float:
    last = max((moment for moment in (last_written(run), started(run)) if moment is not None), default=now)
    return now - last


def _usual_s(runs: Sequence[Run]) -> float | None:
    """Return the median time between rows of some finished runs."""
    done = [run for run in runs if run.state == State.DONE and duration_s(run) is not None][:_SAMPLE]
    known = [each for run in done if (each := row_interval_s(run)) is not None]
    return statistics.median(known) if known else None
