"""What a job does on its node: it takes its run, sees it through, and comes again if its time was too short.

Slurm may start a job twice: a node that was lost comes back with the first copy still alive. So a job waits until
nobody has the run's lock, and only then looks at what is left to be done.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sweep.base.errors import LaunchError, SweepError
from sweep.base.text import printable
from sweep.launch.engines.base import Engine
from sweep.launch.engines.executor import Boundless
from sweep.launch.job import Job, Machine
from sweep.launch.leftovers import clear_leftovers
from sweep.launch.resources import core_ids
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slot
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.slurm.launchers import on_this_node
from sweep.launch.slurm.script import UNSEEN
from sweep.launch.slurm.spread import engine_of
from sweep.launch.slurm.standing import Standing, standing
from sweep.launch.slurm.talk.client import PAUSES_S, Slurm
from sweep.launch.slurm.watched import WatchedEngine
from sweep.launch.stops import Stopped, stop_signals, stops_held
from sweep.rundir.lock import Lock, take
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import snapshots_in
from sweep.rundir.status import Kind, State, Status, read_status, write_status
from sweep.rundir.submission import read_submission

DONE, FAILED, STOPPED = 0, 1, 75
# How often the lock is asked for that an older copy of the job has.
_PAUSE_S = 1.0


def main(argv: Sequence[str]) -> int:
    """Run the run of one job of an array: its ticket, the submission's folder, and the job's id are told ('12_3')."""
    ticket, folder, job = argv[1], Path(argv[2]), argv[3]
    try:
        bundle = Bundle.read(folder)
        if bundle.ticket != ticket:
            _say(f"{folder} belongs to the submission {bundle.ticket}, not {ticket}")
            return UNSEEN
        with _all_stop_signals():
            return Task(bundle, job, Slurm(), os.environ).carry_out()
    except Stopped as stop:
        _say(f"ended at once by {stop}")
        return STOPPED
    except (SweepError, OSError) as error:
        _say(f"this job cannot run its run: {error}")
        return FAILED


@contextmanager
def _all_stop_signals() -> Iterator[None]:
    """Hear SIGUSR1 too, which the job's script ignores, so that it never ends a job that only just begins."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    with stop_signals():
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield


class _Allocation(Boundless):
    """All that Slurm has given to this job, for its one run."""

    def take(self, demand: Demand) -> Slot:
        return Slot(core_ids())


@dataclass(frozen=True)
class Task:
    """One job of an array, and the run that it is for.

    Args:
        job: its id, of the array and of the element: an element's own number may be that of the whole array.
        environ: of the job.
        standing: says how a job stands with Slurm.
        new_engine: makes what runs the run.
    """

    bundle: Bundle
    job: str
    slurm: Slurm
    environ: Mapping[str, str]
    sleep: Callable[[float], None] = time.sleep
    standing: Callable[[str], Standing] = standing
    new_engine: Callable[[Bundle, Machine, Mapping[str, str]], Engine] = engine_of
    clock: Callable[[], float] = time.monotonic

    @property
    def index(self) -> int:
        return int(self.job.partition("_")[2])

    @property
    def run(self) -> RunDir:
        return RunDir(self.bundle.home / self.bundle.runs[self.index][0])

    @property
    def is_ours(self) -> bool:
        """Whether this job is the one that is to run the run."""
        record = read_submission(self.run)
        return record is not None and (record.ticket, record.index) == (self.bundle.ticket, self.index)

    @property
    def is_wanted(self) -> bool:
        """Whether there is something left to be done, by this job."""
        status = read_status(self.run)
        over = status is not None and status.state in (State.DONE, State.FAILED)
        return self.is_ours and not over and not self.run.stop.exists()

    def carry_out(self) -> int:
        """Return the exit code of the job: 0 done or not wanted any more · 1 failed · 75 to go on another time."""
        with stops_held() as stops:
            try:
                lock = self._taken(stops.check)
            except Stopped as stop:
                _say(f"stopped by {stop} before its run had begun")
                self._come_again(stop.number, has_saved=False)
                return STOPPED
            if lock is None:
                _say("nothing is left to be done by this job")
                return DONE
            try:
                before = self._make_ready()
                end = self._see_through(lock, stops.check)
            finally:
                lock.release()
            return self._leave(before, end)

    def _taken(self, check: Callable[[], None]) -> Lock | None:
        """Wait for the run's lock; None as soon as there is nothing to be done.

        Raises:
            Stopped: this job is to leave before.
        """
        said = False
        while self.is_wanted:
            lock = take(self.run.lock)
            if lock is not None and self.is_wanted:
                return lock
            if lock is not None:
                lock.release()
                return None
            if not said:
                _say("an older copy of this job may be alive: waiting until its lock is free")
                said = True
            self.sleep(_PAUSE_S)
            check()
        return None

    def _make_ready(self) -> int:
        """Make the run one that can be started, and return the step of its newest snapshot, -1 without one."""
        status = read_status(self.run) or Status(State.PENDING)
        if status.state is State.RUNNING:
            status = status.ended_as(State.INTERRUPTED, "the job that ran it was lost", Kind.LOST)
        if status.state is not State.PENDING:
            write_status(self.run, status.moved(State.PENDING))
        return newest_step(self.run)

    def _see_through(self, lock: Lock, check: Callable[[], None]) -> Stopped | None:
        """Run the run to its end; return what has stopped it, if that is why it is over."""
        bundle = self.bundle
        for line in clear_leftovers(bundle.home):
            _say(line)
        environ, machine = {**self.environ, **bundle.environ}, on_this_node(bundle)
        local = self.new_engine(bundle, machine, environ)
        engine = WatchedEngine(
            local, self.run, lambda: self.is_ours, _leave_to_another, check, machine.grace_s, self.clock, self.sleep
        )
        job = Job(self.run, bundle.runs[self.index][1], bundle.demand, lock)
        try:
            for outcome in Scheduler(engine, _Allocation(), bundle.limits).run([job]):
                _say(f"{outcome.state}: {outcome.cause}" if outcome.cause else outcome.state)
        except Stopped as stop:
            return stop
        finally:
            engine.close()
        return None

    def _leave(self, before: int, stop: Stopped | None) -> int:
        status = read_status(self.run)
        state = None if status is None else status.state
        if state is State.DONE:
            return DONE
        if state is not State.INTERRUPTED:
            return FAILED
        if stop is not None:
            _say(f"stopped by {stop}")
            self._come_again(stop.number, newest_step(self.run) > before)
        return STOPPED

    def _come_again(self, number: int, has_saved: bool) -> None:
        """Have this job started again if its time is over, or somebody more urgent wants the node."""
        if not self.is_wanted:
            return
        if not self.standing(self.job).comes_again(number, has_saved):
            if number == signal.SIGUSR1 and not has_saved:
                _say("its time is over and it has saved nothing new: not started again by itself")
        elif self._requeued():
            _say("it goes on when Slurm starts this job again")
        else:
            _say("Slurm does not start this job again; the command that submitted it does")

    def _requeued(self) -> bool:
        """Ask Slurm to start this job again, also while its controller is being restarted."""
        for pause in (*PAUSES_S, None):
            try:
                return self.slurm.requeue(self.job)
            except LaunchError as error:
                if pause is None:
                    _say(str(error))
                    return False
                self.sleep(pause)
        return False


def _say(line: str) -> None:
    """Tell whoever reads what the job printed."""
    sys.stdout.write(f"{printable(line)}\n")
    sys.stdout.flush()


def _leave_to_another() -> NoReturn:
    _say("another job has the run: ended, and nothing more is written")
    os._exit(DONE)


def newest_step(run: RunDir) -> int:
    """Return the step of a run's newest snapshot; -1 without one."""
    return max(snapshots_in(run.snapshots), default=-1)
