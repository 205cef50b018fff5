"""The nodes of a cluster that Slurm divides: runs are submitted, and go on with nobody of ours there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from sweep.base.errors import LaunchError, UsageError, listed
from sweep.base.settings import Settings
from sweep.base.text import duration, plural
from sweep.front.share import runs_at_once
from sweep.front.sites.base import UNCOUNTED, Show, Work
from sweep.launch.engines.executor import Boundless
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slots
from sweep.launch.slurm.engine import OF_LEAD, SlurmEngine
from sweep.launch.slurm.options import Options, make_options
from sweep.launch.slurm.srun import srun_flags
from sweep.launch.slurm.talk.client import PartitionInfo, Slurm


class OnSlurm:
    """As many runs at once as Slurm gives nodes for."""

    promises = SlurmEngine.promises

    def __init__(self, work: Work, slurm: Slurm | None = None) -> None:
        self._work, self._slurm = work, slurm or Slurm()

    @cached_property
    def slots(self) -> Slots:
        return Boundless()

    @cached_property
    def at_once(self) -> int:
        return runs_at_once(self._work.request.parallel, UNCOUNTED)

    @property
    def note(self) -> str:
        where = f", partition {self.options.partition}" if self.options.partition else ""
        return f" on Slurm{where}"

    @cached_property
    def options(self) -> Options:
        return make_options(self._work.request.slurm, usual_options(self._work.settings))

    @cached_property
    def _job_options(self) -> Options:
        """How jobs are to be, with all that is known only after Slurm was asked."""
        options, launcher = self.options, self.machine.launcher
        if options.nodes == 1:
            return options
        family = launcher.family if launcher else "unknown"
        known, threads = self._slurm.mpi_types(), self._work.demand.threads
        return replace(options, srun_flags=srun_flags(family, known, options.srun_flags, options.nodes, threads))

    @cached_property
    def machine(self) -> Machine:
        """How a job starts ranks: as here, and a run that is asked to save has longer for it."""
        machine = self._work.machine
        return replace(machine, grace_s=max(machine.grace_s, OF_LEAD * self.options.lead_s))

    def check(self) -> None:
        _ = (self.machine, self.at_once)  # looked up here, where they refuse what they must
        self._check_request()
        self._slurm.check()
        self._check_partitions()
        _ = self._job_options

    def _check_request(self) -> None:
        request, gpus = self._work.request, self._work.demand.gpus
        if request.halt != "never":
            raise UsageError(
                f"halt is {request.halt!r}, and with engine='slurm' nobody is there to count failures; leave it out."
            )
        if request.num_cpu == "auto":
            raise UsageError("num_cpu='auto' means the cores of this machine; with engine='slurm' give a number.")
        if gpus and not float(gpus).is_integer():
            raise UsageError(f"gpus is {gpus:g}; Slurm gives whole GPUs: 1, 2, or 0 for none.")
        if self.options.nodes > self._work.ranks[0]:
            raise UsageError(
                f"slurm: nodes is {self.options.nodes}, and a run has {plural(self._work.ranks[0], 'rank')}; "
                "num_cpu must be at least as many."
            )

    def _check_partitions(self) -> None:
        """Refuse a partition that there is not, and jobs that Slurm would take and never start."""
        there = self._slurm.partitions()
        asked = [name for name in self.options.partition.split(",") if name]
        for name in asked:
            if there and name not in there:
                raise LaunchError(f"slurm: there is no partition {name!r}; there are {listed(sorted(there))}.")
        names = asked or [name for name, info in there.items() if info.is_default]
        infos = [there[name] for name in names if name in there]
        if infos:
            self._check_time(infos)
            self._check_cores(infos)

    def _check_time(self, infos: Sequence[PartitionInfo]) -> None:
        longest = max(math.inf if info.max_time_s is None else info.max_time_s for info in infos)
        time_s = self.options.time_s
        if time_s is not None and time_s > longest:
            raise LaunchError(
                f"slurm: time is {duration(time_s)}, and a job in {_names(infos)} may take {duration(longest)}; ask "
                "for less: a run that has saved goes on in the next job."
            )

    def _check_cores(self, infos: Sequence[PartitionInfo]) -> None:
        cores, largest = max(info.cpus for info in infos), self._work.largest
        if cores and largest.cores > cores * self.options.nodes:
            raise LaunchError(
                f"a run needs {plural(largest.cores, 'core')} ({plural(largest.ranks, 'rank')}, "
                f"{plural(largest.threads, 'thread')} each), and a node of {_names(infos)} has {cores}; lower num_cpu "
                f"or threads{', or let a run go over more nodes (slurm: nodes)' if largest.ranks > 1 else ''}."
            )

    def check_count(self, runs: int) -> None:
        """Refuse nothing: what is more than Slurm takes at once is submitted another time."""

    def make_ready(self) -> None:
        """Do nothing: nothing is started here."""

    def scripts(self, demands: Callable[[], Mapping[Demand, int]]) -> Iterator[str]:
        """Yield the job scripts; each has a ticket of its own then, and here one of noughts."""
        most, engine = self._slurm.most_in_array(), self.engine(None, Limits(), {})
        for demand, count in demands().items():
            for part in range(0, count, most):
                yield f"\n{engine.script(demand, min(most, count - part), '0' * 12)}"

    def allowed(self, limits: Limits) -> Limits:
        return limits

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> SlurmEngine:
        work = self._work
        at_once = None if work.request.parallel == "auto" else self.at_once
        machine, home = self.machine, work.home
        return SlurmEngine(work.grid_name, self._slurm, self._job_options, machine, home, environ, limits, at_once)


def _names(infos: Sequence[PartitionInfo]) -> str:
    return " or ".join(info.name for info in infos)


def usual_options(settings: Settings) -> Mapping[str, Any]:
    """Return the settings that say how jobs are to be, under the names that `slurm=` has for them."""
    return {name.removeprefix("slurm_"): value for name, value in vars(settings).items() if name.startswith("slurm_")}
