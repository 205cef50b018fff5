"""What a launch does once all is checked and confirmed: its runs, from the first to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from sweep.base.errors import SweepError
from sweep.front.ownership import wait_until_free
from sweep.front.summary import Sweep
from sweep.front.turns import Turns
from sweep.front.verdict import Call, Look, Verdict
from sweep.launch.engines.base import Engine
from sweep.launch.job import Outcome
from sweep.launch.limits import Limits
from sweep.launch.progress import Progress
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slots
from sweep.launch.stops import Stopped, Stops, stop_signals, stops_held


@dataclass(frozen=True)
class CarryingOut:
    """Starts the runs of a plan in their turn, shows how far they are, and counts what became of them.

    Attributes:
        sweep: has the plan, and is told what becomes of its runs.
        calls: of all variants, in the plan's order.
        demand: of a run with the launch's own number of ranks.
        slots: the shares that runs are given.
        goodbye_s: how long a rank that returns waits for the others, in seconds.
        share: wait for what another launch has, and take what it leaves.
    """

    sweep: Sweep
    calls: Iterable[Call]
    demand: Demand
    slots: Slots
    limits: Limits
    goodbye_s: float
    share: bool = False

    def run(self, new_engine: Callable[[], Engine]) -> None:
        """Run all that is to be run; a signal that stops it is noted in the sweep.

        Args:
            new_engine: makes the engine, which is closed at the end.

        Raises:
            SweepError: nothing more can be started; what ran has ended.
        """
        sweep = self.sweep
        with stop_signals() as stops, Progress(sweep.plan.to_start) as progress:
            with stops_held():
                engine = new_engine()

            def finished(outcome: Outcome) -> None:
                sweep.take(outcome)
                progress.finished(outcome)

            scheduler = Scheduler(engine, self.slots, self._watched(engine), trying_again=progress.trying_again)
            try:
                self._all(scheduler, finished, stops)
            except Stopped as stop:
                sweep.stopped, sweep.signal = True, stop.number if stop.now else 0
            except KeyboardInterrupt:
                sweep.stopped = True
            finally:
                with stops_held():  # all has ended: a signal has nothing left to stop
                    engine.close()
            for outcome in scheduler.stopped:
                sweep.take(outcome)
            sweep.halted = scheduler.halted
            if not sweep.stopped:
                self._look_at_slurm_s()

    def _look_at_slurm_s(self) -> None:
        """Look once more at the runs that were left to Slurm: it may have been a long time."""
        sweep, plan = self.sweep, self.sweep.plan
        calls = (call for number, call in enumerate(self.calls) if plan.at(number) is Verdict.QUEUED)
        late = (planned.call for planned in sweep.queued_late)
        look = Look(plan.place, plan.elsewhere)
        for call in chain(calls, late) if sweep.with_slurm else ():
            with suppress(SweepError, OSError):  # it counts as it did before
                sweep.take_left(look.at(call))

    def _watched(self, engine: Engine) -> Limits:
        """Return the limits that are watched from here."""
        return self.limits.without_times() if engine.promises.keeps_time else self.limits

    def _all(self, scheduler: Scheduler, finished: Callable[[Outcome], None], stops: Stops) -> None:
        """Run what is free, and with `share` what other launches have had, until nothing is left."""
        turns = Turns(self.calls, self.sweep, self.demand, self.goodbye_s, finished, stops.check)
        jobs = turns.jobs()
        while True:
            for outcome in scheduler.run(jobs):
                finished(outcome)
            if not (self.share and self.sweep.held_runs) or scheduler.halted:
                return
            wait_until_free(self.sweep.held[0].run.lock, stops.check)
            jobs = turns.again()
