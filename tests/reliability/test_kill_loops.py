"""Drivers, supervisors, launchers and ranks killed at random instants: nothing is lost, nothing is run twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from loops_drivers import Bench, Driver, gone_within
from loops_ledger import Watch

RUNS = 100
LONGEST_S = 0.12
# Nothing outlives a launch by more than this (its runs do not ask for grace).
LEFT_S = 1.0


def kill_at_random(driver: Driver, dice: random.Random) -> bool:
    """Kill a driver within its first seconds; say whether it was there to be killed."""
    deadline = time.monotonic() + dice.uniform(0, 2.0)
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
        if killed == kills:
            assert driver.wait() == 0, driver.text
            break
        if not kill_at_random(driver, dice):
            assert driver.wait() == 0, driver.text
            break
        killed += 1
        left = gone_within(LEFT_S)
        assert not left, f"{LEFT_S} s after kill {killed} there is still {left}"
        watch.look()
    assert watch.faults(RUNS) == {}, f"{bench.home}"
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
