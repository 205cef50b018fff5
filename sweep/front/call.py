"""`call_experiment` and `setup_logger_kwargs`: one run, as the reference calls it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from sweep.base.errors import LaunchError, RunFailed, UsageError
from sweep.base.jsonable import config_text, to_jsonable
from sweep.base.settings import Settings, load_settings
from sweep.base.text import paint, rule
from sweep.front.calls import Told, call_of
from sweep.front.checks import check_arguments, check_names, check_picklable
from sweep.front.counting import make_plan
from sweep.front.extending import extendable_keys
from sweep.front.machine import place_of, this_machine
from sweep.front.provenance import origin_environ
from sweep.front.screen import say, show_bytes
from sweep.front.share import ranks_per_run, slots_here
from sweep.front.summary import Sweep
from sweep.front.turns import Turns
from sweep.front.verdict import Call, Verdict
from sweep.grid.naming import check_run_name
from sweep.grid.nesting import SEPARATOR
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Outcome
from sweep.launch.leftovers import clear_leftovers
from sweep.launch.limits import Limits
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slots
from sweep.launch.stops import stop_signals, stops_held
from sweep.rundir.status import State


def setup_logger_kwargs(
    exp_name: str,
    seed: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    datestamp: bool = False,
) -> dict[str, str]:
    """Return ``{'output_dir', 'exp_name'}`` for a logger; makes nothing on disk.

    ======  =======================  =============================================================
    date    no seed                  seed S
    ======  =======================  =============================================================
    no      data/NAME                data/NAME/NAME_sS
    yes     data/YYYY-MM-DD_NAME     data/YYYY-MM-DD_NAME/YYYY-MM-DD_HH-MM-SS-NAME_sS
    ======  =======================  =============================================================
    """
    place = place_of(data_dir, datestamp, load_settings())
    if seed is not None:
        _check_seed(seed)
    run = place.run_dir(check_run_name(exp_name), seed)
    return {"output_dir": str(run.path), "exp_name": exp_name}


def call_experiment(
    exp_name: str,
    thunk: Callable[..., Any],
    seed: int = 0,
    num_cpu: int | str = 1,
    data_dir: str | os.PathLike[str] | None = None,
    datestamp: bool = False,
    *,
    extendable: str | Sequence[str] = (),
    **kwargs: Any,
) -> Sweep:
    """Run a function once, as an isolated process of `num_cpu` MPI ranks, showing what it prints.

    The function gets `kwargs`, and `seed` and `logger_kwargs` if it takes them. If this very configuration is done
    already, it is not run again.

    Args:
        extendable: keywords that may have another value than when the run was started, such as ``['epochs']``: it then
            goes on from its newest snapshot.

    Raises:
        RunFailed: the run failed; the message has the cause and the log.
        ConfigMismatch: its directory holds another configuration; has the differences.
        SweepError: it could not be started; nothing was written.
    """
    settings = load_settings()
    ranks = ranks_per_run(num_cpu)
    place = place_of(data_dir, datestamp, settings)
    _check_seed(seed)
    told = Told(extendable=frozenset(extendable_keys(extendable)))
    check_arguments(thunk, kwargs)
    check_names(thunk, (key.split(SEPARATOR)[0] for key in told.extendable))
    check_picklable([(f"the function {getattr(thunk, '__qualname__', thunk)!r}", thunk)])
    check_picklable((f"the argument {key!r}", value) for key, value in kwargs.items())
    here, demand = this_machine(ranks, settings), Demand(ranks)
    slots = slots_here(demand)
    calls = [call_of(check_run_name(exp_name), thunk, {**kwargs, "seed": int(seed)}, told)]
    plan = make_plan(calls, place, retry_failed=True)
    plan.check()
    plan.check_extended()
    _announce(exp_name, {**kwargs, "seed": seed})
    sweep = Sweep(plan)
    if queued := plan.of(Verdict.QUEUED):
        raise LaunchError(f"{queued[0].run.path} {queued[0].note}. Wait for it, or stop it with `sweep stop`.")
    if plan.counts[Verdict.DONE]:
        say(f"done before: {plan.of(Verdict.DONE)[0].run.path.absolute()}")
        return sweep
    engine = LocalEngine(here, place.data_dir, origin_environ(place.data_dir, [thunk]), show=show_bytes)
    return _run(calls, sweep, engine, slots, demand, settings)


def _run(
    calls: list[Call], sweep: Sweep, engine: LocalEngine, slots: Slots, demand: Demand, settings: Settings
) -> Sweep:
    for line in clear_leftovers(sweep.data_dir):
        say(line)
    limits = Limits(failure_lines=settings.failure_lines)
    with stop_signals():
        try:
            jobs = Turns(calls, sweep, demand, settings.goodbye_timeout, failed=_finish).jobs()
            for outcome in Scheduler(engine, slots, limits).run(jobs):
                sweep.take(outcome)
                _finish(outcome)
        finally:
            with stops_held():  # all has ended: a signal has nothing left to stop
                engine.close()
    if sweep.queued:
        raise LaunchError(f"{calls[0].title} has been submitted to Slurm meanwhile. Wait for it.")
    if sweep.held:
        raise LaunchError(f"{sweep.held[0].run.path} {sweep.held[0].note}. Wait for it.")
    return sweep


def _check_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise UsageError(f"seed is {seed!r}; a seed is a whole number.")


def _announce(exp_name: str, kwargs: dict[str, Any]) -> None:
    say(paint("Running experiment:\n", "cyan"))
    say(f"{exp_name}\n")
    say(paint("with kwargs:\n", "cyan"))
    say(config_text(to_jsonable(kwargs)) + "\n")
    if "logger_kwargs" in kwargs:
        say("logger_kwargs are the caller's own and are left as they are.\n")


def _finish(outcome: Outcome) -> None:
    if outcome.state is not State.DONE:
        raise RunFailed(f"{outcome.job.name} failed: {outcome.cause}. Its whole output is in {outcome.job.run.output}.")
    say("\n".join([rule(), "End of experiment.", "", f"results: {outcome.job.run.path.absolute()}", rule()]))
