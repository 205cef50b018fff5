"""Runs that go over several hosts: one launcher on this machine has their ranks there, under a supervisor here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.engines.elsewhere import ElsewhereEngine
from sweep.launch.engines.errand import verdict_on
from sweep.launch.hosts.command import (
    HYDRA,
    OPENMPI,
    handed_on,
    launcher_environment,
    places_flags,
    reaching_flags,
    split_flags,
)
from sweep.launch.hosts.probe import Probe, launcher_of
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.launch.slots import Slot
from sweep.launch.supervisor.wire import Elsewhere
from sweep.rundir.status import Kind

# The exit codes of a launcher that has lost a host: of Hydra, and of Open MPI's, which says it on the screen alone.
_LOST_CODES = {**dict.fromkeys(HYDRA, (255,)), OPENMPI: (0, 255)}


@dataclass
class _Wide:
    """A run that goes on, or one that was lost while each of its hosts is asked whether it is there.

    Attributes:
        verdict: why it is being ended and has failed.
        asked: its hosts, that are being asked.
    """

    slot: Slot
    watch: Watch
    verdict: Cause | None = None
    ended: Ended | None = None
    asked: Probe | None = None


class WideRuns:
    """The runs of a launch that go over several hosts.

    Args:
        address: returns the address of this machine as a host sees it; '' leaves that to the launcher.
    """

    def __init__(
        self,
        slots: HostSlots,
        machine: Machine,
        home: Path,
        environ: Mapping[str, str],
        limits: Limits,
        address: Callable[[str], str],
    ) -> None:
        self._slots, self._machine, self._home, self._limits = slots, machine, home.absolute(), limits
        self._launcher, self._address, self._environ = launcher_of(machine), address, environ
        self._engine = ElsewhereEngine(machine, home, launcher_environment(environ))
        self._runs: dict[Job, _Wide] = {}

    def submit(self, job: Job, slot: Slot) -> None:
        """Start a run on all its hosts."""
        family = self._launcher.family
        reaching, others = split_flags(self._machine.flags)
        flags = (
            *reaching_flags(family, reaching, self._address(slot.parts[0].host)),
            *others,
            *handed_on(family, self._environ),
            *places_flags(family, slot.parts, job.demand.threads),
        )
        self._engine.submit_elsewhere(
            job, slot, Elsewhere(str(self._launcher.path), family, flags, _LOST_CODES[family], family in HYDRA)
        )
        self._runs[job] = _Wide(slot, Watch(job.run, self._limits, time.monotonic()))

    def poll(self) -> list[Ended]:
        """Return the runs that have ended; does not wait."""
        now = time.monotonic()
        for job, wide in self._runs.items():
            if wide.ended is None and wide.verdict is None and (verdict := wide.watch.late(now)):
                wide.verdict = verdict
                self._engine.cancel([job])
        for ended in self._engine.poll(0) if self._runs else []:
            self._take(ended)
        over = [wide.ended for wide in self._runs.values() if wide.ended and not self._asks(wide, now)]
        for ended in over:
            del self._runs[ended.job]
        return over

    def _take(self, ended: Ended) -> None:
        wide = self._runs[ended.job]
        wide.ended = Ended(ended.job, verdict_on(ended, wide.verdict))
        if wide.ended.cause.kind is not Kind.LOST:
            self._slots.answered(wide.slot)
            return
        wide.asked = Probe(self._machine, self._environ, self._address, self._home, self._home)
        wide.asked.ask(part.host for part in wide.slot.parts)

    def _asks(self, wide: _Wide, now: float) -> bool:
        """Say whether a host is still being asked, and hear what those are like that were."""
        if wide.asked is None:
            return False
        if not wide.asked.is_over(now):
            return True
        gone = wide.asked.gone
        for host, why in gone.items():
            self._slots.lost(host, why)
        if gone and wide.ended:
            words = "; ".join(f"host {host} was lost" + (f": {why}" if why else "") for host, why in gone.items())
            wide.ended = Ended(wide.ended.job, Cause(Kind.LOST, words))
        return False

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        self._engine.cancel(jobs, now)

    def close(self) -> None:
        self._engine.close()
        for wide in self._runs.values():
            if wide.asked is not None:
                wide.asked.close()
        self._runs.clear()
