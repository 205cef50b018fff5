"""Starts ranks: forked from the warm process where that is safe, else as fresh interpreters."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sweep.base.mpi_command import THREAD_VARIABLES
from sweep.launch.supervisor.processes import die_with_parent, tell
from sweep.launch.supervisor.python import python_argv
from sweep.launch.supervisor.wire import Config, Wire, pair
from sweep.rundir.supervised import CHILD_MODULE, NO_RUN, RUN_VARIABLE, SUPERVISED_VARIABLE, WARM_MODULE

# A warm process that has died is replaced so often.
_REPLACEMENTS = 3
# One that has said nothing for so long, though it is waited for, does not answer any more.
_ANSWER_S = 5.0


@dataclass(frozen=True)
class Task:
    """One rank to be started.

    Attributes:
        key: names it in both directions.
        directory: of its run.
        ranks: of its run.
        cores: it may use; empty for all.
        environ: variables beyond those of the supervisor.
        output: a descriptor for what it prints.
    """

    key: str
    directory: Path
    ranks: int
    cores: tuple[int, ...]
    environ: Mapping[str, str]
    output: int


@dataclass(frozen=True)
class Spare:
    """A process that the warm one has forked, and that waits on a connection to hear which rank it is."""

    pid: int
    wire: Wire


class Events(Protocol):
    """Who is told what becomes of ranks."""

    def rank_starts(self, key: str, way: str, note: str) -> Mapping[str, Any]:
        """Hear that a rank is about to begin, by fork or spawn, and why so if one would not expect it.

        Returns the run's completion record, see `sweep.rundir.status.Completion`.
        """

    def rank_started(self, key: str, pid: int) -> None:
        """Hear that a rank is there."""

    def rank_ended(self, key: str, code: int, peak: int) -> None:
        """Hear that a forked rank is gone: its exit code, negative for a signal, and the most memory it had."""

    def rank_lost(self, key: str, why: str) -> None:
        """Hear that a rank could not be started, or went down with the warm process."""


class Starter:
    """Starts ranks as its configuration says, and owns the warm process."""

    def __init__(self, config: Config, events: Events) -> None:
        self._config, self._events = config, events
        self._spawn_note: str | None = "" if config.start == "spawn" else None
        self._fork_note = ""
        self._wire: Wire | None = None
        self._loaded = False
        self._waiting: list[Task] = []
        self._spares: deque[Spare] = deque()
        self._forked: dict[int, Task] = {}
        self._quiet_since = 0.0  # from when on the warm process has been waited for, and has said nothing
        self._deaths = 0
        self.warm_pid = 0

    @property
    def wire(self) -> Wire | None:
        """The connection to the warm process, to be watched; None without one."""
        return self._wire

    def start(self, task: Task) -> None:
        """Start a rank, now or when a process is ready for it; one that cannot be started is lost."""
        try:
            self._start(task)
        except OSError as error:  # a full disk, no more processes
            self._events.rank_lost(task.key, f"it cannot be started: {error.strerror}")

    def _start(self, task: Task) -> None:
        if self._spawn_note is not None:
            self._spawn(task, self._spawn_note)
            return
        while self._loaded and self._spares:
            if self._fork(task, self._spares.popleft()):
                return
        if self._wire is None and not self.warm_pid:  # one that is dying is told of first
            self._open(task)
        if not self._waiting:
            self._quiet_since = time.monotonic()
        self._waiting.append(task)

    def forget(self, key: str) -> bool:
        """Take back a rank that still waits; a warm process that it has waited for in vain is ended.

        Returns:
            Whether it had still waited.
        """
        left = [task for task in self._waiting if task.key != key]
        if len(left) == len(self._waiting):
            return False
        self._waiting = left
        if not self._loaded or time.monotonic() - self._quiet_since > _ANSWER_S:
            tell(self.warm_pid, signal.SIGKILL)
        return True

    def hear(self) -> None:
        """Take a message of the warm process."""
        assert self._wire is not None
        self._quiet_since = time.monotonic()
        message, given = self._wire.receive()
        if message is None:
            self._wire.close()
            self._wire = None
            tell(self.warm_pid, signal.SIGKILL)  # if it is not dead yet
        elif "objection" in message:
            self._ready(message["objection"])
        elif "code" in message:
            self._ended(message["pid"], message["code"], message["peak"])
        elif given:  # else there is no room for a descriptor; the process hears that nobody wants it
            self._spares.append(Spare(message["pid"], Wire(socket.socket(fileno=given[0]))))
            self._start_waiting()

    def _ended(self, pid: int, code: int, peak: int) -> None:
        task = self._forked.pop(pid, None)
        if task is not None:
            self._events.rank_ended(task.key, code, peak)
            self._place_a_spare(task.cores)
            return
        for spare in [spare for spare in self._spares if spare.pid == pid]:  # it was killed while it waited
            self._spares.remove(spare)
            spare.wire.close()
        self._ask_for_a_spare()

    def _place_a_spare(self, cores: Sequence[int]) -> None:
        """Let a spare process wait where a rank has ended: the next is likely to go there, and a move takes long."""
        if self._spares and cores:
            with suppress(OSError):  # it was killed, or a core is not ours any more
                os.sched_setaffinity(self._spares[0].pid, cores)

    def _ask_for_a_spare(self) -> None:
        if self._wire is not None:
            self._wire.send({})

    def warm_ended(self, how: str) -> None:
        """Hear that the warm process is gone, and with it every rank that it had forked.

        Args:
            how: in words: 'was killed by SIGKILL'.
        """
        had_loaded, self._loaded = self._loaded, False  # nothing is started on what dies with it
        while self._wire is not None and select.select([self._wire], [], [], 0)[0]:
            self.hear()
        if self._wire is not None:  # a process that the import has started holds the other end
            self._wire.close()
            self._wire = None
        self.warm_pid = 0
        self._deaths += 1
        while self._spares:
            self._spares.pop().wire.close()
        forked, self._forked = self._forked, {}
        for task in sorted(forked.values(), key=lambda task: task.key):
            self._events.rank_lost(task.key, f"the warm process {how}")
        if not (had_loaded or self._loaded) or self._deaths > _REPLACEMENTS:
            self._spawn_note = f"the warm process {how}"
        self._loaded = False
        self._start_waiting()

    def _open(self, task: Task) -> None:
        self._wire, theirs = pair()
        ranks = max(task.ranks, 2 if self._config.launcher else 1)  # later runs may have more
        words = [str(theirs.fileno()), str(ranks), str(task.directory), str(os.getpid())]
        process = subprocess.Popen(
            python_argv(self._config.python, WARM_MODULE, *words),
            env={**os.environ, **_for_all(task.environ), RUN_VARIABLE: NO_RUN},
            stdin=subprocess.DEVNULL,
            stdout=task.output,
            stderr=task.output,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self.warm_pid = process.pid
        process.returncode = 0  # it is reaped with all other children, not by this object

    def _ready(self, objection: str) -> None:
        self._loaded = True
        if objection and self._config.start == "auto":
            self._spawn_note = f"not forked: {objection}"
        elif objection:
            self._fork_note = f"forked as asked, though {objection}"
        self._start_waiting()

    def _start_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            self.start(task)

    def _fork(self, task: Task, spare: Spare) -> bool:
        """Let a spare process become a rank, which makes itself ready while the run is marked as begun.

        Returns:
            False if it has been killed.
        """
        message = {"dir": str(task.directory), "cores": task.cores, "environ": dict(task.environ)}
        if not spare.wire.send(message, [task.output]):
            spare.wire.close()
            return False
        self._forked[spare.pid] = task
        self._events.rank_started(task.key, spare.pid)
        try:
            spare.wire.send(dict(self._events.rank_starts(task.key, "fork", self._fork_note)))
        finally:
            spare.wire.close()
            self._ask_for_a_spare()
        return True

    def _spawn(self, task: Task, note: str) -> None:
        self._events.rank_starts(task.key, "spawn", note)

        def prepare() -> None:
            die_with_parent()
            if task.cores:
                os.sched_setaffinity(0, task.cores)

        process = subprocess.Popen(
            python_argv(self._config.python, CHILD_MODULE, str(task.directory)),
            env={**os.environ, **task.environ, SUPERVISED_VARIABLE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=task.output,
            stderr=task.output,
            start_new_session=True,
            preexec_fn=prepare,  # this process has one thread, so that this is safe
        )
        process.returncode = 0  # as above
        self._events.rank_started(task.key, process.pid)


def _for_all(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what libraries read when they are loaded: how many threads to use, which is the same in all runs."""
    return {name: environ[name] for name in THREAD_VARIABLES if name in environ}
