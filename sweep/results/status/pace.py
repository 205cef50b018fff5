"""How far runs are and how long they may still take, from what is known of those that are done."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sweep.results.run import QUEUED, Run
from sweep.results.score import default_x
from sweep.results.status.times import duration_s, started
from sweep.results.table_file import last_row
from sweep.rundir.status import State

# Parameters that say how many epochs there will be, by the last part of their key.
_EPOCHS = frozenset({"epochs", "num_epochs", "n_epochs", "max_epochs"})
_EPOCH_COLUMNS = ("Epoch", "epoch")
# Of so many finished runs of a setting, or of all, the last rows are looked at.
_SAMPLE = 3
# Before so much is done, the speed of a run says little.
_ENOUGH = 0.02

Rows = Callable[[Run], Mapping[str, float]]


@dataclass(frozen=True)
class Headway:
    """How far a run is.

    Attributes:
        fraction: from 0 to 1; None if that is not known.
        left_s: seconds that it may still take; None if that is not known.
    """

    fraction: float | None = None
    left_s: float | None = None


class Pace:
    """What the runs of a selection tell of each other.

    Args:
        now: seconds since the epoch.
        rows: returns the last row of a run.
    """

    def __init__(self, runs: Sequence[Run], now: float, rows: Rows = last_row) -> None:
        self._runs, self._now, self._rows = runs, now, rows
        self._done: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            if run.state == State.DONE:
                self._done[run.setting].append(run)
        durations = {setting: _median(map(duration_s, done)) for setting, done in self._done.items()}
        self._durations = {setting: each for setting, each in durations.items() if each is not None}
        self._usual_s = _median(self._durations.values())
        self._ends: dict[str, Mapping[str, float]] = {}

    def of(self, run: Run) -> Headway:
        """Return how far a running run is: by its rows if they tell, else by the time that others took."""
        first = started(run)
        if run.state != State.RUNNING or first is None:
            return Headway()
        spent, usual_s = max(0.0, self._now - first), self._durations.get(run.setting, self._usual_s)
        fraction = self._by_rows(run)
        if fraction is None:
            return Headway() if usual_s is None else Headway(min(0.99, spent / usual_s), max(0.0, usual_s - spent))
        if fraction > _ENOUGH and run.status is not None and run.status.attempt == 1:
            return Headway(fraction, spent * (1 - fraction) / fraction)
        return Headway(fraction, None if usual_s is None else usual_s * (1 - fraction))

    def left_s(self) -> float | None:
        """Return how long it may take until all runs that are there are over, as many at once as now; None if unknown.

        Runs that a launch has not prepared yet have left nothing that could be counted.
        """
        left = [self.of(run).left_s for run in self._runs if run.state == State.RUNNING]
        waiting = sum(run.state in (State.PENDING, QUEUED) for run in self._runs)
        known = [each for each in left if each is not None]
        if not left or len(known) < len(left) or (waiting and self._usual_s is None):
            return None
        return max(max(known), (sum(known) + waiting * (self._usual_s or 0.0)) / len(left))

    def _by_rows(self, run: Run) -> float | None:
        row = self._rows(run)
        if not row:
            return None
        epoch, total = next((name for name in _EPOCH_COLUMNS if name in row), ""), _epochs(run.config)
        if epoch and total:
            return _share(row[epoch] + 1, total)
        column = default_x(list(row))
        end = self._end(run.setting).get(column, math.nan)
        first = column in _EPOCH_COLUMNS  # which are counted from 0
        return _share(row.get(column, math.nan) + first, end + first)

    def _end(self, setting: str) -> Mapping[str, float]:
        """Return where finished runs ended, column by column: those of a setting, or of any if it has none."""
        if setting not in self._ends:
            ours = self._done.get(setting) or [done[0] for done in list(self._done.values())[:_SAMPLE]]
            rows = [self._rows(run) for run in ours[:_SAMPLE]]
            columns = dict.fromkeys(name for row in rows for name in row)
            self._ends[setting] = {name: _median(row.get(name) for row in rows) or math.nan for name in columns}
        return self._ends[setting]


def _epochs(config: Mapping[str, object]) -> int:
    for key, value in config.items():
        if key.rpartition(":")[2] in _EPOCHS and isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return 0


def _share(part: float, whole: float) -> float | None:
    share = part / whole if whole else math.nan
    return min(1.0, max(0.0, share)) if math.isfinite(share) else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return statistics.median(known) if known else None
