"""Runs as they are found on the disk, with what Slurm says of those that it has been given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweep.launch.slurm.truth import Queue
    from sweep.results.run import Run
    from sweep.rundir.handed import Handed

# Whoever looks again and again believes Slurm for so long: its controller has many to answer to.
AGAIN_S = 10.0


def _never_begun(run: Run, word: Handed | None = None) -> Run:
    """Return a run of sweep's that has no status as one to be begun: that is what a launch takes it for."""
    from sweep.results.run import NOT_KNOWN, QUEUED, UNKNOWN
    from sweep.rundir.status import State

    if run.state != UNKNOWN or run.source != "sweep":
        return run
    if word is None or word.is_alive is False:
        return replace(run, state=State.PENDING, handed=word)
    return replace(run, state=QUEUED if word.is_alive else NOT_KNOWN, handed=word)


class Asking:
    """Finds runs again and again, and asks Slurm once a look at most, and only about runs that have been submitted.

    Args:
        fresh_s: for how long an answer of Slurm's is believed.
        queue: what is asked; the cluster of this machine by default.
    """

    def __init__(self, fresh_s: float = AGAIN_S, queue: Queue | None = None) -> None:
        self._fresh_s, self._queue = fresh_s, queue

    def find(self, places: Sequence[str | Path]) -> list[Run]:
        """Return every run that one of some places means; see `sweep.results.find.find_runs`.

        Raises:
            NoRunsFound, SeveralSweeps
        """
        from sweep.results.find import find_runs
        from sweep.results.handed import to_ask_about

        runs = [_never_begun(run) for run in find_runs(*places)]
        asked = to_ask_about(runs)
        return self._told(runs, asked) if asked else runs

    def _told(self, runs: list[Run], asked: list[Run]) -> list[Run]:
        from sweep.launch.slurm.talk.client import Slurm
        from sweep.launch.slurm.truth import Queue
        from sweep.results.handed import with_words
        from sweep.rundir.paths import RunDir

        self._queue = self._queue or Queue(Slurm(), self._fresh_s)
        told = self._queue.of(RunDir(run.path) for run in asked)
        words = {run.path: one for run, one in told.items()}
        return [_never_begun(run, words.get(run.path)) for run in with_words(runs, words)]
