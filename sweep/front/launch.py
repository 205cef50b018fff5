"""One launch of a grid, step by step: check, report, confirm, start."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.settings import Settings, load_settings
from sweep.base.text import paint, plural, rule, wants_colour
from sweep.front.machine import countdown, place_of, this_machine
from sweep.front.plan import DEFAULT_SEED, Call, Plan, PlannedRun, make_plan, plan_notes
from sweep.front.prepare import prepare
from sweep.front.request import Request
from sweep.front.screen import say, show_bytes
from sweep.front.share import demand_of, ranks_per_run, runs_at_once, slots_here, timeout_of
from sweep.front.summary import Sweep
from sweep.front.thunks import Thunks
from sweep.grid.advice import advice
from sweep.grid.definition import Definition
from sweep.grid.expansion import named_variants
from sweep.grid.report import report
from sweep.grid.survey import Survey, check_named, survey
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine
from sweep.launch.process import stop_signals
from sweep.launch.progress import Progress
from sweep.launch.scheduler import Limits, Scheduler
from sweep.launch.slots import Slots
from sweep.rundir.naming import Place

_NAMES_SHOWN = 40


class Launch:
    """A grid with a request, looked at but not yet started.

    Raises:
        SweepError: the request or the grid is wrong in itself.
    """

    def __init__(self, definition: Definition, request: Request) -> None:
        self._definition = replace(definition, order=request.order or definition.order)
        self._request = request
        self._settings: Settings = load_settings()
        self._survey: Survey = survey(self._definition)
        self._num_cpu = ranks_per_run(request.num_cpu)
        self._demand = demand_of(self._num_cpu, request.threads, request.gpus, request.memory)
        self._timeout_s = timeout_of(request.timeout)
        self._place: Place = place_of(request.data_dir, request.datestamp, self._settings)
        self._thunks = None if request.thunk is None else Thunks(request.thunk, self._definition)

    @cached_property
    def machine(self) -> Machine:
        return this_machine(self._num_cpu, self._settings, self._demand.threads)

    @cached_property
    def slots(self) -> Slots:
        return slots_here(self._demand)

    @cached_property
    def at_once(self) -> int:
        """How many runs go at once."""
        return runs_at_once(self._request.parallel, self.slots.most(self._demand))

    @cached_property
    def plan(self) -> Plan:
        return make_plan(self._calls(), self._place)

    def check(self) -> None:
        """Refuse what cannot be launched, before anything is printed or written.

        Raises:
            SweepError
        """
        _ = (self.machine, self.at_once)  # looked up here, where they refuse what they must
        thunks = self._thunks or Thunks(None, self._definition)
        check_named(self._survey)
        thunks.check()
        self.plan.check()

    def report(self) -> str:
        """Return the grid's report with the plan and warnings."""
        colour = wants_colour(sys.stdout)
        notes = [*self._ranks(), *self._plan_notes(), *self._remarks()]
        return report(self._definition, self._survey, notes, colour)

    def dry(self) -> Sweep:
        return Sweep(self.plan, self._request.retry_failed, dry=True)

    def confirm(self) -> None:
        """Say which names are about to run, and leave time to object."""
        names = sorted({run.call.name for run in self._to_start()})
        if names:
            say(paint(f"\nPreparing to run {plural(len(names), 'setting')}:\n", "green"))
            say("\n".join(["\n".join(names[:_NAMES_SHOWN]), *_more(names), "", rule()]))
            wait = self._request.wait
            countdown(self._settings.wait_before_launch if wait is None else wait)

    def start(self, echo: bool | None = None) -> Sweep:
        """Run what is to be run and return what became of it.

        Ctrl-C, SIGTERM and SIGHUP end the runs that are going on; they and those not started can be gone on with.

        Args:
            echo: show the ranks' output on the screen; by default for a single run.
        """
        runs, started = self._to_start(), time.monotonic()
        sweep = Sweep(self.plan, self._request.retry_failed)
        show = len(self.plan.runs) == 1 if echo is None else echo
        engine = LocalEngine(self.machine, show=show_bytes if show else None)
        limits = Limits(self.at_once, self._timeout_s, self._settings.failure_lines)
        scheduler = Scheduler(engine, self.slots, self._demand, limits)
        with stop_signals(), Progress(len(runs)) as progress:
            try:
                for outcome in scheduler.run(self._jobs(runs)):
                    sweep.outcomes.append(outcome)
                    progress.finished(outcome)
            except KeyboardInterrupt:
                sweep.stopped = True
        sweep.seconds = time.monotonic() - started
        return sweep

    def _to_start(self) -> list[PlannedRun]:
        return self.plan.to_start(self._request.retry_failed)

    def _jobs(self, runs: Iterable[PlannedRun]) -> Iterator[Job]:
        """Prepare each run when its turn comes, so that a large payload is on disk once, not for every variant."""
        return (prepare(run, self._num_cpu, self._settings.goodbye_timeout) for run in runs)

    def _calls(self) -> Iterator[Call]:
        assert self._thunks is not None
        ignored = self._definition.runtime_only()
        for name, variant in named_variants(self._definition):
            thunk, config = self._thunks.split(variant)
            yield call_of(name, thunk, config, ignored)

    def _ranks(self) -> Iterator[str]:
        try:
            yield f"{plural(self._num_cpu, 'rank')} a run, {plural(self.at_once, 'run')} at once"
        except LaunchError as error:  # a grid for a larger machine may be looked at here
            yield paint(f"warning: {error}", "yellow")

    def _plan_notes(self) -> Iterator[str]:
        if self._survey.nameless:
            return
        if self._thunks is not None:
            yield from plan_notes(self.plan, self._request.retry_failed, self._room())
        elif self._place.data_dir.is_dir():
            yield self._existing_note()

    def _room(self) -> int:
        try:
            return self.at_once
        except LaunchError:
            return 1

    def _existing_note(self) -> str:
        """Count by name what is there, where no thunk is known whose identity could be looked up."""
        first = islice(named_variants(self._definition), 100_000)
        runs = [self._place.run_dir(name, variant.get("seed", DEFAULT_SEED)) for name, variant in first]
        there = sum(run.path.exists() for run in runs)
        return f"in {self._place.data_dir}: {there} of these directories exist, {self._survey.runs - there} are new"

    def _remarks(self) -> Iterator[str]:
        taken = self._thunks.signature() if self._thunks else None
        ignored = self._request.thunk if isinstance(self._request.thunk, str) else None
        for remark in advice(self._definition, taken, ignored):
            yield paint(f"warning: {remark}", "yellow")


def call_of(name: str, thunk: Any, config: dict[str, Any], runtime_only: frozenset[str] = frozenset()) -> Call:
    """Return the call of one variant; one without a seed of its own has the default one."""
    config.setdefault("seed", DEFAULT_SEED)
    return Call(name, thunk, config, int(config["seed"]), runtime_only)


def _more(names: list[str]) -> list[str]:
    rest = len(names) - _NAMES_SHOWN
    return [f"... and {rest:,} more"] if rest > 0 else []
