"""The share of the machine that a run is given, and how many runs that makes at once."""

from __future__ import annotations

import os
import sys
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.settings import Settings
from sweep.front.request import Request, seconds_given
from sweep.launch.engines.executor import Executor, workers_of
from sweep.launch.halt import parse_halt
from sweep.launch.limits import Limits
from sweep.launch.resources import capacity, free_memory, parse_memory, usable_cores
from sweep.launch.retries import parse_retries
from sweep.launch.slots import Demand, Slots, check_demand

# Nothing is started while less than this is free: a machine that swaps, or kills, loses more than it gains.
_MEMORY_FLOOR = 256 * 2**20


def ranks_per_run(num_cpu: Any) -> int:
    """Return the number of ranks that `num_cpu` asks for; ``'auto'`` is every core this process may use.

    Raises:
        UsageError: neither a whole number from 1 nor 'auto'.
    """
    if num_cpu == "auto":
        return usable_cores()
    if isinstance(num_cpu, bool) or not isinstance(num_cpu, int) or num_cpu < 1:
        raise UsageError(f"num_cpu is {num_cpu!r}; it is the number of MPI ranks per run, from 1, or 'auto'.")
    return num_cpu


def demand_of(ranks: int, threads: Any, gpus: Any, memory: Any) -> Demand:
    """Return what one run needs.

    Raises:
        UsageError: a number is not one, or not positive.
    """
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise UsageError(f"threads is {threads!r}; it is the number of threads per rank, from 1.")
    if isinstance(gpus, bool) or not isinstance(gpus, (int, float)) or gpus < 0:
        raise UsageError(f"gpus is {gpus!r}; it is a number of GPUs per run: 0, 0.5, 1, 2.")
    return Demand(ranks, threads, gpus, parse_memory(memory))


def slots_here(demand: Demand) -> Slots:
    """Return the free shares of this machine.

    Raises:
        LaunchError: a run needs more than there is.
    """
    here = capacity(os.environ)
    check_demand(demand, here)
    return Slots(here, _MEMORY_FLOOR, free_memory)


def runs_at_once(parallel: Any, room: int) -> int:
    """Return how many runs go at once: as many as there is room for, or as asked.

    Raises:
        UsageError: neither a whole number from 1 nor 'auto'.
    """
    if parallel == "auto":
        return max(1, room)
    if isinstance(parallel, bool) or not isinstance(parallel, int) or parallel < 1:
        raise UsageError(f"parallel is {parallel!r}; it is the number of runs at once, from 1, or 'auto'.")
    return min(parallel, max(1, room))


def runs_on(executor: Executor, parallel: Any) -> int:
    """Return how many runs an executor is given at once: as many as keep it busy, or as asked.

    Raises:
        UsageError: neither a whole number from 1 nor 'auto'.
    """
    return runs_at_once(parallel, workers_of(executor) if parallel == "auto" else sys.maxsize)


def timeout_of(given: Any) -> float | None:
    """Return the time limit of one run in seconds, or None.

    Raises:
        UsageError: not a length of time.
    """
    return seconds_given("timeout", given)


def limits_of(request: Request, settings: Settings, at_once: int, total: int | None = None) -> Limits:
    """Return what a launch allows its runs.

    Args:
        at_once: see `runs_at_once`.
        total: the number of runs to start, if it is known.

    Raises:
        UsageError: one of them is not what it can be.
    """
    return Limits(
        at_once=at_once,
        timeout_s=timeout_of(request.timeout),
        failure_lines=settings.failure_lines,
        stall_timeout_s=seconds_given("stall_timeout", request.stall_timeout),
        retries=parse_retries(request.retries),
        halt=parse_halt(request.halt),
        total=total,
    )
