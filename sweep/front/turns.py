"""The runs of a launch, each decided upon again, claimed and made ready when its turn comes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sweep.base.errors import SweepError
from sweep.front.plan import Plan
from sweep.front.prepare import Claim, claim, one_line, prepare
from sweep.front.summary import Sweep
from sweep.front.verdict import Call, Look, PlannedRun, Verdict
from sweep.launch.job import Job, Outcome
from sweep.launch.slots import Demand
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State


class Turns:
    """Yields the jobs of a launch, one by one, so that neither memory nor disk holds more than what is due.

    The plan is kept true: what another launch has finished or taken meanwhile is passed over. A run that cannot be
    prepared has failed; the others go on.

    Args:
        calls: of all variants, in the plan's order; gone through again where another launch had some.
        sweep: counts what is not started.
        demand: of a run with the launch's own number of ranks.
        failed: is told of a run that could not be prepared.
        check: is called at every variant; what it raises ends the launch.
    """

    def __init__(
        self,
        calls: Iterable[Call],
        sweep: Sweep,
        demand: Demand,
        goodbye_s: float,
        failed: Callable[[Outcome], None],
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._calls, self._sweep, self._demand, self._goodbye_s = calls, sweep, demand, goodbye_s
        self._failed, self._check = failed, check
        self._plan: Plan = sweep.plan
        self._look = Look(self._plan.place, self._plan.elsewhere, self._plan.fresh)
        self._held = array("Q")

    def jobs(self) -> Iterator[Job]:
        """Yield what is to be run; at the end look once more at what another launch had."""
        yield from self._walk(self._numbered(), self._held.append)
        again, self._held = self._held, array("Q")
        if again:
            yield from self._walk(self._numbered(again), self._held.append, last=True)

    def again(self) -> Iterator[Job]:
        """Yield what another launch still had at the end and has no more."""
        held, self._held = self._held, array("Q")
        self._sweep.forget_held()
        yield from self._walk(self._numbered(held), self._held.append, last=True)

    def _numbered(self, only: Sequence[int] | None = None) -> Iterator[tuple[int, Call]]:
        """Yield the variants that the plan starts, or may start, with their place in the order."""
        wanted = None if only is None else set(only)
        for number, call in enumerate(self._calls):
            self._check()
            verdict = self._plan.at(number)
            if (self._plan.starts(verdict) or verdict is Verdict.RUNNING) and (wanted is None or number in wanted):
                yield number, call

    def _walk(
        self, numbered: Iterator[tuple[int, Call]], later: Callable[[int], None], last: bool = False
    ) -> Iterator[Job]:
        for number, call in numbered:
            found = self._claimed(call)
            if found is None:
                continue
            planned = found.planned
            if found.lock is not None:
                yield from self._prepared(found)
            else:
                if planned.verdict is Verdict.RUNNING:
                    later(number)
                if last or planned.verdict is not Verdict.RUNNING:
                    self._passed_over(planned)  # what is with Slurm is not waited for: that may take days

    def _claimed(self, call: Call) -> Claim | None:
        """Return a variant's claim, or None if there is none as the run cannot be looked at or written."""
        try:
            return claim(call, self._look, self._plan.starts)
        except (SweepError, OSError) as error:
            self._fail(call, self._plan.place.run_dir(call.name, call.seed), one_line(error))
            return None

    def _prepared(self, found: Claim) -> Iterator[Job]:
        planned = found.planned
        try:
            job = prepare(planned, self._demand_of(planned.call), self._goodbye_s, found.lock)
        except SweepError as error:
            self._fail(planned.call, planned.run, one_line(error))
            return
        yield job

    def _demand_of(self, call: Call) -> Demand:
        return self._demand if call.ranks is None else replace(self._demand, ranks=call.ranks)

    def _passed_over(self, planned: PlannedRun) -> None:
        if planned.verdict in (Verdict.RUNNING, Verdict.QUEUED):
            self._sweep.take_held(planned)
        elif planned.verdict in (Verdict.CONFLICT, Verdict.FAILED, Verdict.STUCK):
            why = "in another launch:" if planned.verdict is Verdict.FAILED else "its directory"
            self._fail(planned.call, planned.run, f"{why} {planned.note}")
        else:
            self._sweep.meanwhile += 1

    def _fail(self, call: Call, run: RunDir, cause: str) -> None:
        self._failed(Outcome(Job(run, call.title, self._demand_of(call)), State.FAILED, cause, Kind.ERROR))
