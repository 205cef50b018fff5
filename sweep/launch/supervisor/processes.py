"""Processes as /proc shows them: who is whose child, what they were given, what they are doing."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUPERVISOR = "sweep.launch.supervisor"
_PROC = Path("/proc")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


@dataclass(frozen=True)
class Process:
    """A line of the process table.

    Attributes:
        state: one letter, of proc(5): R, S, D, Z, T ...
    """

    pid: int
    state: str
    parent: int
    session: int


def table() -> dict[int, Process]:
    """Return every process by its pid."""
    found = (read(int(folder.name)) for folder in _PROC.iterdir() if folder.name.isdecimal())
    return {process.pid: process for process in found if process}


def read(pid: int) -> Process | None:
    """Return one process, None if it is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    state, parent, _, session = text.rpartition(")")[2].split()[:4]  # the name before may hold anything
    return Process(pid, state, int(parent), int(session))


def below(roots: Iterable[int], processes: dict[int, Process]) -> set[int]:
    """Return roots that are there and all that descends from them, without those that have ended already."""
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [root for root in roots if root in processes]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return {pid for pid in found if processes[pid].state not in "ZX"}


def children() -> list[int]:
    """Return the children of this process, ended ones too."""
    us = os.getpid()
    try:
        return [int(word) for word in (_PROC / f"self/task/{us}/children").read_text().split()]
    except OSError:  # a kernel without this file
        return [process.pid for process in table().values() if process.parent == us]


def has_children(pid: int) -> bool | None:
    """Say whether a process has a child that lives; None where the kernel does not tell."""
    count = count_children(pid)
    return None if count is None else count > 0


def count_children(pid: int) -> int | None:
    """Return how many living children a process has; None where the kernel does not tell."""
    try:
        files = [task / "children" for task in (_PROC / str(pid) / "task").iterdir()]
        found = [read(int(word)) for file in files for word in file.read_text().split()]
    except OSError:
        return None
    return sum(process is not None and process.state not in "ZX" for process in found)


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with; empty if it is gone or not ours to look at."""
    try:
        text = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    words = (word.decode(errors="surrogateescape").partition("=") for word in text.split(b"\0"))
    return {name: value for name, equals, value in words if equals}


def command_line(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def supervises(pid: int) -> bool:
    """Say whether a process is a supervisor, or what stands between one in a PID namespace and its driver."""
    return any(SUPERVISOR in word for word in command_line(pid))


def ours() -> Iterator[int]:
    """Yield the processes of this user."""
    us = os.geteuid()
    for folder in _PROC.iterdir():
        try:
            if folder.name.isdecimal() and folder.stat().st_uid == us:
                yield int(folder.name)
        except OSError:
            continue


def tell(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone, or that was never there: 0 is no process, but one's own group."""
    try:
        if pid > 0:
            os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it ends; to be called before exec."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
