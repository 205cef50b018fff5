"""One launch of a grid, step by step: check, report, confirm, start."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice

from sweep.base.errors import LaunchError, UsageError
from sweep.base.settings import Settings, load_settings
from sweep.base.text import paint, plural, rule, wants_colour
from sweep.front.calls import Calls, named_part, ranks_of
from sweep.front.counting import make_plan
from sweep.front.extending import check_extendable, extendable_keys
from sweep.front.inline import INLINE, InlineEngine, check_inline
from sweep.front.machine import countdown, place_of, this_machine
from sweep.front.ownership import check_free, check_together, clear_up, sweep_owned, wait_until_free
from sweep.front.part import Part, part_of
from sweep.front.plan import Plan, plan_notes
from sweep.front.provenance import origin_environ
from sweep.front.request import Request
from sweep.front.screen import say, show_bytes
from sweep.front.share import demand_of, limits_of, ranks_per_run, runs_at_once, runs_on, slots_here
from sweep.front.summary import Sweep
from sweep.front.thunks import Thunks
from sweep.front.turns import Turns
from sweep.front.verdict import DEFAULT_SEED, Verdict, check_length
from sweep.grid.advice import advice
from sweep.grid.definition import Definition
from sweep.grid.parameter import SEED
from sweep.grid.report import report
from sweep.grid.survey import Survey, check_named, survey
from sweep.launch.engines.base import Engine
from sweep.launch.engines.executor import Boundless, ExecutorEngine, make_ready
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Machine, Outcome
from sweep.launch.limits import Limits
from sweep.launch.progress import Progress
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slots
from sweep.launch.stops import Stopped, stop_signals, stops_held
from sweep.rundir.find import read_listing
from sweep.rundir.naming import Place
from sweep.rundir.parent import Beginning

_NAMES_SHOWN = 40
# So many variants are looked at for the names to show: enough where seeds or finished runs come in between.
_NAMES_SOUGHT = 10_000


class Launch:
    """A grid with a request, looked at but not yet started.

    Args:
        begins: what every run begins from, if they are forks.

    Raises:
        SweepError: the request or the grid is wrong in itself.
    """

    def __init__(self, definition: Definition, request: Request, begins: Beginning | None = None) -> None:
        extendable = frozenset(extendable_keys(request.extendable))
        check_extendable(extendable, definition)
        self._definition = replace(definition, order=request.order or definition.order, extendable=extendable)
        self._request, self._begins = request, begins
        self._settings: Settings = load_settings()
        self._survey: Survey = survey(self._definition)
        self._part: Part | None = part_of(request.shard, request.index, self._survey.runs)
        self._place: Place = place_of(request.data_dir, request.datestamp, self._settings)
        self._thunks = None if request.thunk is None else Thunks(request.thunk, self._definition)
        self._demand = demand_of(ranks_per_run(request.num_cpu), request.threads, request.gpus, request.memory)

    @cached_property
    def ranks(self) -> list[int]:
        """The numbers of ranks that runs have, smallest first."""
        if self._thunks is None or not self._thunks.sweeps_ranks:
            return [self._demand.ranks]
        if self._demand.ranks != 1:
            raise UsageError(
                f"num_cpu is {self._request.num_cpu!r} for every run, and a parameter of the grid too; leave one out."
            )
        return ranks_of(self._definition, self._places)

    @cached_property
    def machine(self) -> Machine:
        request = self._request
        return this_machine(self.ranks[-1], self._settings, self._demand.threads, request.start, request.pin)

    @cached_property
    def slots(self) -> Slots:
        return slots_here(self._of(self.ranks[-1])) if self._request.engine is None else Boundless()

    @cached_property
    def at_once(self) -> int:
        """How many runs go at once, at most."""
        if self._request.engine is not None:
            return runs_on(self._request.engine, self._request.parallel)
        return runs_at_once(self._request.parallel, self.slots.most(self._of(self.ranks[0])))

    def _of(self, ranks: int) -> Demand:
        return replace(self._demand, ranks=ranks)

    @property
    def _places(self) -> range | None:
        return None if self._part is None else self._part.places

    @property
    def _runs(self) -> int:
        """The number of variants that the launch is about."""
        return self._survey.runs if self._part is None else len(self._part.places)

    @cached_property
    def calls(self) -> Calls:
        assert self._thunks is not None
        return Calls(self._definition, self._thunks, self._begins, self._places)

    @cached_property
    def plan(self) -> Plan:
        request = self._request
        return make_plan(self.calls, self._place, request.retry_failed, request.fresh, self._runs)

    def run(self) -> Sweep:
        """Check, report, confirm, start, and sum up.

        Raises:
            SweepError: something is wrong with the whole launch; nothing was written.
        """
        self.check()
        say(self.report())
        if self._request.dry_run:
            return self.dry()
        make_ready(self._request.engine)
        sweep = self._sweep()
        with stop_signals():  # from the first word of it on: nothing of a launch dies of them
            try:
                self.confirm()
                sweep = self.start()
            except Stopped as stop:
                sweep.stopped, sweep.signal = True, stop.number if stop.now else 0
            with stops_held():
                say(sweep.summary())
        return sweep

    def check(self) -> None:
        """Refuse what cannot be launched, before anything is printed or written.

        Raises:
            SweepError
        """
        request = self._request
        _ = (self.machine, self.at_once)  # looked up here, where they refuse what they must
        thunks = self._thunks or Thunks(None, self._definition)
        check_named(self._survey)
        self._check_names()
        thunks.check()
        check_together(request, self._place)
        if request.start == INLINE:
            check_inline(self.plan.to_start, self.ranks[-1])
        if not (request.dry_run or request.share):
            check_free(self._place, self._definition.name, self._part)
        self.plan.check(request.share or request.dry_run)

    def _check_names(self) -> None:
        """Refuse names that no file system takes: those of variants are short, but a seed may be anything."""
        seeds = [value for one in self._definition.parameters() if one.key == SEED for value in one.values]
        run = self._place.run_dir(self._survey.longest, max(seeds, key=lambda seed: len(str(seed)), default=0))
        check_length(run.path)

    def report(self) -> str:
        """Return the grid's report with the plan and warnings."""
        colour = wants_colour(sys.stdout)
        notes = [*self._ranks(), *self._plan_notes(), *self._remarks()]
        return report(self._definition, self._survey, notes, colour)

    def _sweep(self, dry: bool = False) -> Sweep:
        return Sweep(self.plan, dry=dry, part="" if self._part is None else self._part.note)

    def dry(self) -> Sweep:
        return self._sweep(dry=True)

    def confirm(self) -> None:
        """Say what is about to run, and leave time to object."""
        if not self.plan.to_start:
            return
        names = list(islice(dict.fromkeys(self._names()), _NAMES_SHOWN + 1))
        more = ["..."] if len(names) > _NAMES_SHOWN else []
        say(paint(f"\nPreparing to run {plural(self.plan.to_start, 'run')}:\n", "green"))
        say("\n".join([*names[:_NAMES_SHOWN], *more, "", rule()]))
        wait = self._request.wait
        countdown(self._settings.wait_before_launch if wait is None else wait)

    def _names(self) -> Iterator[str]:
        plan = self.plan
        numbered = enumerate(self.calls)
        wanted = (call.name for number, call in numbered if plan.starts(plan.at(number)))
        return islice(wanted, _NAMES_SOUGHT)

    def start(self, echo: bool | None = None) -> Sweep:
        """Run what is to be run and return what became of it.

        Ctrl-C, SIGTERM and SIGHUP end the runs that are going on; they and those not started can be gone on with.

        Args:
            echo: show the ranks' output on the screen; by default for a single run.

        Raises:
            LaunchError: another launch has the sweep, or the data directory cannot be written.
        """
        sweep, started = self._sweep(), time.monotonic()
        if self.plan.to_start or self.plan.counts[Verdict.RUNNING]:
            show = self.plan.runs == 1 if echo is None else echo
            with sweep_owned(self._place, self._definition.name, self._request.share, self._part):
                self._run(sweep, show_bytes if show else None)
        elif self._place.data_dir.is_dir():
            clear_up(self._place)
        sweep.seconds = time.monotonic() - started
        return sweep

    def _run(self, sweep: Sweep, show: Callable[[bytes], None] | None) -> None:
        limits = limits_of(self._request, self._settings, self.at_once, self.plan.to_start)
        with stop_signals() as stops, Progress(self.plan.to_start) as progress:
            with stops_held():
                engine = self._engine(show, limits)

            def finished(outcome: Outcome) -> None:
                sweep.take(outcome)
                progress.finished(outcome)

            ours = limits if self._request.engine is None else limits.without_times()
            scheduler = Scheduler(engine, self.slots, ours, trying_again=progress.trying_again)
            turns = Turns(self.calls, sweep, self._demand, self._settings.goodbye_timeout, finished, stops.check)
            jobs = turns.jobs()
            try:
                while True:
                    for outcome in scheduler.run(jobs):
                        finished(outcome)
                    if not (self._request.share and sweep.held_runs) or scheduler.halted:
                        break
                    wait_until_free(sweep.held[0].run.lock, stops.check)
                    jobs = turns.again()
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

    def _engine(self, show: Callable[[bytes], None] | None, limits: Limits) -> Engine:
        environ = origin_environ(self._place.data_dir, self._thunks.functions() if self._thunks else ())
        if self._request.start == INLINE:
            return InlineEngine(environ)
        if self._request.engine is not None:
            return ExecutorEngine(self._request.engine, self.machine, self._place.data_dir, environ, limits)
        return LocalEngine(self.machine, self._place.data_dir, environ, show=show)

    def _ranks(self) -> Iterator[str]:
        try:
            *first, last = map(str, self.ranks)
            ranks = f"{', '.join(first)} or {last} ranks" if first else plural(self.ranks[0], "rank")
            engine = self._request.engine
            where = "" if engine is None else f" on {type(engine).__name__}"
            yield f"{ranks} a run, {'up to ' if first or where else ''}{plural(self.at_once, 'run')} at once{where}"
        except LaunchError as error:  # a grid for a larger machine may be looked at here
            yield paint(f"warning: {error}", "yellow")

    def _plan_notes(self) -> Iterator[str]:
        if self._survey.nameless:
            return
        if self._part is not None:
            yield self._part.note
        if self._thunks is not None:
            yield from plan_notes(self.plan, self._room())
        elif self._place.data_dir.is_dir():
            yield self._existing_note()

    def _room(self) -> int:
        try:
            return self.at_once
        except LaunchError:
            return 1

    def _existing_note(self) -> str:
        """Count by name what is there, where no thunk is known whose identity could be looked up."""
        listing, place = read_listing(self._place.data_dir), self._place
        named = named_part(self._definition, self._places) if listing.names else iter(())
        there = sum(place.relative(name, variant.get(SEED, DEFAULT_SEED)) in listing.names for name, variant in named)
        return f"in {place.data_dir}: {there} of these directories exist, {self._runs - there} are new"

    def _remarks(self) -> Iterator[str]:
        taken = self._thunks.signature() if self._thunks else None
        ignored = self._request.thunk if isinstance(self._request.thunk, str) else None
        for remark in advice(self._definition, taken, ignored):
            yield paint(f"warning: {remark}", "yellow")
