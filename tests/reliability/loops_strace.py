"""Faults at chosen system calls, by strace: which ones there are, and what happens at one of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# What changes files, in the words of every architecture that has them.
CALLS = "?open,openat,write,pwrite64,?rename,renameat,?renameat2,?unlink,unlinkat,?mkdir,mkdirat,fsync,ftruncate,fchmod"
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")


@dataclass(frozen=True)
class Point:
    """The `number`-th call of a kind that a process makes.

    Attributes:
        what: the call as strace shows it, to be told in a failure.
    """

    call: str
    number: int
    what: str

    def inject(self, fault: str) -> list[str]:
        """Return the flags of strace that let a fault happen there: 'signal=KILL', 'error=ENOSPC'."""
        return ["-e", f"trace={self.call}", "-e", f"inject={self.call}:{fault}:when={self.number}"]


def listing(log: Path, calls: str = CALLS) -> list[str]:
    """Return the flags that write down every call, with the paths behind descriptors."""
    return ["-y", "-e", f"trace={calls}", "-o", str(log)]


def points(log: Path, folder: Path, calls: Iterable[str] = ()) -> list[Point]:
    """Return the calls of a log that are about files below a folder."""
    counts: Counter[str] = Counter()
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        counts[match[1]] += 1
        if str(folder) in match[2] and (not calls or match[1] in calls):
            found.append(Point(match[1], counts[match[1]], line[:200]))
    return found


def sample(all_points: list[Point], count: int, dice: random.Random) -> list[Point]:
    """Return some of the points in their order: the last one, and others that are drawn."""
    if len(all_points) <= count:
        return all_points
    chosen = {len(all_points) - 1, *dice.sample(range(len(all_points) - 1), count - 1)}
    return [all_points[number] for number in sorted(chosen)]


def injected_below(log: Path, folder: Path) -> bool:
    """Say whether the fault of a log was about a file below a folder."""
    lines = log.read_text(errors="replace").splitlines()
    return any("(INJECTED)" in line and str(folder) in line for line in lines)
