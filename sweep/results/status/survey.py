"""How some runs stand, as data."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sweep.results.logs.tail import log_of
from sweep.results.run import DEAD, NOT_KNOWN, QUEUED, UNKNOWN, Run
from sweep.results.status.failures import Failure, cause_of, find_failures, grouped, left_of
from sweep.results.status.launches import launches_of
from sweep.results.status.pace import Pace, Rows
from sweep.results.status.stalled import TIMES, Stall, find_stalled
from sweep.results.status.times import ended, started
from sweep.results.table_file import last_row
from sweep.results.text.naming import which
from sweep.rundir.handed import Handed
from sweep.rundir.lock import Owner
from sweep.rundir.status import State

# In the order in which they are shown.
STATES: tuple[str, ...] = (
    State.DONE, State.RUNNING, QUEUED, State.FAILED, State.INTERRUPTED, DEAD, State.PENDING, NOT_KNOWN, UNKNOWN,
)  # fmt: skip
_GOING_ON = (State.RUNNING, QUEUED, NOT_KNOWN)
_ALL_DONE, _SOME_FAILED, _NOT_ALL_DONE = 0, 1, 75


@dataclass(frozen=True)
class Survey:
    """How some runs stand.

    Attributes:
        runs: all of them.
        now: seconds since the epoch, when they were looked at.
        stalled: those that go on and are silent.
        left_s: how long it may take until all that are there are over; None if that is not known.
        launches: that are going on, and may start more than is there.
        times: see `find_stalled`.
    """

    runs: tuple[Run, ...]
    now: float
    stalled: tuple[Stall, ...] = ()
    left_s: float | None = None
    launches: tuple[Owner, ...] = ()
    times: float = TIMES

    @cached_property
    def by_state(self) -> dict[str, list[Run]]:
        """The runs of each state that there is, in the order of `STATES`."""
        found: dict[str, list[Run]] = {state: [] for state in STATES}
        for run in self.runs:
            found[run.state if run.state in found else UNKNOWN].append(run)
        return {state: group for state, group in found.items() if group}

    @property
    def counts(self) -> Counter[str]:
        return Counter({str(state): len(group) for state, group in self.by_state.items()})

    @property
    def settings(self) -> int:
        """How many settings they are of."""
        return len({run.setting for run in self.runs})

    @cached_property
    def failures(self) -> list[Failure]:
        """Failed runs by cause, the most frequent first."""
        return find_failures(self.runs)

    @property
    def is_over(self) -> bool:
        """Whether nothing is going on any more, as far as anybody knows."""
        return not self.launches and not any(self.counts[state] for state in _GOING_ON)

    @cached_property
    def gone(self) -> list[Failure]:
        """Runs that a batch system had and has no more, and that did not come to an end of their own, by cause."""
        left = [run for run in self.runs if run.handed is not None and run.handed.is_alive is False]
        return grouped(left, left_of)

    @cached_property
    def not_known(self) -> list[Failure]:
        """Runs of which nobody knows how they stand, by the reason, the most frequent first."""
        return grouped(self.by_state.get(NOT_KNOWN, []), left_of)

    @property
    def exit_code(self) -> int:
        """0 all done · 1 some failed · 75 not all are done. What no state is known of does not count."""
        counts = self.counts
        if counts[State.FAILED]:
            return _SOME_FAILED
        return _ALL_DONE if counts[State.DONE] + counts[UNKNOWN] == len(self.runs) else _NOT_ALL_DONE

    def as_json(self, lines: int = 0) -> dict[str, Any]:
        """Return the same as plain data.

        Args:
            lines: how many of the last lines of each failure are in it.
        """
        return {
            "runs": len(self.runs),
            "settings": self.settings,
            **{str(state): self.counts[state] for state in STATES},
            "which": {str(state): which(group, None) for state, group in self.by_state.items()},
            "failures": [_failure(one, lines) for one in self.failures],
            "stalled": [
                {**_place(one.run), "silent_s": one.silent_s, "interval_s": one.interval_s} for one in self.stalled
            ],
            "dead_runs": [_place(run) for run in self.by_state.get(DEAD, ())],
            "queued_runs": [{**_place(run), **_job(run)} for run in self.by_state.get(QUEUED, ())],
            "gone": [
                {"cause": one.cause, "runs": [{**_place(run), **_end(run)} for run in one.runs]} for one in self.gone
            ],
            "why_not_known": "; ".join(one.cause for one in self.not_known),
            "left_s": self.left_s,
            "launches": [{"host": one.host, "pid": one.pid, "since": one.since} for one in self.launches],
            "exit_code": self.exit_code,
        }


def survey(runs: Sequence[Run], now: float | None = None, times: float = TIMES, rows: Rows = last_row) -> Survey:
    """Look at some runs: at the files of those that are going on, and of a few others at their last row.

    Args:
        now: seconds since the epoch; the clock's by default.
        times: so many times its usual time between rows must a run be silent to be called stalled.
        rows: returns the last row of a run.
    """
    moment = time.time() if now is None else now
    is_busy = any(run.state == State.RUNNING for run in runs)
    left_s = Pace(runs, moment, rows).left_s() if is_busy else None
    stalled = tuple(find_stalled(runs, moment, times))
    return Survey(tuple(runs), moment, stalled, left_s, tuple(launches_of(runs)), times)


def _place(run: Run) -> dict[str, Any]:
    return {"name": run.name, "path": str(run.path), "seed": run.seed, "log": str(log_of(run))}


def _job(run: Run) -> dict[str, Any]:
    handed = run.handed or Handed(None)
    return {"job": handed.job, "job_state": handed.state, "reason": handed.reason}


def _end(run: Run) -> dict[str, Any]:
    return {"state": str(run.state), "own_cause": cause_of(run)}


def _failure(failure: Failure, lines: int) -> dict[str, Any]:
    kind = "" if failure.runs[0].status is None else failure.runs[0].status.kind
    return {
        "cause": failure.cause,
        "kind": str(kind),
        "runs": [{**_place(run), "started": started(run), "ended": ended(run)} for run in failure.runs],
        "last_lines": failure.last_lines(lines),
    }
