"""One launch of a grid, step by step: check, report, confirm, start."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice

from sweep.base.errors import LaunchError, UsageError
from sweep.base.settings import Settings, load_settings
from sweep.base.text import paint, plural, rule, wants_colour
from sweep.front.calls import Calls, ranks_of
from sweep.front.carrying_out import CarryingOut
from sweep.front.counting import make_plan
from sweep.front.extending import check_extendable, extendable_keys
from sweep.front.machine import countdown, place_of
from sweep.front.notes import existing_note, remarks, room_note
from sweep.front.ownership import check_free, check_together, clear_up, sweep_owned
from sweep.front.part import Part, part_of
from sweep.front.plan import Plan, plan_notes
from sweep.front.provenance import origin_environ
from sweep.front.request import Request
from sweep.front.screen import say, show_bytes
from sweep.front.share import demand_of, limits_of, ranks_per_run
from sweep.front.sites.base import Show, Site, Work
from sweep.front.sites.choose import site_of
from sweep.front.submitting import Submitting
from sweep.front.summary import Sweep
from sweep.front.thunks import Thunks
from sweep.front.verdict import Verdict, check_length
from sweep.grid.definition import Definition
from sweep.grid.parameter import SEED
from sweep.grid.report import report
from sweep.grid.survey import Survey, check_named, survey
from sweep.launch.engines.base import Engine
from sweep.launch.slots import Demand
from sweep.launch.stops import Stopped, stop_signals, stops_held
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
    def site(self) -> Site:
        """Where the runs execute."""
        home, name = self._place.data_dir, self._definition.name
        return site_of(Work(self._request, self._settings, home, self.ranks, self._demand, name))

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
            for script in self.site.scripts(self._demands):
                say(script)
            return self.dry()
        if self._has_work:
            self.site.make_ready()
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
        self.site.check()
        thunks = self._thunks or Thunks(None, self._definition)
        check_named(self._survey)
        self._check_names()
        thunks.check()
        check_together(request, self._place)
        self.site.check_count(self.plan.to_start)
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
        remarked = remarks(self._definition, self._thunks, self._request.thunk)
        notes = [*self._room_notes(), *self._plan_notes(), *remarked]
        return report(self._definition, self._survey, notes, colour)

    def _sweep(self, dry: bool = False) -> Sweep:
        part = "" if self._part is None else self._part.note
        return Sweep(self.plan, dry=dry, part=part, leaves=not self.site.promises.stays)

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
        if self._has_work:
            show = self.plan.runs == 1 if echo is None else echo
            with sweep_owned(self._place, self._definition.name, self._request.share, self._part):
                self._carry_out(sweep, show_bytes if show else None)
        elif self._place.data_dir.is_dir():
            clear_up(self._place)
        sweep.seconds = time.monotonic() - started
        return sweep

    @property
    def _has_work(self) -> bool:
        """Whether there is anything to start, or may be once another launch has ended."""
        return bool(self.plan.to_start or self.plan.counts[Verdict.RUNNING])

    def _carry_out(self, sweep: Sweep, show: Show | None) -> None:
        request, settings, site = self._request, self._settings, self.site
        limits = site.allowed(limits_of(request, settings, site.at_once, self.plan.to_start))
        thunks = self._thunks.functions() if self._thunks else ()

        def engine() -> Engine:
            return site.engine(show, limits, origin_environ(self._place.data_dir, thunks))

        goodbye_s = settings.goodbye_timeout
        if site.promises.stays:
            work = CarryingOut(sweep, self.calls, self._demand, site.slots, limits, goodbye_s, request.share)
            work.run(engine)
        else:
            Submitting(sweep, self.calls, self._demand, goodbye_s).run(engine)

    def _room_notes(self) -> Iterator[str]:
        try:
            yield room_note(self.ranks, self.site)
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
            yield existing_note(self._definition, self._place, self._runs, self._places)

    def _room(self) -> int:
        try:
            return self.site.at_once
        except LaunchError:
            return 1

    def _demands(self) -> Counter[Demand]:
        """Count the runs that are to be started by what they need."""
        numbered, plan = enumerate(self.calls), self.plan
        calls = (call for number, call in numbered if plan.starts(plan.at(number)))
        return Counter(replace(self._demand, ranks=call.ranks or self._demand.ranks) for call in calls)
