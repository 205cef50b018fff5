"""Many launches of one grid into one directory at once: each run has exactly one owner."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loops_drivers import Bench, Driver, gone_within, wait_for
from loops_ledger import Watch, lines

Need = Callable[[str, bool, str], None]
LAUNCHES = 20
RUNS = 6
# Long enough that the last launch looks before the first run has ended.
LENGTH_S = 1.5
# The script gets as far as it can, says so, and waits until all others have got there too.
STARTER = """
import os, sys, time
import loops_sweep, loops_thunks, sweep
from sweep import EpochLogger, ExperimentGrid
ready, go = sys.argv[3], sys.argv[4]
open(ready, "w").close()
while not os.path.exists(go):
    time.sleep(0.001)
sys.exit(loops_sweep.main(sys.argv))
"""


def race(bench: Bench, length: float = LENGTH_S, more: float = 0.0, **options: Any) -> list[Driver]:
    """Let many launches loose at once, each of a grid whose runs last `more` seconds longer, and wait for all."""
    waiting, go = bench.home / "waiting", bench.home / "go"
    waiting.mkdir()
    drivers = []
    for number in range(LAUNCHES):
        grid = {"name": f"loop{number}", "length": length + number * more} if more else {"length": length}
        words = bench.words("short", **{"runs": RUNS, **grid, **options})[2:]
        argv = [bench.python, "-c", STARTER, *words, str(waiting / str(number)), str(go)]
        drivers.append(Driver(argv, bench.home, bench.variables()))
    assert wait_for(lambda: len(list(waiting.iterdir())) == LAUNCHES), "not all of them have begun"
    go.touch()
    for driver in drivers:
        driver.wait(60)
    return drivers


def all_runs_once(bench: Bench) -> None:
    """Every run has been started and ended once, and nothing of it is left."""
    assert gone_within(1.0) == []
    assert Watch(bench).faults(RUNS) == {}
    for file in bench.ledger.iterdir():
        words = [line.word for line in lines(file)]
        assert (words.count("start"), words.count("end")) == (1, 1), file.name


@pytest.mark.limit(600)
def test_of_many_launches_at_once_one_runs_everything_and_the_others_name_it(home: Path, long: bool) -> None:
    for number in range(20 if long else 1):
        bench = Bench(home / str(number))
        drivers = race(bench)
        codes = sorted(driver.process.returncode for driver in drivers)
        texts = "\n".join(driver.text for driver in drivers)
        assert "Traceback" not in texts, texts
        assert codes == [0] + [2] * (LAUNCHES - 1), texts
        winner = next(driver for driver in drivers if driver.process.returncode == 0)
        for driver in drivers:
            assert driver is winner or f"is being run by process {winner.pid} on " in driver.text, driver.text
        all_runs_once(bench)


@pytest.mark.limit(600)
def test_many_launches_that_share_run_every_run_once_and_all_end_well(home: Path, long: bool) -> None:
    for number in range(20 if long else 1):
        bench = Bench(home / str(number))
        drivers = race(bench, share=True)
        for driver in drivers:
            assert "Traceback" not in driver.text, driver.text
            assert driver.process.returncode == 0, driver.text
        all_runs_once(bench)
        processes = {line.pid for file in bench.ledger.iterdir() for line in lines(file) if line.word == "start"}
        assert len(processes) == RUNS, "each run has a process of its own"


@pytest.mark.limit(600)
def test_launches_of_different_grids_into_one_directory_leave_one_another_alone(home: Path, long: bool) -> None:
    for number in range(20 if long else 1):
        bench = Bench(home / str(number))
        for driver in race(bench, length=0.2, more=0.001, runs=2):
            assert driver.process.returncode == 0, driver.text
        assert gone_within(1.0) == []
        assert Watch(bench).faults(2 * LAUNCHES) == {}


def test_a_launch_that_clears_up_leaves_alone_what_another_has_made_meanwhile(home: Path, need: Need) -> None:
    need("strace", shutil.which("strace") is not None, "it is not installed")
    bench = Bench(home)
    slowly = ["strace", "-qq", "-o", os.devnull, "-P", str(bench.rooms), "-e", "trace=openat"]
    slowly += ["-e", "inject=openat:delay_enter=4000000"]  # microseconds, before it looks what is there
    words = bench.words("short", runs=1, length=0.1, name="slow")
    slow = Driver([*slowly, *words], home, bench.variables())
    assert wait_for(lambda: (bench.data / ".sweep/slow.lock").exists())
    time.sleep(0.3)
    fast = bench.start("short", runs=8, length=2.0)
    assert fast.wait() == 0, fast.text
    assert slow.wait() == 0, slow.text
    assert Watch(bench).faults(9) == {}


def test_a_launch_that_shares_ends_well_although_another_is_killed_beside_it(home: Path) -> None:
    bench = Bench(home)
    first = bench.start("short", runs=20, length=0.4, share=True, parallel=1)
    second = bench.start("short", runs=20, length=0.4, share=True, parallel=1)
    wait_for(lambda: len(list(bench.ledger.iterdir())) > 5)
    first.kill()
    assert second.wait() in (0, 1, 75), second.text
    assert gone_within(1.0) == []
    last = bench.start("short", runs=20, length=0.4)
    assert last.wait() == 0, last.text
    assert Watch(bench).faults(20) == {}
