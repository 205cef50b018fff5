"""The machine divided among runs: which cores, GPUs and memory a run holds, and when the next one fits. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import THREAD_VARIABLES
from sweep.base.text import plural
from sweep.launch.resources import Capacity

_FINEST_SHARE = 1000


@dataclass(frozen=True)
class Demand:
    """What one run needs.

    Attributes:
        ranks: its MPI processes.
        threads: of each rank; every one gets a core.
        gpus: a whole number of GPUs for it alone, or the fraction of one GPU that it shares with other runs.
        memory: bytes for all its ranks together; None if nobody said.
    """

    ranks: int = 1
    threads: int = 1
    gpus: float = 0
    memory: int | None = None

    @property
    def cores(self) -> int:
        return self.ranks * self.threads

    @property
    def devices(self) -> int:
        """The number of GPUs that it sees: a fraction of a GPU is on one."""
        return int(self.gpus) if self.gpus >= 1 else int(self.gpus > 0)

    @property
    def share(self) -> Fraction:
        """What it takes of each GPU that it sees, exactly: three runs of 1/3, written as a float, fill one."""
        if self.gpus >= 1 or not self.gpus:
            return Fraction(self.devices > 0)
        return max(Fraction(self.gpus).limit_denominator(_FINEST_SHARE), Fraction(1, _FINEST_SHARE))


def check_demand(demand: Demand, capacity: Capacity) -> None:
    """Say no at once to a run that would wait for ever.

    Raises:
        LaunchError: it needs more than the whole machine has, or an amount that nothing can have.
    """
    objection = next(_objections(demand, capacity), None)
    if objection:
        raise LaunchError(objection)


def _objections(demand: Demand, capacity: Capacity) -> Iterator[str]:
    yield from _wrong_amounts(demand)
    if demand.cores > len(capacity.cores):
        yield (
            f"a run needs {plural(demand.cores, 'core')} ({plural(demand.ranks, 'rank')}, "
            f"{plural(demand.threads, 'thread')} each) and may use {len(capacity.cores)} here; "
            "lower num_cpu or threads."
        )
    if demand.devices > len(capacity.gpus):
        yield (
            f"a run needs gpus={demand.gpus:g} and may use {plural(len(capacity.gpus), 'GPU')} here; lower gpus, or "
            "look at CUDA_VISIBLE_DEVICES and nvidia-smi if there should be more."
        )
    if (demand.memory or 0) > capacity.memory:
        yield f"a run needs {_gib(demand.memory or 0)} of memory and there are {_gib(capacity.memory)}; lower memory."


def _wrong_amounts(demand: Demand) -> Iterator[str]:
    for name, count in (("num_cpu", demand.ranks), ("threads", demand.threads)):
        if count < 1:
            yield f"{name} is {count}; it is a whole number from 1."
    if not (0 <= demand.gpus < 1 or (demand.gpus >= 1 and float(demand.gpus).is_integer())):
        yield (
            f"gpus is {demand.gpus}; it is a whole number of GPUs for one run alone, or a fraction below 1 of a GPU "
            "that runs share: 0, 0.5, 1, 2."
        )
    if demand.memory is not None and demand.memory < 1:
        yield f"memory is {demand.memory} bytes; it is what one run needs, above 0, or left out."


def _gib(memory: int) -> str:
    return f"{memory / 2**30:,.2f} GiB"


@dataclass(frozen=True)
class Part:
    """What one run holds of one host.

    Attributes:
        host: its name.
        numbers: of the host's slots, counted from 0.
        of: how many slots the host has.
    """

    host: str
    numbers: tuple[int, ...]
    of: int


@dataclass(frozen=True)
class Slot:
    """What one run holds.

    Attributes:
        cores: logical CPUs of this machine that no other run has.
        gpus: the GPUs it sees.
        share: what it has of each of them: 1 if it is alone there, 0 without GPUs.
        parts: what it holds of other hosts; without any it is on this machine.
    """

    cores: tuple[int, ...]
    gpus: tuple[str, ...] = ()
    share: float = 0.0
    parts: tuple[Part, ...] = ()


class Slots:
    """Gives the machine to runs in disjoint slots, and takes it back.

    What is free is computed from what is held each time, so that it cannot drift.

    Args:
        capacity: what all runs together may use.
        memory_floor: bytes; while less is free nothing starts beside a run that is going on.
        free_memory: returns the bytes that are free now.
    """

    def __init__(self, capacity: Capacity, memory_floor: int, free_memory: Callable[[], int]) -> None:
        self._capacity, self._memory_floor, self._free_memory = capacity, memory_floor, free_memory
        self._held: dict[Slot, Demand] = {}

    def take(self, demand: Demand) -> Slot | None:
        """Return a slot for a run, None if it has to wait. A demand that passes `check_demand` fits when all is free.

        It gets the first free cores in the capacity's order, and the fullest GPU that still has room for its share.
        """
        cores, gpus = self._free_cores()[: demand.cores], self._fitting_gpus(demand.share)[: demand.devices]
        if len(cores) < demand.cores or len(gpus) < demand.devices or not self._memory_allows(demand):
            return None
        slot = Slot(tuple(cores), tuple(gpus), float(demand.share))
        self._held[slot] = demand
        return slot

    def check(self, demand: Demand) -> None:
        """Say no to a run that would wait for ever.

        Raises:
            LaunchError: it needs more than the whole machine has.
        """
        check_demand(demand, self._capacity)

    def give_back(self, slot: Slot) -> None:
        """Free what a run held.

        Raises:
            ValueError: nobody holds this slot: a mistake of the caller.
        """
        if slot not in self._held:
            raise ValueError(f"nobody holds {slot}; it was given back before, or was never taken")
        del self._held[slot]

    def most(self, demand: Demand) -> int:
        """Return how many such runs fit at once on the empty machine, whatever memory is free now."""
        limits = [len(self._capacity.cores) // demand.cores]
        if demand.devices:
            limits.append(len(self._capacity.gpus) // demand.devices * int(1 / demand.share))
        if demand.memory:
            limits.append(self._capacity.memory // demand.memory)
        return min(limits)

    def _free_cores(self) -> list[int]:
        busy = {core for slot in self._held for core in slot.cores}
        return [core for core in self._capacity.cores if core not in busy]

    def _fitting_gpus(self, share: Fraction) -> list[str]:
        """Return the GPUs with room for a share, the fullest first: whole ones are kept for those who need them."""
        free = {gpu: 1 - self._given_of(gpu) for gpu in self._capacity.gpus}
        return sorted((gpu for gpu in free if free[gpu] >= share), key=free.__getitem__)

    def _given_of(self, gpu: str) -> Fraction:
        return sum((demand.share for slot, demand in self._held.items() if gpu in slot.gpus), Fraction(0))

    def _memory_allows(self, demand: Demand) -> bool:
        declared = sum(one.memory or 0 for one in (*self._held.values(), demand))
        return declared <= self._capacity.memory and (not self._held or self._free_memory() >= self._memory_floor)


def slot_environment(slot: Slot, threads: int, gpus_are_assigned: bool = False) -> dict[str, str]:
    """Return the variables that keep a run inside its slot.

    Args:
        threads: of each rank.
        gpus_are_assigned: some run of this launch asks for GPUs.

    A run that asks for no GPU keeps CUDA_VISIBLE_DEVICES as it is while nobody asks: scripts that use a GPU without
    saying so go on as before. Once GPUs are given out it sees none, or it would compute on one that another run was
    promised.
    """
    threads_each = dict.fromkeys(THREAD_VARIABLES, str(threads))
    if not slot.gpus and not gpus_are_assigned:
        return threads_each
    return {**threads_each, "CUDA_VISIBLE_DEVICES": ",".join(slot.gpus)}
