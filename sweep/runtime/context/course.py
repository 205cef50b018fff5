"""The course of a run's loop: where it begins, and what is done at each boundary. All ranks go along together."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from signal import Signals
from typing import Any

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import EXCEPTION, Manifest, snapshot_name
from sweep.runtime.context.origin import Origin
from sweep.runtime.context.stopping import RunInterrupted, StopRequest
from sweep.runtime.context.team import Team
from sweep.runtime.snapshots.changes import Changes
from sweep.runtime.snapshots.commit import Checksums, clear_up
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.forking import begin_fork
from sweep.runtime.snapshots.rhythm import Rhythm
from sweep.runtime.snapshots.saving import Items, Restored, restore, save
from sweep.runtime.snapshots.score import Scores
from sweep.runtime.snapshots.store import Store, versions

RHYTHM, SIGNAL, HAND = "rhythm", "signal", "by hand"


@dataclass
class _Reasons:
    """Why a boundary makes a snapshot: '' for none, and the signal that asks the run to stop."""

    why: str
    signal: int
    score: float | None


class Course:
    """The steps of one loop.

    Args:
        run: whose loop it is.
        rhythm: when it is saved.
        live: the registered objects.
        marks: returns how far the loggers of this rank have come.
        total: how many steps there are to be.
        warn: is called with a sentence that should be seen.

    Attributes:
        wanted: whether somebody has asked for a snapshot at the next boundary.
        step: the one that is being done.
    """

    def __init__(
        self,
        run: RunDir,
        rhythm: Rhythm,
        live: Mapping[str, Any],
        marks: Callable[[], list[Mapping[str, Any]]],
        total: int,
        warn: Callable[[str], object],
    ) -> None:
        self._run, self._rhythm, self._live, self._marks = run, rhythm, live, marks
        self._total, self._warn = total, warn
        self._team, self._stop = Team(), StopRequest(run)
        self._store, self._checksums = Store(run, warn), Checksums()
        self._saved_at = -math.inf
        self._has_one = False
        self._scores: Scores | None = None
        self.wanted = False
        self.step = 0

    @property
    def is_first(self) -> bool:
        return self._team.rank == 0

    def begin(self, origin: Origin) -> Restored | None:
        """Bring the registered objects to a snapshot, if there is one, and listen to signals from here on.

        Args:
            origin: that rank 0 has found; the other ranks hear of it.
        """
        if self._rhythm.mode != "none" and self._rhythm.on_signal:
            self._stop.install()
        try:
            return self._brought(origin)
        except BaseException:
            self._stop.remove()
            raise

    def _brought(self, origin: Origin) -> Restored | None:
        found: Origin = self._team.first(lambda: self._prepared(origin))
        if found.snapshot is None:
            return None
        changes = Changes(self._live, found.changed)
        if found.newest is not None:
            self._has_one = True
            restored = restore(found.newest, self._team.rank, self._live, self._warn)
        else:
            restored = begin_fork(found.snapshot, self._live, found.items, self._warn)
        return replace(restored, kept=tuple(changes.put_back()))

    def _prepared(self, origin: Origin) -> Origin:
        clear_up(self._run.snapshots)
        self._store.set_aside_after(-1 if origin.newest is None else origin.newest.manifest.step)
        return origin

    def watch_scores(self) -> None:
        """Begin to read the metric: rows that are there now belong to earlier steps."""
        if self._rhythm.metric and self.is_first:
            self._scores = Scores(self._run.progress, self._rhythm.metric)

    def boundary(self, step: int) -> None:
        """Save if it is time, and stop if that was asked; the rows of the step are written.

        Raises:
            RunInterrupted: the run was asked to stop, and is saved.
            SnapshotError: the very first snapshot cannot be made; a later one is only warned of.
            OSError: it cannot be written.
        """
        reasons = self._reasons(step)
        if reasons.why:
            self._save(step, reasons)
        if reasons.signal:
            name = Signals(reasons.signal).name
            raise RunInterrupted(f"{name} came; it goes on after step {step}, from {snapshot_name(step)}")

    def _reasons(self, step: int) -> _Reasons:
        """Return what rank 0 finds, with the signal of any rank."""
        mine = self._found(step) if self.is_first else _Reasons("", self._stop.number, None)
        found = self._team.gathered(mine)
        first: _Reasons = found[0]
        number = max(one.signal for one in found)
        return _Reasons(first.why or (SIGNAL if number else ""), number, first.score)

    def _found(self, step: int) -> _Reasons:
        score = self._scores.next() if self._scores is not None else None
        due = self._rhythm.due(step, self._total, time.monotonic() - self._saved_at)
        better = self._rhythm.mode != "none" and self._rhythm.is_better(score, self._store.scores())
        why = RHYTHM if due else self._rhythm.metric if better else HAND if self.wanted else ""
        self.wanted = False
        return _Reasons(why, self._stop.number, score)

    def _save(self, step: int, reasons: _Reasons) -> None:
        words = self._words(step, reasons)
        try:
            made = save(self._run.snapshots, self._team, Items(self._live, self._marks()), words, self._checksums)
        except SnapshotError as error:
            if not self._has_one:
                raise
            self._warn(f"step {step} was not saved, the snapshot before it stays: {error}")
            return
        self._has_one, self._saved_at = True, time.monotonic()
        if self.is_first:
            self._store.added(made)
            self._store.prune(self._rhythm, self._total)

    def _words(self, step: int, reasons: _Reasons) -> Manifest:
        rhythm, now, used = self._rhythm, time.time(), versions()
        words = Manifest(step, self._total, now, metric=rhythm.metric, better=rhythm.better, versions=used)
        return replace(words, score=reasons.score, why=reasons.why)

    def save_failed(self) -> None:
        """Save what there is in the middle of a step, for a look at it, if the rhythm says so.

        With several ranks nothing is saved, as the others do not come to this place.
        """
        if not self._rhythm.on_exception or self._team.size > 1:
            return
        words = replace(self._words(self.step, _Reasons(EXCEPTION, 0, None)), complete=False)
        try:
            save(self._run.snapshots, self._team, Items(self._live, self._marks()), words, self._checksums, EXCEPTION)
        except (SnapshotError, OSError) as error:
            self._warn(f"what there was at the exception was not saved: {error}")

    def end(self) -> None:
        """Let signals be what they were."""
        self._stop.remove()
