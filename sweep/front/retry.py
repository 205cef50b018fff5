"""Failed runs tried again from their own directories: what they call is still there."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.settings import Settings, load_settings
from sweep.base.text import duration, paint, plural, printable
from sweep.front.held import data_dir_of, runs_under
from sweep.front.machine import this_machine
from sweep.front.provenance import environ_again
from sweep.front.request import Request
from sweep.front.resubmit import Resubmitting
from sweep.front.screen import say
from sweep.front.share import demand_of, limits_of, runs_at_once, slots_here
from sweep.front.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD, EXIT_STOPPED
from sweep.launch.endings import make_pending
from sweep.launch.engines.base import Engine
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Outcome
from sweep.launch.leftovers import clear_leftovers
from sweep.launch.limits import Limits
from sweep.launch.progress import Progress
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slots
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.stops import Stopped, stop_signals, stops_held
from sweep.rundir.launch_file import LaunchRecord, read_launch
from sweep.rundir.lock import holder, take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, read_status
from sweep.rundir.submission import forget_submission
from sweep.rundir.variant_file import read_variant

SLURM = "slurm"
_AGAIN = "start it with the command that made it, and --retry-failed"


@dataclass
class Retried:
    """What came of trying again.

    Attributes:
        outcomes: of the runs that were tried again.
        skipped: runs that were not, each with the reason.
        wanted: how many had failed.
        stopped: whether it was cut short.
        signal: the number of a second signal that ended it, 0 without one.
        halted: why it has ended early after failures.
        submitted: of each array of jobs its number, and how many of the runs it is for.
    """

    directory: Path
    wanted: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    skipped: list[tuple[RunDir, str]] = field(default_factory=list)
    stopped: bool = False
    signal: int = 0
    halted: str = ""
    seconds: float = 0.0
    submitted: list[tuple[str, int]] = field(default_factory=list)

    def count(self, state: State) -> int:
        return sum(outcome.state is state for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 all done or submitted · 1 some failed again · 2 somebody else has one · 75 stopped · 128+n by a signal."""
        if self.stopped:
            return 128 + self.signal if self.signal else EXIT_STOPPED
        if self.count(State.FAILED):
            return EXIT_FAILED
        return EXIT_HELD if self.skipped else EXIT_DONE

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        if not self.wanted:
            yield f"nothing has failed under {self.directory}"
            return
        for outcome in self.outcomes:
            if outcome.state is State.FAILED:
                yield paint(f"failed: {outcome.job.name}: {printable(outcome.cause)}", "red")
                yield from (f"    {printable(line)}" for line in outcome.last_lines)
                yield f"    log: {outcome.job.run.output}"
        for run, why in self.skipped:
            yield f"skipped: {run.path}: {why}"
        if self.halted:
            yield self.halted
        if self.submitted:
            arrays = ", ".join(f"job {number}: {plural(count, 'run')}" for number, count in self.submitted)
            yield f"{plural(self.wanted, 'failed run')}, submitted to Slurm: {arrays}"
            return
        counts = f"{self.count(State.DONE)} done, {self.count(State.FAILED)} failed"
        yield f"{plural(self.wanted, 'failed run')} tried again: {counts}, in {duration(self.seconds)}"

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {
            "failed_before": self.wanted,
            "done": self.count(State.DONE),
            "failed": self.count(State.FAILED),
            "submitted": [{"job": number, "runs": count} for number, count in self.submitted],
            "skipped": [{"directory": str(run.path), "why": why} for run, why in self.skipped],
            "stopped": self.stopped,
            "halted": self.halted,
            "exit_code": self.exit_code,
        }


def retry(
    directory: Path,
    request: Request,
    engine: Engine | None = None,
    slots: Slots | None = None,
    slurm: Slurm | None = None,
) -> Retried:
    """Try the failed runs under a directory again, each from its own directory.

    Args:
        request: `parallel`, `timeout`, `stall_timeout`, `retries` and `halt` count, and `threads`, `gpus` and `memory`
            instead of what a run was started with. `engine` and `slurm`: they are submitted, and this is all.
        engine, slots: where they run else; this machine by default.
        slurm: takes them; the cluster of this machine by default.

    Raises:
        UsageError: there is no such directory.
        LaunchError: a run cannot be tried again from its directory, or needs more than there is; nothing was started.
    """
    failed, began = [run for run in runs_under(directory) if _has_failed(run)], time.monotonic()
    retried = Retried(directory, len(failed))
    if failed:
        demands = {run: _demand(_record(run), request) for run in failed}
        if request.engine == SLURM:
            _submit(demands, retried, request, slurm or Slurm())
        else:
            _run_here(demands, retried, request, engine, slots)
    retried.seconds = time.monotonic() - began
    return retried


def _submit(demands: Mapping[RunDir, Demand], retried: Retried, request: Request, slurm: Slurm) -> None:
    """Submit runs, those of each data directory by themselves."""
    homes: dict[Path, list[RunDir]] = {}
    for run in demands:
        homes.setdefault(data_dir_of(run), []).append(run)
    ones = [
        Resubmitting(home, {run: demands[run] for run in runs}, request, load_settings(), slurm)
        for home, runs in sorted(homes.items())
    ]
    for one in ones:
        one.check()
    for one in ones:
        one.run(lambda run, demand: _job(run, demand, retried), retried.submitted)


def _run_here(
    demands: Mapping[RunDir, Demand], retried: Retried, request: Request, engine: Engine | None, slots: Slots | None
) -> None:
    settings = load_settings()
    here = slots or slots_here(max(demands.values(), key=lambda demand: demand.cores))
    for demand in demands.values():
        here.check(demand)
    at_once = runs_at_once(request.parallel, max(here.most(demand) for demand in demands.values()))
    limits = limits_of(request, settings, at_once, retried.wanted)
    if count := sum(run.submission.exists() for run in demands):
        say(_here_now(count, len(demands)))
    _run(demands, retried, engine or _engine(demands, settings), here, limits)


def _here_now(count: int, of: int) -> str:
    which = ("this" if of == 1 else "these") if count == of else f"{count:,} of these {of:,} runs"
    are = "is" if count == 1 else "are"
    them = "it" if count == 1 else "them"
    return f"{which} ran with Slurm and {are} now run here; --engine slurm submits {them}"


def _run(demands: Mapping[RunDir, Demand], retried: Retried, engine: Engine, slots: Slots, limits: Limits) -> None:
    with stop_signals(), Progress(retried.wanted) as progress:
        scheduler = Scheduler(engine, slots, limits, trying_again=progress.trying_again)
        jobs = (job for run, demand in demands.items() if (job := _job(run, demand, retried)))
        try:
            for outcome in scheduler.run(jobs):
                retried.outcomes.append(outcome)
                progress.finished(outcome)
        except KeyboardInterrupt as stop:
            retried.stopped = True
            retried.signal = stop.number if isinstance(stop, Stopped) and stop.now else 0
        finally:
            with stops_held():  # all has ended: a signal has nothing left to stop
                engine.close()
        retried.outcomes += scheduler.stopped
        retried.halted = scheduler.halted


def _engine(demands: Mapping[RunDir, Demand], settings: Settings) -> LocalEngine:
    """Return an engine for all runs. It tells all ranks one number of threads: the least, so that none has too many."""
    ranks = max(demand.ranks for demand in demands.values())
    machine = this_machine(ranks, settings, min(demand.threads for demand in demands.values()))
    homes = sorted({data_dir_of(run) for run in demands})
    for home in homes:
        for line in clear_leftovers(home):
            say(line)
    environ = environ_again(homes[0], demands) if len(homes) == 1 else None
    return LocalEngine(machine, homes[0], environ or os.environ)


def _has_failed(run: RunDir) -> bool:
    status = read_status(run)
    return status is not None and status.state is State.FAILED


def _record(run: RunDir) -> LaunchRecord:
    """Return what a run was started with.

    Raises:
        LaunchError: it cannot be started from its directory.
    """
    record = read_launch(run)
    if record is None or not run.payload.is_file():
        raise LaunchError(f"{run.path} does not hold what its run was started with; {_AGAIN}.")
    if Path(record.path) != run.path.absolute():
        raise LaunchError(f"{run.path} was {record.path} when it ran, and its call still says so; {_AGAIN}.")
    found = run.payload.stat()
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise LaunchError(f"{run.payload} could have been written by somebody else and is not run; {_AGAIN}.")
    return record


def _demand(record: LaunchRecord, request: Request) -> Demand:
    """Return what a run needs: as when it was started, but for what is asked for now."""
    usual = Request(None)
    threads, gpus, memory = (
        asked if (asked := getattr(request, name)) != getattr(usual, name) else getattr(record, name)
        for name in ("threads", "gpus", "memory")
    )
    return demand_of(record.num_cpu, threads, gpus, memory)


def _job(run: RunDir, demand: Demand, retried: Retried) -> Job | None:
    """Make a run ours and ready for another try; None if that cannot be, which is noted."""
    lock = take(run.lock)
    if lock is None:
        retried.skipped.append((run, f"{holder(run.lock) or 'somebody'} has it"))
        return None
    job = Job(run, _name(run), demand, lock)
    if _has_failed(run) and make_pending(job):
        forget_submission(run)  # what had it before is not to begin it beside this
        return job
    lock.release()
    retried.skipped.append((run, "it has not failed any more, or its directory cannot be written"))
    return None


def _name(run: RunDir) -> str:
    record = read_variant(run)
    if record is None:
        return run.path.name
    return f"{record.exp_name} seed {record.config['seed']}" if "seed" in record.config else record.exp_name
