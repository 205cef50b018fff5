"""Several machines that ssh reaches: runs are sent there, and a lost machine's go on elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from sweep.base.errors import UsageError, listed
from sweep.base.mpi_command import find_launcher
from sweep.base.text import paint, plural
from sweep.front.screen import say
from sweep.front.share import runs_at_once
from sweep.front.sites.base import Show, Work
from sweep.launch.engines.base import Engine
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.fitness import advice
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.hosts.probe import ask_hosts, launcher_of
from sweep.launch.hosts.slots import HostSlots, trying_elsewhere, without_room
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand


class OnHosts:
    """As many runs at once as the hosts have slots for."""

    promises = HostsEngine.promises

    def __init__(self, work: Work) -> None:
        self._work = work

    @cached_property
    def slots(self) -> HostSlots:
        found = HostSlots(parse_hosts(self._work.request.hosts or ()))
        found.check(self._work.largest)
        return found

    @cached_property
    def at_once(self) -> int:
        return runs_at_once(self._work.request.parallel, self.slots.most(self._work.smallest))

    @property
    def note(self) -> str:
        return f" on {', '.join(map(str, self.slots.hosts))}"

    @cached_property
    def machine(self) -> Machine:
        """How ranks are started; a launcher is needed to reach hosts, also for runs of one rank."""
        work = self._work
        launcher = work.machine.launcher or find_launcher(work.settings.mpiexec or None, os.environ)
        return replace(work.machine, launcher=launcher)

    def check(self) -> None:
        demand = self._work.demand
        for name, given in (("gpus", demand.gpus), ("memory", demand.memory)):
            if given:
                raise UsageError(
                    f"{name} does not go with hosts: what they have of it nobody here knows; leave it out."
                )
        launcher_of(self.machine)
        _ = self.at_once

    def check_count(self, runs: int) -> None:
        """Refuse nothing: those that do not fit wait."""

    def scripts(self, demands: Callable[[], Mapping[Demand, int]]) -> Iterator[str]:
        yield from ()

    def make_ready(self) -> None:
        """Ask every host whether it answers and is fit for runs, before anything is written.

        Raises:
            LaunchError: none is, or those that are have no room for a run.
        """
        asked = ask_hosts(self.slots.hosts, self.machine, self._work.home, os.environ)
        for host, what in asked.unfit.items():
            _warn(f"host {host} {what}; it is left out ({advice(what)})")
        for host, why in asked.silent.items():
            self.slots.lost(host, why)
            _warn(f"host {host} does not answer" + (f": {why}" if why else "") + "; it is left out until it does")
        self.slots.leave_out(asked.unfit)
        self.slots.check(self._work.largest)
        if asked.gone:
            _warn(self._what_is_left())

    def _what_is_left(self) -> str:
        room = self.slots.most_now(self._work.smallest)
        if not room:
            return f"nothing begins before that, as {without_room(self.slots.serving)} for a run"
        runs = plural(runs_at_once(self._work.request.parallel, room), "run")
        return f"that leaves up to {runs} at once, on {listed(self.slots.serving)}"

    def allowed(self, limits: Limits) -> Limits:
        """Return the same, but a run that is lost with its host is tried elsewhere."""
        return replace(limits, retries=trying_elsewhere(limits.retries))

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> Engine:
        return HostsEngine(self.slots, self.machine, self._work.home, environ, limits)


def _warn(text: str) -> None:
    say(paint(f"warning: {text}.", "yellow"))
