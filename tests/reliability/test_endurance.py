"""A sweep of many short runs leaves nothing behind that grows: no zombies, descriptors, memory or temporary files."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from loops_drivers import Bench, Driver, gone_within, roles

RUNS = 1000
# What Python's allocator may take meanwhile without anything having been forgotten.
MEMORY = 6 * 2**20
# What the supervisor holds for one run under way: a look may have missed the moment of two.
DESCRIPTORS = 4
_EVERY_S = 0.05
_LASTING = ("driver", "supervisor", "warm")


@dataclass
class Sample:
    """What one process had at one time."""

    done: int
    descriptors: int
    memory: int


@dataclass
class Observer:
    """Looks at a launch again and again.

    Attributes:
        samples: by what the process is.
        zombies: by pid, in how many looks one after another it was one.
        rooms: entries below the temporary directory, by how many runs were done.
    """

    bench: Bench
    driver: Driver
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    zombies: Counter[int] = field(default_factory=Counter)
    rooms: list[int] = field(default_factory=list)

    def look(self) -> None:
        done = sum(1 for _ in self.bench.data.glob("*/*/status.json"))
        found = roles(self.driver.pid)
        for role in _LASTING:
            for pid in found.get(role, [])[:1]:
                self._sample(role, pid, done)
        now = zombies_below([pid for role in _LASTING for pid in found.get(role, [])])
        self.zombies = Counter({pid: self.zombies[pid] + 1 for pid in now})
        self.rooms.append(sum(1 for _ in self.bench.rooms.rglob("*")))

    def _sample(self, role: str, pid: int, done: int) -> None:
        try:
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
            sample = Sample(done, descriptors, memory_of(pid))
        except (OSError, StopIteration):  # it has just ended
            return
        self.samples.setdefault(role, []).append(sample)


def memory_of(pid: int) -> int:
    """Return bytes of resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def zombies_below(parents: list[int]) -> set[int]:
    found = set()
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        try:
            state, parent = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state == "Z" and int(parent) in parents:
            found.add(int(name))
    return found


def grown(samples: list[Sample], what: Callable[[Sample], int]) -> int:
    """Return by how much the highest value of the last tenth is above that of the second one.

    The highest, as the others depend on how many runs a look happens to meet under way.
    """
    early = [what(one) for one in samples if RUNS / 10 <= one.done < RUNS / 5]
    late = [what(one) for one in samples if one.done >= RUNS * 9 / 10]
    assert early and late, f"{len(samples)} samples are too few"
    return max(late) - max(early)


@pytest.mark.limit(300)
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_thousand_runs_leave_nothing_behind_that_grows(home: Path, long: bool, start: str) -> None:
    if start == "spawn" and not long:
        pytest.skip("long: a fresh interpreter for each of a thousand runs")
    bench = Bench(home)
    observer = Observer(bench, bench.start("nothing", runs=RUNS, start=start))
    while not observer.driver.is_over:
        observer.look()
        assert max(observer.zombies.values(), default=0) * _EVERY_S < 1.0, "a process that has ended is not reaped"
        time.sleep(_EVERY_S)
    assert observer.driver.wait() == 0, observer.driver.text
    for role, samples in observer.samples.items():
        assert grown(samples, lambda one: one.descriptors) <= DESCRIPTORS, role
        assert grown(samples, lambda one: one.memory) <= MEMORY, role
        print(role, "memory", grown(samples, lambda one: one.memory), "descriptors", samples[-1].descriptors)
    assert max(observer.rooms) <= 20, "temporary files pile up"
    assert len(bench.done()) == RUNS
    assert gone_within(1.0) == []
    assert list(bench.rooms.iterdir()) == []
