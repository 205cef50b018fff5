"""`relaunch`: a new run from what is recorded of another one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.errors import LaunchError, UsageError
from sweep.base.text import paint
from sweep.front.extending import extendable_keys
from sweep.front.launch import Launch
from sweep.front.recorded import Recorded, read_recorded
from sweep.front.request import Request
from sweep.front.screen import say
from sweep.front.source import recorded_source
from sweep.front.summary import Sweep
from sweep.front.variation import grid_of
from sweep.front.verdict import Verdict
from sweep.grid.parameter import SEED
from sweep.rundir.parent import Beginning, brought


def relaunch(
    run: str | os.PathLike[str],
    changes: Mapping[str, Any] | None = None,
    *,
    seed: int | None = None,
    thunk: Callable[..., Any] | str | None = None,
    exp_name: str | None = None,
    exact: bool = False,
    **options: Any,
) -> Sweep:
    """Run again what is recorded in a run's directory, as it was or with changes.

        sweep.relaunch("data/ppo/ppo_s0", data_dir="again")
        sweep.relaunch("data/ppo/ppo_s0", {"lr": [1e-3, 3e-4]}, seed=7)

    What is not changed is what was recorded, values and types alike; ranks, threads, GPUs and memory too. It goes into
    the same data directory, unless `data_dir` names another; changed keys stand in the name. If that very run is there
    it is done already, gone on with, or tried again.

    Args:
        run: its directory, or a `config.json` alone, of sweep or of Spinning Up; that needs `thunk`, and is exact only
            in part, and what is not is said.
        changes: key (with colons) to value, or a list of values.
        seed: another one.
        thunk: the function, or its ``module:name``, instead of the recorded one.
        exp_name: begins the names, instead of the recorded name.
        exact: run the source that the run was started with, instead of what is there now; on this machine alone.
        options: as those of `ExperimentGrid.run`.

    Raises:
        LaunchError: values are recorded that cannot be made again; names each.
        SweepError: something else is wrong; nothing was written.
    """
    given = {**(changes or {}), **({} if seed is None else {SEED: seed})}
    if exact:
        _check_stays_here(options)
    with recorded_source(run, exact) as source:
        recorded = read_recorded(run, thunk, source)
        return launched(recorded, given, exp_name or recorded.name, options, _beginning(recorded))


def _check_stays_here(options: Mapping[str, Any]) -> None:
    """Refuse what would run the recorded source where it is not, or when it is gone.

    Raises:
        UsageError
    """
    engine = options.get("engine")
    if options.get("hosts") is not None or (isinstance(engine, str) and engine != "local"):
        raise UsageError(
            "exact=True (--exact) unpacks the recorded source on this machine, for as long as the launch lasts; leave "
            "engine and hosts out."
        )


def launched(
    recorded: Recorded, given: Mapping[str, Any], name: str, options: Mapping[str, Any], begins: Beginning | None
) -> Sweep:
    """Launch what is recorded, with changes.

    Args:
        begins: what the runs begin from, if they are forks.

    Raises:
        SweepError
    """
    recorded.check(given)
    request = request_for(recorded, given, options)
    for remark in recorded.remarks:
        say(paint(f"note: {remark}", "yellow"))
    grid = grid_of(recorded, name, given, extendable_keys(request.extendable))
    sweep = Launch(grid.definition, request, begins).run()
    for planned in sweep.plan.of(Verdict.DONE):
        if planned.note:
            say(paint(f"note: {planned.run.path} {planned.note}", "yellow"))
    if sweep.plan.runs == 1:
        sweep.plan.check_extended()
    return sweep


def _beginning(recorded: Recorded) -> Beginning | None:
    """Return what a fork began from: another run of it begins there too."""
    parent = None if recorded.record is None else recorded.record.story.parent
    if parent is None or recorded.run is None or recorded.record is None:
        return None
    snapshot = brought(recorded.run)
    if snapshot is None:
        raise LaunchError(f"{recorded.run.parent} is gone, which the fork began from; fork {parent.path} again.")
    return Beginning(parent, snapshot, recorded.record.config)


def request_for(recorded: Recorded, given: Mapping[str, Any], options: Mapping[str, Any]) -> Request:
    """Return what is asked of the launch: the options, over what the run was started with.

    A parameter that was extendable stays it, unless it is one of the changes: then that is what makes the run another.
    """
    extendable = [key for key in recorded.extendable if key not in given and key in recorded.config]
    usual = {"wait": 0, "retry_failed": True, "data_dir": recorded.data_dir, "extendable": extendable}
    asked = {key: value for key, value in options.items() if value is not None}
    return Request(**{"thunk": recorded.thunk, **usual, **recorded.needs(), **asked})
