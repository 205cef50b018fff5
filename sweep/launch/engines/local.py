"""Runs on this machine: each a process in a session of its own, on cores of its own, its output in its directory."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.launch.causes import ended_cause
from sweep.launch.command import child_argv, child_environment
from sweep.launch.engines.base import Ended
from sweep.launch.job import Job, Machine
from sweep.launch.process import end_trees
from sweep.launch.slots import Slot

# How often the screen is brought up to date with the log of a run that is shown.
_TICK_S = 0.05


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    shown: int


class LocalEngine:
    """Starts processes and waits for them.

    A process is given no input, and a session of its own, so that Ctrl-C reaches the driver alone, which then ends the
    whole tree. Its output goes straight to a file: no pipe can fill up, or be held open by a grandchild.

    Args:
        environ: of the driver; a run's is made from it.
        show: is called with what a run prints, as it prints it; None shows nothing.
    """

    def __init__(
        self, machine: Machine, environ: Mapping[str, str] = os.environ, show: Callable[[bytes], None] | None = None
    ) -> None:
        self._machine, self._environ, self._show = machine, environ, show
        self._running: dict[Job, _Running] = {}
        self._selector = selectors.DefaultSelector()

    def submit(self, job: Job, slot: Slot) -> None:
        with job.run.output.open("ab") as log:
            before = log.tell()
            process = subprocess.Popen(
                child_argv(job, self._machine),
                env=child_environment(job, self._machine, slot, self._environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _pin(process.pid, slot)
        self._running[job] = _Running(process, before)
        self._selector.register(os.pidfd_open(process.pid), selectors.EVENT_READ, job)

    def poll(self, wait_s: float) -> list[Ended]:
        events = self._selector.select(min(wait_s, _TICK_S) if self._show else wait_s)
        for job in self._running:
            self._show_more(job)
        return [self._ended(key) for key, _ in events]

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        end_trees([self._running[job].process.pid for job in jobs if job in self._running])

    def close(self) -> None:
        self.cancel(list(self._running), now=True)

    def _ended(self, key: selectors.SelectorKey) -> Ended:
        job: Job = key.data
        self._selector.unregister(key.fileobj)
        os.close(key.fd)
        self._show_more(job)
        who = "the process" if job.num_cpu == 1 else "the launcher"
        return Ended(job, ended_cause(self._running.pop(job).process.wait(), who))

    def _show_more(self, job: Job) -> None:
        if self._show is None:
            return
        running = self._running[job]
        text = _since(job.run.output, running.shown)
        if text:
            self._show(text)
            running.shown += len(text)


def _pin(pid: int, slot: Slot) -> None:
    """Keep a process and what it will start on the slot's cores; it has only just been started."""
    if not slot.cores or not hasattr(os, "sched_setaffinity"):
        return
    try:
        os.sched_setaffinity(pid, slot.cores)
    except ProcessLookupError:  # it is gone already
        return


def _since(log: Path, offset: int) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(offset)
            return file.read()
    except OSError:
        return b""
