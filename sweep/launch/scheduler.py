"""The scheduler: starts what fits, waits for what runs, until nothing is left. It runs in the driver.

What it knows beyond this launch is in the run directories, so it can die at any moment and be started again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sweep.base.errors import SweepError
from sweep.base.files import last_lines
from sweep.launch.causes import Cause
from sweep.launch.endings import commit, cut_off, failure, let_go, make_pending, own_word
from sweep.launch.engines.base import Ended, Engine
from sweep.launch.job import Job, Outcome
from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.launch.retries import Tries
from sweep.launch.slots import Slot, Slots
from sweep.launch.stops import Stopped, Stops, stops_held
from sweep.launch.waiting import Waiting
from sweep.rundir.status import Kind, State

# Longest wait for an end, after which signals, free memory and time limits are looked at again.
_PATIENCE_S = 0.2


@dataclass
class _Running:
    """A run that is going on.

    Attributes:
        verdict: why it is being ended and has failed.
        interrupted: why it is being ended and may go on another time.
    """

    slot: Slot
    watch: Watch
    verdict: Cause | None = None
    interrupted: str = ""

    @property
    def is_ending(self) -> bool:
        return self.verdict is not None or bool(self.interrupted)


class Scheduler:
    """Runs jobs, each with the share of the machine that it demands.

    Jobs start strictly in their order: one that does not fit yet is waited for, so none is passed over for ever.

    Args:
        clock: monotonic seconds.
        trying_again: is called when a run has failed and gets another try: the failure, and which try comes ('2 of 3').

    Attributes:
        halted: why the launch has ended early after failures; empty if it has not.
        stopped: what became of the runs that were going on when it was stopped by an exception.
    """

    def __init__(
        self,
        engine: Engine,
        slots: Slots,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        trying_again: Callable[[Outcome, str], None] = lambda outcome, which: None,
    ) -> None:
        self._engine, self._slots, self._limits, self._clock = engine, slots, limits, clock
        self._trying_again = trying_again
        self._running: dict[Job, _Running] = {}
        self._tries: defaultdict[Job, Tries] = defaultdict(Tries)
        self._failed, self._abandoned = 0, False
        self.halted = ""
        self.stopped: list[Outcome] = []

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Run jobs and yield what became of each when that is final; a failure does not stop the rest.

        The next job is taken from `jobs`, which may prepare it then, while those before it run. If the caller is
        stopped, every run that is going on is ended and marked interrupted; one that was not started stays pending.

        Raises:
            Stopped: a signal came (see `stop_signals`); all runs have ended. With `now`, a second one came meanwhile.
            LaunchError: a job demands more than there is.
        """
        waiting = Waiting(jobs)
        with stops_held() as stops:
            try:
                yield from self._outcomes(waiting, stops)
            except BaseException as error:
                self._abandon(waiting, stops.cause or _cause_of(error))
                forced = self._end_all(stops)
                if forced and isinstance(error, KeyboardInterrupt):
                    raise Stopped(stops.last, now=True) from None
                raise
        stops.check()

    def _outcomes(self, waiting: Waiting, stops: Stops) -> Iterator[Outcome]:
        while True:
            stops.check()
            if self.halted:
                _let_all_go(waiting)
            else:
                self._start(waiting)
            if not self._running and not waiting:
                return
            self._cancel_late()
            outcomes = self._ended(self._engine.poll(self._patience(waiting)), waiting)
            self._halt(outcomes)
            yield from outcomes

    def _start(self, waiting: Waiting) -> None:
        """Start jobs while there is room, and leave the next one prepared."""
        while job := waiting.first(self._clock()):
            if len(self._running) >= self._limits.at_once:
                return
            slot = self._slots.take(job.demand)
            if slot is None:
                if not self._running:
                    self._slots.check(job.demand)
                return
            self._submit(job, slot)
            waiting.take(job)

    def _submit(self, job: Job, slot: Slot) -> None:
        try:
            self._engine.submit(job, slot)
        except BaseException as error:
            self._slots.give_back(slot)
            cut_off(job, _cause_of(error))
            raise
        self._running[job] = _Running(slot, Watch(job.run, self._limits, self._clock()))

    def _patience(self, waiting: Waiting) -> float:
        """Return how long to wait for an end before something else is due."""
        now = self._clock()
        times = [one.watch.due for one in self._running.values() if not one.is_ending]
        if waiting.due > now:  # else it waits for room
            times.append(waiting.due)
        return max(0.0, min([_PATIENCE_S, *(time - now for time in times)]))

    def _cancel_late(self) -> None:
        now = self._clock()
        late: list[Job] = []
        for job, one in self._running.items():
            if not one.is_ending and (verdict := one.watch.late(now)):
                one.verdict = verdict
                late.append(job)
        if late:
            self._engine.cancel(late)

    # -- ends

    def _ended(self, ends: Iterable[Ended], waiting: Waiting) -> list[Outcome]:
        """Return the outcomes that are final; the other runs wait for another try."""
        return [outcome for ended in ends if not self._again(outcome := self._outcome(ended), waiting)]

    def _outcome(self, ended: Ended) -> Outcome:
        """Give the slot back, and read from the directory what became of the run."""
        job, one = ended.job, self._running.pop(ended.job)
        self._slots.give_back(one.slot)
        seconds = self._clock() - one.watch.started
        status = own_word(job)
        if status is not None and status.state is State.DONE:
            with suppress(OSError):  # what is done is done
                job.run.payload.unlink(missing_ok=True)
            return Outcome(job, State.DONE, duration_s=seconds)
        if one.interrupted:
            commit(job, State.INTERRUPTED, one.interrupted)
            return Outcome(job, State.INTERRUPTED, one.interrupted, duration_s=seconds)
        if status is not None and one.verdict is None:  # a signal has reached it from elsewhere
            return Outcome(job, State.INTERRUPTED, status.cause, duration_s=seconds)
        cause = failure(ended, one.verdict)
        # A run that went down with what ran it is not at fault: it may go on like one that was stopped.
        state = State.INTERRUPTED if cause.kind is Kind.LOST else State.FAILED
        commit(job, state, cause.text, cause.kind)
        lines = tuple(last_lines(job.run.output, self._limits.failure_lines))
        return Outcome(job, state, cause.text, cause.kind, seconds, lines)

    def _again(self, outcome: Outcome, waiting: Waiting) -> bool:
        """Let a failed run wait for another try if it has one left; one that has ended for good is let go."""
        job = outcome.job
        if outcome.kind is not None and not self.halted and not self._abandoned:
            which = self._tries[job].failed(outcome.kind, self._limits.retries)
            if which and make_pending(job):
                waiting.again(job, self._clock() + self._tries[job].pause_s)
                self._trying_again(outcome, which)
                return True
        self._tries.pop(job, None)
        let_go(job)
        return False

    def _halt(self, outcomes: Iterable[Outcome]) -> None:
        """Count failures, and end early if there are enough."""
        self._failed += sum(outcome.state is State.FAILED for outcome in outcomes)
        if self.halted:
            return
        self.halted = self._limits.halt.why(self._failed, self._limits.total)
        if self.halted and self._limits.halt.when == "now":
            self._interrupt(self.halted)

    # -- stops

    def _interrupt(self, cause: str) -> None:
        """Begin to end what runs; what is being ended for another reason already keeps that."""
        for one in self._running.values():
            if one.verdict is None:
                one.interrupted = cause
        self._engine.cancel(list(self._running))

    def _abandon(self, waiting: Waiting, cause: str) -> None:
        self._abandoned = True
        _let_all_go(waiting)
        try:
            self._interrupt(cause)
        except (SweepError, OSError):  # the engine is gone; `_end_all` marks what it leaves behind
            return

    def _end_all(self, stops: Stops) -> bool:
        """Wait until all runs have ended, which takes the engine's grace at most; say whether a signal hurried it."""
        hurried = False
        try:
            while self._running:
                if not hurried and stops.again:
                    hurried = True
                    self._engine.cancel(list(self._running), now=True)
                self.stopped += self._ended(self._engine.poll(_PATIENCE_S), Waiting(()))
        except KeyboardInterrupt:
            self._engine.cancel(list(self._running), now=True)
            raise
        except (SweepError, OSError):  # of the error that came first is told
            return hurried
        finally:
            self._mark_the_rest()
        return hurried

    def _mark_the_rest(self) -> None:
        for job, one in self._running.items():
            commit(job, State.INTERRUPTED, one.interrupted or "stopped")
            self._slots.give_back(one.slot)
            let_go(job)
        self._running.clear()


def _let_all_go(waiting: Waiting) -> None:
    for job in waiting.drain():
        let_go(job)


def _cause_of(error: BaseException) -> str:
    return f"stopped by {str(error) or 'Ctrl-C'}" if isinstance(error, KeyboardInterrupt) else "stopped"
