"""The runs under a directory that Slurm has: looked at now and again, in few calls however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.front.held import runs_under
from sweep.launch.slurm.stopping import Asked, ask_to_stop
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.jobs import LiveJob
from sweep.launch.slurm.truth import Queue, open_runs
from sweep.rundir.handed import Handed
from sweep.rundir.lock import holder
from sweep.rundir.paths import RunDir

# Between two calls of Slurm's programs: its controller has many to answer to.
_FIRST_GAP_S, _LONGEST_GAP_S = 1.0, 30.0
# So much more often are directories looked at, which say themselves when a run is over.
_LOOKS_A_GAP = 6


class Pacer:
    """Says when something is due, with growing gaps."""

    def __init__(self, clock: Callable[[], float], longest_s: float = _LONGEST_GAP_S) -> None:
        self._clock, self._longest_s = clock, longest_s
        self.gap_s, self._next = _FIRST_GAP_S, clock()

    @property
    def is_due(self) -> bool:
        return self._clock() >= self._next

    def done(self) -> None:
        """Note that it was done; it is due again after a gap, the next one being longer."""
        self._next = self._clock() + self.gap_s
        self.gap_s = min(self.gap_s * 1.5, self._longest_s)


class Waiting:
    """Runs under a directory that a job may still begin or go on with, or of which nobody knows that."""

    def __init__(self, directory: Path, slurm: Slurm, clock: Callable[[], float]) -> None:
        self._directory, self._clock = directory, clock
        self._queue, self._pacer = Queue(slurm, fresh_s=0, clock=clock), Pacer(clock)
        self._last: dict[RunDir, Handed] = {}
        self._look_at = clock()

    def alive(self) -> Mapping[RunDir, Handed]:
        """Return them as they were found the last time, or look again if it is due or the last of them has ended.

        Without a submitted run nothing is asked.
        """
        if self._pacer.is_due or not self._still_open():
            self._last = self._look()
            self._pacer.done()
        return self._last

    def _look(self) -> dict[RunDir, Handed]:
        told = self._queue.of(open_runs(runs_under(self._directory)))
        return {run: one for run, one in told.items() if one.is_alive is not False}

    def _still_open(self) -> bool:
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + max(_FIRST_GAP_S, self._pacer.gap_s / _LOOKS_A_GAP)
            left = set(open_runs(self._last))
            self._last = {run: told for run, told in self._last.items() if run in left}
        return bool(self._last)


class Stopped:
    """Runs under a directory that Slurm has and is to have no more.

    Attributes:
        met: those that had a job, or were at work for one.
        alive: those that still have one.
        out_of_sight: those that may have one which cannot be reached from here, each with the reason.
        silence: why Slurm does not answer; '' while it does.
    """

    def __init__(self, directory: Path, slurm: Slurm, clock: Callable[[], float], now: bool) -> None:
        self._directory, self._slurm, self._now = directory, slurm, now
        self._pacer = Pacer(clock, longest_s=5.0)
        self.met = set[RunDir]()
        self._at_work = set[RunDir]()
        self._asked = Asked()
        self.silence = ""
        self._is_settled = False

    @property
    def alive(self) -> Mapping[RunDir, LiveJob]:
        return self._asked.jobs

    @property
    def out_of_sight(self) -> Mapping[RunDir, str]:
        # What was at work and has left found that it is to stop; its job does not come again.
        whys = self._asked.out_of_sight.items()
        return {run: why for run, why in whys if run not in self._at_work or holder(run.lock) is not None}

    def is_over(self, held: Iterable[Path]) -> bool:
        """Ask what has not been asked, if it is time for that, and say whether no run has a job any more.

        Args:
            held: the locks that are; while there is one, more may be submitted.
        """
        locks = list(held)
        self._at_work.update(RunDir(lock.parents[1]) for lock in locks if is_task(lock))
        are_free = not locks
        if self._pacer.is_due or (are_free and not self._is_settled):
            self._ask()
            self._is_settled = are_free
            self._pacer.done()
        return not self.alive and not self.silence

    def _ask(self) -> None:
        runs = open_runs(runs_under(self._directory))
        try:
            self._asked = ask_to_stop(runs, self._slurm, self._now) if runs else Asked()
            self.silence = ""
        except LaunchError as error:
            self.silence = str(error)
        self.met |= self.alive.keys() | self._at_work


def is_task(lock: Path) -> bool:
    """Say whether the holder of a run's lock is one of Slurm's jobs: it is asked through the run's directory."""
    return RunDir(lock.parents[1]).submission.exists() and lock == RunDir(lock.parents[1]).lock
