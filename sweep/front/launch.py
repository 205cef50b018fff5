"""One launch of a grid, step by step: check, report, confirm, start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from sweep.base.settings import Settings, load_settings
from sweep.base.text import paint, plural, rule, wants_colour
from sweep.front.machine import countdown, place_of, ranks_per_run, this_machine
from sweep.front.plan import DEFAULT_SEED, Call, Plan, PlannedRun, make_plan, plan_notes
from sweep.front.prepare import prepare
from sweep.front.summary import Sweep
from sweep.front.thunks import Thunk, Thunks
from sweep.grid.advice import advice
from sweep.grid.definition import Definition, check_order
from sweep.grid.expansion import named_variants
from sweep.grid.report import report
from sweep.grid.survey import Survey, check_named, survey
from sweep.launch.job import Job, Machine
from sweep.launch.local import run_jobs
from sweep.launch.process import stop_signals
from sweep.launch.progress import Progress
from sweep.rundir.naming import Place

_NAMES_SHOWN = 40


@dataclass(frozen=True)
class Request:
    """What a person asks of a launch; see `ExperimentGrid.run` for each."""

    thunk: Thunk | None
    num_cpu: int | str = 1
    data_dir: str | os.PathLike[str] | None = None
    datestamp: bool = False
    retry_failed: bool = False
    order: str | None = None
    wait: float | None = None


# What the `run:` block of a YAML file may say.
RUN_KEYS = ("num_cpu", "data_dir", "datestamp", "retry_failed")


class Launch:
    """A grid with a request, looked at but not yet started.

    Raises:
        SweepError: the request or the grid is wrong in itself.
    """

    def __init__(self, definition: Definition, request: Request) -> None:
        order = check_order(request.order) if request.order else definition.order
        self._definition = replace(definition, order=order)
        self._request = request
        self._settings: Settings = load_settings()
        self._survey: Survey = survey(self._definition)
        self._num_cpu = ranks_per_run(request.num_cpu)
        self._place: Place = place_of(request.data_dir, request.datestamp, self._settings)
        self._thunks = None if request.thunk is None else Thunks(request.thunk, self._definition)

    @cached_property
    def machine(self) -> Machine:
        return this_machine(self._num_cpu, self._settings)

    @cached_property
    def plan(self) -> Plan:
        return make_plan(self._calls(), self._place)

    def check(self) -> None:
        """Refuse what cannot be launched, before anything is printed or written.

        Raises:
            SweepError
        """
        assert self.machine  # it is looked up here, and refuses what it must
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
            print(paint(f"\nPreparing to run {plural(len(names), 'setting')}:\n", "green"))
            print("\n".join(["\n".join(names[:_NAMES_SHOWN]), *_more(names), "", rule()]))
            wait = self._request.wait
            countdown(self._settings.wait_before_launch if wait is None else wait)

    def start(self, echo: bool | None = None) -> Sweep:
        """Run what is to be run, one after another, and return what became of it.

        Ctrl-C, SIGTERM and SIGHUP end the run that is going on; it and those not started can be gone on with.

        Args:
            echo: show the ranks' output on the screen; by default for a single run.
        """
        runs = self._to_start()
        sweep = Sweep(self.plan, self._request.retry_failed)
        show = len(self.plan.runs) == 1 if echo is None else echo
        with stop_signals(), Progress(len(runs)) as progress:
            try:
                for outcome in run_jobs(self._jobs(runs), self.machine, show, self._settings.failure_lines):
                    sweep.outcomes.append(outcome)
                    progress.finished(outcome)
            except KeyboardInterrupt:
                sweep.stopped = True
        return sweep

    def _to_start(self) -> list[PlannedRun]:
        return self.plan.to_start(self._request.retry_failed)

    def _jobs(self, runs: Iterable[PlannedRun]) -> Iterator[Job]:
        """Prepare each run when its turn comes, so that a large payload is on disk once, not for every variant."""
        return (prepare(run, self._num_cpu) for run in runs)

    def _calls(self) -> Iterator[Call]:
        assert self._thunks is not None
        ignored = self._definition.runtime_only()
        for name, variant in named_variants(self._definition):
            thunk, config = self._thunks.split(variant)
            yield call_of(name, thunk, config, ignored)

    def _ranks(self) -> Iterator[str]:
        yield f"{plural(self._num_cpu, 'rank')} a run, 1 run at once"

    def _plan_notes(self) -> Iterator[str]:
        if self._survey.nameless:
            return
        if self._thunks is not None:
            yield from plan_notes(self.plan, self._request.retry_failed)
        elif self._place.data_dir.is_dir():
            yield self._existing_note()

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
