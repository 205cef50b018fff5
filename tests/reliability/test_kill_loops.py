"""Drivers, supervisors, launchers and ranks killed at random instants: nothing is lost, nothing is run twice."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from loops_drivers import Bench, Driver, gone_within, roles, tell, wait_for
from loops_ledger import Watch, lines

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher

ROOT = Path(__file__).parents[2]
RUNS = 100
LONGEST_S = 0.12
# Nothing outlives a launch by more than this (its runs do not ask for grace).
LEFT_S = 1.0
MPI_RUNS = 12
RETRIES = {"lost": 9, "killed": 9}

Need = Callable[[str, bool, str], None]


# -- the driver, over runs of one rank


def kill_at_random(driver: Driver, dice: random.Random) -> bool:
    """Kill a driver within its first second; say whether it was there to be killed."""
    deadline = time.monotonic() + dice.uniform(0, 1.2)
    while time.monotonic() < deadline and not driver.is_over:
        time.sleep(0.005)
    was_there = not driver.is_over
    driver.kill()
    return was_there


def sweep_with_kills(bench: Bench, kills: int, dice: random.Random) -> int:
    """Run one sweep to its end and return how often its driver was killed on the way."""
    watch, killed = Watch(bench), 0
    while True:
        driver = bench.start("short", runs=RUNS, length=LONGEST_S)
        if killed == kills or not kill_at_random(driver, dice):
            assert driver.wait() == 0, driver.text
            break
        killed += 1
        left = gone_within(LEFT_S)
        assert not left, f"{LEFT_S} s after kill {killed} there is still {left}"
        watch.look()
    assert watch.faults(RUNS) == {}, f"{bench.home}"
    assert list(bench.data.rglob("payload.pkl")) == [], "a run that is done keeps no payload"
    return killed


@pytest.mark.limit(600)
def test_a_sweep_whose_driver_is_killed_again_and_again_runs_every_run_once(
    home: Path, long: bool, dice: random.Random
) -> None:
    wanted, killed, sweeps = 200 if long else 40, 0, 0
    while killed < wanted:
        sweeps += 1
        killed += sweep_with_kills(Bench(home / str(sweeps)), wanted - killed, dice)
    print(f"{killed} kills, {sweeps} sweeps of {RUNS} runs")


def test_a_driver_started_while_the_last_one_is_being_cleared_up_waits_or_names_the_holder(
    home: Path, long: bool, dice: random.Random
) -> None:
    bench = Bench(home)
    watch = Watch(bench)
    for _ in range(30 if long else 4):
        driver = bench.start("short", runs=RUNS, length=LONGEST_S)
        wait_for(lambda driver=driver: with_lines(bench) or driver.is_over)
        time.sleep(dice.uniform(0, 0.3))
        driver.kill()
        again = bench.start("short", runs=RUNS, length=LONGEST_S, dry_run=True)
        assert again.wait() in (0, 2), again.text
        assert "Traceback" not in again.text
        assert again.wait() == 0 or "is being run by process" in again.text
        gone_within(LEFT_S)
        watch.look()
    last = bench.start("short", runs=RUNS, length=LONGEST_S)
    assert last.wait() == 0, last.text
    assert watch.faults(RUNS) == {}


def with_lines(bench: Bench) -> bool:
    return any(bench.ledger.iterdir())


# -- everything, over runs of several ranks


TARGETS = {
    "mpich": ("driver", "supervisor", "warm", "mpiexec", "proxy", "rank", "driver and supervisor"),
    "openmpi": ("driver", "supervisor", "warm", "mpiexec", "rank", "driver and supervisor"),
}


class MpiKills:
    """Launches of one sweep, whose processes are killed one after another."""

    def __init__(self, bench: Bench, dice: random.Random, family: str) -> None:
        self._bench, self._dice = bench, dice
        self._watch, self._targets = Watch(bench), list(TARGETS[family])
        self.killed: list[str] = []

    def run(self, kills: int) -> None:
        while len(self.killed) < kills and len(self._bench.done()) < MPI_RUNS:
            self._launch(kills)
        last = self._start()
        assert last.wait(120) == 0, f"{self.killed}\n{last.text}"
        assert gone_within(LEFT_S) == []

    def faults(self) -> dict[str, object]:
        found = self._watch.faults(MPI_RUNS)
        if shared := self._shared_memory():
            found["shared memory"] = shared
        if rooms := sorted(os.listdir(self._bench.rooms)):  # noqa: PTH208
            found["rooms"] = rooms
        return found

    def _start(self) -> Driver:
        return self._bench.start(
            "two_ranks", runs=MPI_RUNS, length=0.8, num_cpu=2, retries=RETRIES, retry_failed=True, parallel=2
        )

    def _launch(self, kills: int) -> None:
        """Start a driver and kill about it until it is hit itself, or nothing is left to do."""
        driver, before = self._start(), len(self.killed)
        while len(self.killed) < kills and not driver.is_over:
            time.sleep(self._dice.uniform(0, 1.0))
            target = self._next()
            if not self._kill(driver, target):
                continue
            self.killed.append(target)
            if "driver" in target:
                driver.process.wait()
                break
        else:
            driver.wait(120)
        here = self.killed[before:]
        if here[-1:] == ["driver"] and here[-2:-1] != ["supervisor"]:  # which it may not yet have cleared up after
            assert gone_within(LEFT_S, self._bench.launches) == [], f"left after {self.killed}"
        self._watch.look()

    def _next(self) -> str:
        """Return the next target: each as often as any other, in an order that is drawn."""
        round_ = len(self.killed) % len(self._targets)
        if round_ == 0:
            self._dice.shuffle(self._targets)
        return self._targets[round_]

    def _kill(self, driver: Driver, target: str) -> bool:
        """Kill a target as soon as it is there; say whether it ever was."""
        wanted = target.split(" and ")
        found = wait_for(lambda: driver.is_over or (set(wanted) <= (now := roles(driver.pid)).keys() and now), 5)
        if not isinstance(found, dict):
            return False
        hit = [tell(self._dice.choice(found[role])) for role in wanted]
        return all(hit)

    def _shared_memory(self) -> list[str]:
        """Return the shared memory that ranks had and that nobody has removed."""
        events = [line for file in self._bench.ledger.iterdir() for line in lines(file)]
        return sorted({name for line in events if line.word == "start" for name in line.more if Path(name).exists()})


def kill_around_mpi(bench: Bench, kills: int, dice: random.Random, family: str) -> None:
    sweeps, killed = 0, 0
    while killed < kills:
        sweeps += 1
        loop = MpiKills(Bench(bench.home / str(sweeps), bench.python), dice, family)
        loop.run(kills - killed)
        killed += len(loop.killed)
        assert loop.faults() == {}, f"after {loop.killed} in {bench.home / str(sweeps)}"
    print(f"{killed} kills, {sweeps} sweeps of {MPI_RUNS} runs")


@pytest.mark.mpi
@pytest.mark.limit(900)
def test_whatever_process_of_a_sweep_over_mpich_is_killed_nothing_is_left_or_lost(
    home: Path, long: bool, dice: random.Random, need: Need
) -> None:
    try:
        launcher = find_launcher(None, os.environ)
    except MpiError as error:
        need("mpi", False, str(error))
    need("mpich", launcher.family == "mpich", f"{launcher.path} is of {launcher.family}")
    kill_around_mpi(Bench(home, sys.executable), 60 if long else 8, dice, "mpich")


@pytest.mark.mpi
@pytest.mark.limit(900)
def test_whatever_process_of_a_sweep_over_open_mpi_is_killed_nothing_is_left_or_lost(
    home: Path, long: bool, dice: random.Random, need: Need
) -> None:
    python = ROOT / ".venv-openmpi/bin/python"
    need("openmpi", python.exists(), "no environment with Open MPI; make it with: python3 make.py openmpi")
    need("long", long, "the long form of the reliability tests: SWEEP_TEST_LONG=1")
    kill_around_mpi(Bench(home, str(python)), 60, dice, "openmpi")
