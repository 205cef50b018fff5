"""Processes ended with all that they started, and the signals that ask the driver to stop."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import psutil

# Between asking a process to end and ending it.
GRACE_S = 5.0


class Stopped(KeyboardInterrupt):
    """The person, or the system, asked the driver to stop."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop the driver as Ctrl-C does, so that it can end its runs first."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not the main thread: signals are somebody else's business
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_trees(pids: Iterable[int], grace_s: float = GRACE_S) -> None:
    """End processes and all their descendants: ask, wait, kill."""
    trees = [process for pid in pids for process in _tree(pid)]
    for process in trees:
        _signal(process, signal.SIGTERM)
    for process in _alive_after(trees, grace_s):
        _signal(process, signal.SIGKILL)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive_after(processes: Iterable[psutil.Process], grace_s: float) -> list[psutil.Process]:
    """Wait for processes to end, and return those that have not when the time is over.

    psutil's own wait would reap our children, whose exit codes then nobody could tell.
    """
    deadline = time.monotonic() + grace_s
    with selectors.DefaultSelector() as selector:
        for process in processes:
            try:
                selector.register(os.pidfd_open(process.pid), selectors.EVENT_READ, process)
            except ProcessLookupError:
                continue
        while selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                selector.unregister(key.fileobj)
                os.close(key.fd)
        alive = list(selector.get_map().values())
        for key in alive:
            os.close(key.fd)
        return [key.data for key in alive]


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
