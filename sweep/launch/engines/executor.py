"""Runs on any executor in the manner of `concurrent.futures`: the driver's end of it.

What is submitted is one small function with plain data (see `sweep.launch.engines.errand`). A future says when to look;
what became of a run is in its directory, and whether anything of it is alive says its lock.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sweep.base.errors import LaunchError
from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.engines.errand import Errand, run_errand
from sweep.launch.engines.sending import errand_of, leave_word, lend_run, own_variables
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.resources import Capacity
from sweep.launch.slots import Demand, Slot, Slots
from sweep.rundir.lending import at_work
from sweep.rundir.status import Kind

# How many runs an executor is given at once that does not say how many workers it has.
AT_ONCE = 100
# How often a future is asked that does not tell, and a lock after its future is done.
_LOOK_S = 0.05
# Beside the grace of its runs, so long is waited for them at the end.
_CLOSE_S = 10.0


class Future(Protocol):
    """What an executor gives for what was submitted."""

    def done(self) -> bool: ...
    def cancel(self) -> Any: ...
    def exception(self) -> BaseException | None: ...
    def result(self) -> Any: ...


class Executor(Protocol):
    """What takes functions to run somewhere: any `concurrent.futures.Executor`, and whatever looks like one."""

    def submit(self, function: Callable[..., Any], /, *words: Any) -> Any: ...


def workers_of(executor: Executor) -> int:
    """Return how many runs keep an executor busy."""
    workers = getattr(executor, "_max_workers", None)
    return workers if isinstance(workers, int) and workers > 0 else AT_ONCE


def make_ready(executor: Executor | None) -> None:
    """Let a pool make its processes while they inherit neither a lock nor a handler of signals.

    Ctrl-C, which reaches every process of a terminal, is left to the driver: a pool of which one dies is broken.
    """
    if executor is None:
        return
    from concurrent.futures import ProcessPoolExecutor  # who uses no executor does not wait for it

    if not isinstance(executor, ProcessPoolExecutor):
        return
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_main else None
    try:
        with suppress(RuntimeError):  # it is broken or shut down, which the first run will tell
            executor.submit(os.getpid)
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


class Boundless(Slots):
    """The shares of what somebody else divides: there is always one."""

    def __init__(self) -> None:
        super().__init__(Capacity((), 0), 0, lambda: 0)

    def take(self, demand: Demand) -> Slot:
        return Slot(())

    def check(self, demand: Demand) -> None:
        """Refuse nothing: what there is nobody here knows."""

    def give_back(self, slot: Slot) -> None:
        """Do nothing: nothing was taken."""

    def most(self, demand: Demand) -> int:
        return AT_ONCE


@dataclass
class _Flight:
    future: Future
    wish: str = ""


@dataclass
class ExecutorEngine:
    """Gives each run to an executor, whose worker runs it as a local launch would.

    The executor stays open: it is the caller's.

    Attributes:
        home: the data directory.
        environ: of the launch.
        limits: the times that a run may take, which its worker watches: waiting for one does not count.
    """

    promises: ClassVar[Promises] = Promises(keeps_time=True)

    executor: Executor
    machine: Machine
    home: Path
    environ: Mapping[str, str]
    limits: Limits
    _flights: dict[Job, _Flight] = field(default_factory=dict)
    _news: threading.Event = field(default_factory=threading.Event)

    def submit(self, job: Job, slot: Slot) -> None:
        """Give a run to the executor.

        Raises:
            LaunchError: it takes none any more.
        """
        lend_run(job)
        try:
            future = self.executor.submit(run_errand, self._errand(job))
        except Exception as error:  # whatever a library raises whose workers are gone
            raise LaunchError(
                f"the executor takes no more runs: {_line(error)}; make a new one, and run again."
            ) from error
        if hasattr(future, "add_done_callback"):
            future.add_done_callback(lambda done: self._news.set())
        self._flights[job] = _Flight(future)

    def _errand(self, job: Job) -> Errand:
        return errand_of(job, self.machine, self.home, self.limits, own_variables(self.environ))

    def poll(self, wait_s: float) -> list[Ended]:
        deadline = time.monotonic() + wait_s
        while not (over := [job for job, flight in self._flights.items() if _is_over(job, flight)]):
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            self._news.wait(min(left, _LOOK_S))
            self._news.clear()
        return [Ended(job, _cause(self._flights.pop(job).future)) for job in over]

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        for job in jobs:
            flight = self._flights.get(job)
            if flight is not None and leave_word(job, flight, now):
                flight.future.cancel()

    def close(self) -> None:
        self.cancel(list(self._flights))
        deadline = time.monotonic() + self.machine.grace_s + _CLOSE_S
        while self._flights and time.monotonic() < deadline:
            self.poll(_LOOK_S)
        self._flights.clear()


def _is_over(job: Job, flight: _Flight) -> bool:
    return flight.future.done() and not at_work(job.run.lock)


def _cause(future: Future) -> Cause:
    from concurrent.futures import CancelledError

    try:
        error = future.exception()
    except CancelledError:
        return Cause(Kind.KILLED, "it was ended before it began")
    if error is not None:
        return Cause(Kind.LOST, f"the executor lost it: {_line(error)}")
    kind, text = future.result()
    return Cause(Kind(kind), text)


def _line(error: BaseException) -> str:
    text = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
