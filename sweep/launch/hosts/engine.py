"""Runs on several hosts: a launcher's ssh starts a worker for each run, and the shared directory is where they meet.

What a run's worker does is in `sweep.launch.engines.errand`. Whether anything of a run is alive says its lock: a run
whose host does not answer any more is waited for as long as its lock is held, so that there are never two of it. A run
that goes over several hosts is started from here (see `sweep.launch.hosts.wide`).
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from sweep.launch.causes import Cause, written_cause
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.engines.errand import Errand
from sweep.launch.engines.errand_file import errand_file, write_errand
from sweep.launch.engines.sending import errand_of, leave_word, lend_run
from sweep.launch.hosts.command import sent_environment, split_flags, worker_argv
from sweep.launch.hosts.probe import launcher_of
from sweep.launch.hosts.reach import own_address
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.hosts.wide import WideRuns
from sweep.launch.hosts.worker import Worker
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Part, Slot
from sweep.launch.supervisor.python import python_argv
from sweep.rundir.lending import at_work
from sweep.rundir.status import Kind

ERRAND_MODULE = "sweep.launch.engines.errand_main"
# How often locks are looked at, and launchers that may have lost their host.
_LOOK_S = 0.1
# A run that was there, and whose lock has been free for so long, has ended though its worker is not heard.
_UNHEARD_S = 1.0
# Beside the grace of its runs, so long is waited for them at the end.
_CLOSE_S = 10.0


@dataclass
class _Flight:
    """A run on its way, there, or on its way back.

    Attributes:
        lost: what is said of it, once its worker is not heard any more.
        look_at: when its lock is to be looked at again.
        free_since: when that was first seen to be free.
    """

    slot: Slot
    worker: Worker
    wish: str = ""
    lost: str = ""
    look_at: float = 0.0
    free_since: float | None = None


@dataclass
class HostsEngine:
    """Runs each job on the hosts of its slot.

    Attributes:
        slots: which host has what; it hears from here which of them answer.
        machine: how ranks are started, on this machine and in the same way on every host. It has a launcher.
        home: the data directory, at the same path on every host.
        environ: of the launch; runs get it, but for what is this machine's own.
        limits: the times that a run may take, which its worker watches.
        address: returns the address of this machine as a host sees it; '' leaves that to the launcher.
    """

    promises: ClassVar[Promises] = Promises(keeps_time=True)

    slots: HostSlots
    machine: Machine
    home: Path
    environ: Mapping[str, str]
    limits: Limits
    address: Callable[[str, Sequence[str]], str] = own_address
    _wide: WideRuns | None = None
    _flights: dict[Job, _Flight] = field(default_factory=dict)
    _leaving: list[Worker] = field(default_factory=list)
    _addresses: dict[str, str] = field(default_factory=dict)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def submit(self, job: Job, slot: Slot) -> None:
        """Send a run to its host.

        Raises:
            LaunchError: there is no launcher that could.
            OSError: its directory cannot be written.
        """
        if len(slot.parts) > 1:
            self._over_several.submit(job, slot)
            return
        (part,) = slot.parts
        lend_run(job)
        errand = self._errand(job, part)
        file = write_errand(errand)
        worker = Worker.start(self._argv(part, file, errand.ticket), errand.ticket, self.environ)
        self._flights[job] = _Flight(slot, worker)
        self._selector.register(worker.output, selectors.EVENT_READ)

    @property
    def _over_several(self) -> WideRuns:
        """The runs over several hosts, whose supervisor is made for the first of them."""
        if self._wide is None:
            own = (self.slots, self.machine, self.home, self.environ, self.limits)
            self._wide = WideRuns(*own, self._address_for)
        return self._wide

    def _argv(self, part: Part, file: Path, ticket: str) -> list[str]:
        reaching, _ = split_flags(self.machine.flags)
        command = python_argv(str(self.machine.python), ERRAND_MODULE, str(file), ticket)
        address = self._address_for(part.host)
        return worker_argv(launcher_of(self.machine), part, reaching, address, command, self.machine.as_root)

    def _address_for(self, host: str) -> str:
        if host not in self._addresses:
            self._addresses[host] = self.address(host, split_flags(self.machine.flags)[0])
        return self._addresses[host]

    def _errand(self, job: Job, part: Part) -> Errand:
        _, flags = split_flags(self.machine.flags)
        # Without a launcher nothing of MPI is looked at for a run of one rank.
        launcher = self.machine.launcher if job.num_cpu > 1 else None
        machine, environ = replace(self.machine, launcher=launcher, flags=flags), sent_environment(self.environ)
        return errand_of(job, machine, self.home, self.limits, environ, part.numbers, part.of)

    # -- what becomes of them

    def poll(self, wait_s: float) -> list[Ended]:
        deadline = time.monotonic() + wait_s
        while True:
            left = deadline - time.monotonic()
            arrived = self._hear(max(0.0, min(left, _LOOK_S)))
            ends = [end for job, flight in list(self._flights.items()) if (end := self._end(job, flight))]
            ends += self._wide.poll() if self._wide else []
            self._leaving = [worker for worker in self._leaving if not worker.is_gone(time.monotonic())]
            if ends or arrived or left <= 0:
                return ends

    def _hear(self, wait_s: float) -> bool:
        """Take what workers tell; say whether one has arrived, so that there is room on the way for the next."""
        arrived = False
        ready = {key.fd for key, _ in self._selector.select(wait_s)}
        for flight in self._flights.values():
            worker = flight.worker
            if worker.output in ready and not worker.hear() and worker.at_end:
                self._selector.unregister(worker.output)
            if worker.has_begun and not worker.is_counted:
                worker.is_counted = arrived = True
                self.slots.answered(flight.slot)
        return arrived

    def _end(self, job: Job, flight: _Flight) -> Ended | None:
        worker = flight.worker
        if not flight.lost and (why := self._why_lost(job, flight)) is not None:
            self._lose(flight, why)
        if (worker.end is None and not flight.lost) or at_work(job.run.lock):
            return None
        del self._flights[job]
        self._put_away(job, worker)
        return Ended(job, worker.end or written_cause(job.run) or self._lost_cause(flight))

    def _lose(self, flight: _Flight, why: str) -> None:
        host = flight.slot.parts[0].host
        flight.lost = f"host {host} was lost" + (f": {why}" if why else "")
        if not flight.wish:
            self.slots.lost(host, why)

    def _why_lost(self, job: Job, flight: _Flight) -> str | None:
        """Return why nothing more is to be heard of a worker; None if there may be."""
        worker, now = flight.worker, time.monotonic()
        if worker.end is not None:  # a host that cannot even begin is as good as lost
            return None if worker.has_begun else worker.end.text
        worker.look(now)
        if worker.is_over:
            return worker.reason if worker.end is None else None
        return "it is silent" if self._has_gone(job, flight, now) else None

    def _has_gone(self, job: Job, flight: _Flight, now: float) -> bool:
        """Say whether a run has ended where nobody is heard: the directory is shared, whatever the network does."""
        if not flight.worker.has_begun or now < flight.look_at:
            return False
        flight.look_at = now + _UNHEARD_S / 2
        free = not at_work(job.run.lock)
        flight.free_since = (now if flight.free_since is None else flight.free_since) if free else None
        return flight.free_since is not None and now - flight.free_since >= _UNHEARD_S

    def _lost_cause(self, flight: _Flight) -> Cause:
        if flight.wish and not flight.worker.has_begun:
            return Cause(Kind.KILLED, "it was ended before it began")
        return Cause(Kind.LOST, flight.lost)

    def _put_away(self, job: Job, worker: Worker) -> None:
        with suppress(KeyError):  # it has ended before
            self._selector.unregister(worker.output)
        with suppress(OSError):  # its directory is gone, or its worker has read it
            errand_file(job.run).unlink()
        worker.leave(time.monotonic())
        self._leaving.append(worker)

    # -- ends

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        if self._wide is not None:
            self._wide.cancel(jobs, now)
        for job in jobs:
            flight = self._flights.get(job)
            if flight is not None and leave_word(job, flight, now) and not flight.worker.has_begun:
                flight.worker.kill()

    def close(self) -> None:
        self.cancel(list(self._flights))
        deadline = time.monotonic() + self.machine.grace_s + _CLOSE_S
        while self._flights and time.monotonic() < deadline:
            self.poll(_LOOK_S)
        for worker in (*self._leaving, *(flight.worker for flight in self._flights.values())):
            worker.close()
        if self._wide is not None:
            self._wide.close()
        self._flights.clear()
        self._leaving.clear()
        self._selector.close()
