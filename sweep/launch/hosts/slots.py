"""Several hosts divided among runs: which have room, and which are out of service. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sweep.base.errors import LaunchError, listed
from sweep.base.text import plural
from sweep.launch.hosts.named import Host
from sweep.launch.resources import Capacity
from sweep.launch.retries import Retries
from sweep.launch.slots import Demand, Part, Slot, Slots
from sweep.rundir.status import Kind

# A host that was lost is left alone for so many seconds: the first time, the second time in a row, ...
_PAUSES_S = (1.0, 5.0, 15.0, 60.0, 300.0)
# Lost so often in a row, without an answer in between, a host is not counted on any more.
_HOPELESS = 4
# So many runs at once are on their way to one host. An sshd refuses some of more than ten that are logging in
# (sshd_config(5), MaxStartups).
_ON_THEIR_WAY = 4
# So often a run is tried elsewhere after what ran it was lost.
ELSEWHERE = 5


def trying_elsewhere(retries: Retries) -> Retries:
    """Return what a launch over several hosts allows: what it would, and a run that was lost is tried elsewhere too.

    Each class of failures then has its own count, so that a lost host costs a run none of its tries.
    """
    counts = {kind: retries.of(kind) for kind in Kind}
    return replace(retries, by_kind={**counts, Kind.LOST: max(counts[Kind.LOST], ELSEWHERE)})


def without_room(hosts: Sequence[Host]) -> str:
    """Return ``h1:2 has no room`` or ``h1:2, h2:2 have no room``."""
    return f"{listed(hosts)} {'has' if len(hosts) == 1 else 'have'} no room"


@dataclass
class _Service:
    """How a host does.

    Attributes:
        answers: it has answered, and was not lost since. One that has not is given one run first.
        unheard: the slots of runs that are on their way to it.
        losses: how often it was lost in a row.
        again_at: until then it is left alone.
        why: it was lost the last time.
    """

    answers: bool = False
    unheard: set[Slot] = field(default_factory=set)
    losses: int = 0
    again_at: float = -math.inf
    why: str = ""


class HostSlots(Slots):
    """Gives the slots of hosts to runs: a run goes to one host, and over several only if it is larger than each.

    A host that was lost is out of service for a while, longer each time; then one run is sent there first.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, hosts: Sequence[Host], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Capacity((), 0), 0, lambda: 0)
        self.hosts, self._clock = tuple(hosts), clock
        self._services = {host.name: _Service() for host in hosts}

    def take(self, demand: Demand) -> Slot | None:
        slot = self._alone(demand) if self._fits_one(demand) else self._over_several(demand)
        if slot is None:
            return None
        self._held[slot] = demand
        if len(slot.parts) == 1:  # who goes over several tells nothing before the end
            self._services[slot.parts[0].host].unheard.add(slot)
        return slot

    def _fits_one(self, demand: Demand) -> bool:
        return any(host.slots >= demand.cores for host in self.hosts)

    def _alone(self, demand: Demand) -> Slot | None:
        host = next((host for host in self._ready() if len(self._free(host)) >= demand.cores), None)
        return None if host is None else Slot((), parts=(self._part(host, demand.cores),))

    def _over_several(self, demand: Demand) -> Slot | None:
        parts, left = [], demand.ranks
        for host in self._ready():
            ranks = min(left, len(self._free(host)) // demand.threads)
            if ranks:
                parts.append(self._part(host, ranks * demand.threads))
                left -= ranks
        return None if left else Slot((), parts=tuple(parts))

    def _part(self, host: Host, count: int) -> Part:
        return Part(host.name, tuple(self._free(host)[:count]), host.slots)

    def _free(self, host: Host) -> list[int]:
        busy = {
            number for slot in self._held for part in slot.parts if part.host == host.name for number in part.numbers
        }
        return [number for number in range(host.slots) if number not in busy]

    def _ready(self) -> list[Host]:
        """Return the hosts that may be given a run now: the emptiest first, and last those that were lost."""
        ready = [host for host in self.hosts if self._takes_more(self._services[host.name])]
        return sorted(ready, key=lambda host: (self._services[host.name].losses > 0, -len(self._free(host))))

    def _takes_more(self, service: _Service) -> bool:
        most = _ON_THEIR_WAY if service.answers else 1
        return self._clock() >= service.again_at and len(service.unheard) < most

    def check(self, demand: Demand) -> None:
        """Say no to a run that would wait for ever.

        Raises:
            LaunchError: it needs more than all hosts have, or all were lost too often.
        """
        if not self.most(demand):
            raise LaunchError(
                f"a run needs {plural(demand.cores, 'core')} ({plural(demand.ranks, 'rank')}, "
                f"{plural(demand.threads, 'thread')} each), and {without_room(self.hosts)} for it; lower "
                "num_cpu or threads, or name more hosts."
            )
        services = [(host.name, self._services[host.name]) for host in self.hosts]
        gone = [f"{name}: {one.why or 'it was lost'}" for name, one in services if one.losses >= _HOPELESS]
        if len(gone) == len(self.hosts):
            raise LaunchError(f"no host takes runs any more ({'; '.join(gone[:3])}); see to them, and run again.")

    def give_back(self, slot: Slot) -> None:
        super().give_back(slot)
        for part in slot.parts:
            self._services[part.host].unheard.discard(slot)

    def most(self, demand: Demand) -> int:
        return self._most(demand, self.hosts)

    @property
    def serving(self) -> tuple[Host, ...]:
        """The hosts that were not lost since they answered."""
        return tuple(host for host in self.hosts if not self._services[host.name].losses)

    def most_now(self, demand: Demand) -> int:
        """Return how many runs go at once on the hosts that were not lost."""
        return self._most(demand, self.serving)

    def _most(self, demand: Demand, hosts: Sequence[Host]) -> int:
        if self._fits_one(demand):
            return sum(host.slots // demand.cores for host in hosts)
        return sum(host.slots // demand.threads for host in hosts) // demand.ranks

    def leave_out(self, names: Collection[str]) -> None:
        """Count on some hosts no more, before any run is there."""
        self.hosts = tuple(host for host in self.hosts if host.name not in names)

    # -- what the engine tells

    def answered(self, slot: Slot) -> None:
        """Hear that a run has arrived at its hosts."""
        for service in self._services_of(slot):
            service.answers, service.losses = True, 0
            service.unheard.discard(slot)

    def lost(self, host: str, why: str = "") -> None:
        """Hear that a host was lost: several runs that were lost together count as one loss."""
        service, now = self._services[host], self._clock()
        if now < service.again_at:
            return
        service.again_at = now + _PAUSES_S[min(service.losses, len(_PAUSES_S) - 1)]
        service.answers, service.why = False, why
        service.losses += 1

    def _services_of(self, slot: Slot) -> Iterator[_Service]:
        return (self._services[part.host] for part in slot.parts)
