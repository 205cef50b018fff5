"""What a launch does whose runs go on without it: each is made ready in its turn and handed over, and that is all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sweep.base.errors import LaunchError
from sweep.base.text import plural
from sweep.front.summary import Sweep
from sweep.front.turns import Turns
from sweep.front.verdict import Call
from sweep.launch.engines.base import Engine, LeavingEngine
from sweep.launch.slots import Demand, Slot
from sweep.launch.stops import Stopped, Stops, stop_signals, stops_held


@dataclass(frozen=True)
class Submitting:
    """Hands over the runs of a plan; see `CarryingOut` for what its attributes are."""

    sweep: Sweep
    calls: Iterable[Call]
    demand: Demand
    goodbye_s: float

    def run(self, new_engine: Callable[[], Engine]) -> None:
        """Submit all that is to be run; a signal that stops it is noted in the sweep.

        Raises:
            LaunchError: no more is taken; what has been is in the message.
        """
        sweep = self.sweep
        with stop_signals() as stops:
            engine = cast(LeavingEngine, new_engine())  # its site promises that it is one
            try:
                self._all(engine, stops)
            except Stopped as stop:
                sweep.stopped, sweep.signal = True, stop.number if stop.now else 0
            except LaunchError as error:
                before = sum(count for _, count in engine.submitted)
                if not before:
                    raise
                raise LaunchError(f"{error} {plural(before, 'run')} had been submitted before.") from error
            finally:
                with stops_held():
                    engine.close()
                sweep.submitted = list(engine.submitted)

    def _all(self, engine: LeavingEngine, stops: Stops) -> None:
        turns = Turns(self.calls, self.sweep, self.demand, self.goodbye_s, self.sweep.take, stops.check)
        for job in turns.jobs():
            with stops_held():
                engine.submit(job, Slot(()))
            stops.check()
        with stops_held():
            engine.finish()
