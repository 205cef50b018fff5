"""Runs on this machine: a supervisor of its own for every launch does the work; this is the driver's end of it."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from sweep.launch.causes import Cause, signal_name
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.job import Job, Machine
from sweep.launch.leftovers import clear_rooms, end_marked, new_token
from sweep.launch.namespace import Namespace, find_namespace
from sweep.launch.slots import Slot, slot_environment
from sweep.launch.supervisor.processes import SUPERVISOR
from sweep.launch.supervisor.python import python_argv
from sweep.launch.supervisor.shared_memory import remove_unused
from sweep.launch.supervisor.wire import Config, Wire, pair
from sweep.rundir.status import Kind
from sweep.rundir.supervised import TOKEN_VARIABLE

# How often the screen is brought up to date with the log of a run that is shown.
_TICK_S = 0.05
# A supervisor that is let go has so long, beside the grace of its runs, to end.
_CLOSE_S = 10.0
_CHUNK = 2**20


class LocalEngine:
    """Asks a supervisor to run jobs, and hears from it what has ended.

    Args:
        home: the data directory, whose launches clear up after one another.
        environ: of the driver; a run's is made from it.
        show: is called with what a run prints, as it prints it; None shows nothing.
        find: says how a PID namespace is to be had, if the machine wants one.
        folder: the working directory of the runs; this process's by default.
    """

    promises = Promises()

    def __init__(
        self,
        machine: Machine,
        home: Path = Path(),
        environ: Mapping[str, str] = os.environ,
        show: Callable[[bytes], None] | None = None,
        find: Callable[[bool], Namespace] = find_namespace,
        folder: Path | None = None,
    ) -> None:
        self._machine, self._environ, self._show = machine, environ, show
        self._find_namespace, self._folder = find, folder
        self._token = new_token(home)
        self._running: dict[str, Job] = {}
        self._shown: dict[str, int] = {}
        self._names = map(str, count())
        self._wire: Wire | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._selector = selectors.DefaultSelector()

    def submit(self, job: Job, slot: Slot) -> None:
        name = next(self._names)
        wire = self._wire or self._open()
        self._running[name], self._shown[name] = job, _size(job.run.output)
        message = {
            "do": "start",
            "id": name,
            "dir": str(job.run.path.absolute()),
            "ranks": job.num_cpu,
            "cores": slot.cores,
            "environ": slot_environment(slot, self._machine.threads),
        }
        wire.send(message, [job.lock.descriptor] if job.lock else [])

    def poll(self, wait_s: float) -> list[Ended]:
        events = self._selector.select(min(wait_s, _TICK_S) if self._show else wait_s)
        if self._show:
            for name in self._running:
                self._show_more(name)
        return self._hear() if events else []

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        names = [name for name, job in self._running.items() if job in jobs]
        if self._wire is not None and names:
            self._wire.send({"do": "end", "ids": names, "now": now})

    def close(self) -> None:
        if self._wire is None or self._process is None:
            return
        self._selector.unregister(self._wire)
        self._wire.close()
        try:
            self._process.wait(self._machine.grace_s + _CLOSE_S)
        except subprocess.TimeoutExpired:  # it is stopped, or hangs
            self._process.kill()
            self._process.wait()
            self._clear_up()
        self._wire = self._process = None
        self._running.clear()

    def _open(self) -> Wire:
        self._wire, theirs = pair()
        namespace = self._find_namespace(self._machine.namespace)
        argv = python_argv(str(self._machine.python), f"{SUPERVISOR}.__main__", str(theirs.fileno()))
        self._process = subprocess.Popen(
            [*namespace.words, *argv],
            env={**self._environ, TOKEN_VARIABLE: self._token},
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._configure(self._wire, namespace)
        self._selector.register(self._wire, selectors.EVENT_READ)
        return self._wire

    def _configure(self, wire: Wire, namespace: Namespace) -> None:
        """Tell a new supervisor what it must know; one in a namespace, also how to find its number outside."""
        config = replace(self._config(), note=namespace.note)
        if not namespace.words:
            wire.send(config.message())
            return
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        try:
            wire.send(config.message(), [proc])
        finally:
            os.close(proc)

    def _config(self) -> Config:
        machine, launcher = self._machine, self._machine.launcher
        return Config(
            python=str(machine.python),
            launcher=str(launcher.path) if launcher else "",
            family=launcher.family if launcher else "",
            flags=machine.flags,
            as_root=machine.as_root,
            start=machine.start,
            pin=machine.pin,
            grace_s=machine.grace_s,
            output_limit=machine.output_limit,
            token=self._token,
            shielded=machine.shielded,
        )

    def _hear(self) -> list[Ended]:
        assert self._wire is not None
        message, _ = self._wire.receive()
        if message is None:
            return self._lost()
        name = message["ended"]
        self._show_more(name)
        if message["clear"]:
            remove_unused()
        job = self._running.pop(name)
        return [Ended(job, Cause(Kind(message["kind"]), message["text"]))]

    def _lost(self) -> list[Ended]:
        """Clear up after a supervisor that has died; the next job gets a new one."""
        assert self._wire is not None and self._process is not None
        self._selector.unregister(self._wire)
        self._wire.close()
        code = self._process.wait()
        code = 128 - code if code > 128 else code  # what a shell makes of a signal
        self._wire = self._process = None
        self._clear_up()
        how = f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        lost, self._running = list(self._running.values()), {}
        return [Ended(job, Cause(Kind.LOST, f"the supervisor {how}")) for job in lost]

    def _clear_up(self) -> None:
        """End what a killed supervisor has left behind, and remove its temporary files and shared memory."""
        end_marked(self._token)
        clear_rooms(self._token)
        remove_unused()

    def _show_more(self, name: str) -> None:
        if self._show is None:
            return
        for text in _since(self._running[name].run.output, self._shown[name]):
            self._show(text)
            self._shown[name] += len(text)


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _since(log: Path, offset: int) -> Iterator[bytes]:
    try:
        with log.open("rb") as file:
            file.seek(offset)
            while text := file.read(_CHUNK):
                yield text
    except OSError:
        return
