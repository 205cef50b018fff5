"""Sweeps that are stopped: by Ctrl-C, by signals, by a terminal or a pipe that goes away."""

from __future__ import annotations

import os
import random
import re
import shlex
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from loops_drivers import Bench, Driver, gone_within, roles, tell, wait_for
from loops_ledger import Watch, lines
from loops_terminal import CTRL_C, Terminal

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher

RUNS = 4
STOPPED = 75
Need = Callable[[str, bool, str], None]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home)


def started(bench: Bench, count: int = 2) -> bool:
    """Say whether so many runs have begun."""
    return wait_for(lambda: len(list(bench.ledger.iterdir())) >= count)


def words_of(bench: Bench, word: str) -> int:
    return sum(line.word == word for file in bench.ledger.iterdir() for line in lines(file))


def check_stopped(bench: Bench, text: str, cause: str) -> None:
    """What ran is interrupted and says why, nothing is left, and no mistake of ours is shown."""
    assert gone_within(1.0) == []
    assert "Traceback" not in text, text
    statuses = bench.statuses()
    ran = [statuses[file.name] for file in bench.ledger.iterdir()]
    assert [one["state"] for one in ran] == ["interrupted"] * len(ran), text
    assert all(re.search(cause, one["cause"]) for one in ran), ran
    assert {one["state"] for one in statuses.values()} <= {"interrupted", "pending"}


def check_goes_on(bench: Bench, thunk: str) -> None:
    """The same command does the rest, each run once."""
    (bench.home / "go").touch()
    again = bench.start(thunk, runs=RUNS)
    assert again.wait() == 0, again.text
    assert Watch(bench).faults(RUNS) == {}


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_runs_and_the_same_command_goes_on(bench: Bench, number: int) -> None:
    driver = bench.start("patient", runs=RUNS)
    assert started(bench)
    tell(driver.pid, number)
    assert driver.wait() == STOPPED, driver.text
    check_stopped(bench, driver.text, "stopped by")
    check_goes_on(bench, "patient")


def test_ctrl_c_ends_the_runs_and_the_same_command_goes_on(bench: Bench) -> None:
    screen = Terminal(bench.words("patient", runs=RUNS), bench.home, bench.variables())
    assert started(bench)
    screen.press(CTRL_C)
    assert screen.wait() == STOPPED, screen.text
    check_stopped(bench, screen.text, "stopped by Ctrl-C")
    assert "run the same again to go on" in screen.text
    check_goes_on(bench, "patient")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_does_not_wait_for_runs_that_take_their_time(bench: Bench, number: int) -> None:
    bench.environ = {"SWEEP_GRACE": "600"}
    driver = bench.start("deaf", runs=RUNS)
    assert started(bench)
    tell(driver.pid, number)
    time.sleep(0.3)
    assert not driver.is_over, "the runs have their grace"
    tell(driver.pid, number)
    assert driver.wait() == 128 + number, driver.text
    check_stopped(bench, driver.text, "stopped by")
    check_goes_on(bench, "deaf")


def test_ctrl_c_twice_ends_everything_at_once(bench: Bench) -> None:
    bench.environ = {"SWEEP_GRACE": "600"}
    screen = Terminal(bench.words("deaf", runs=RUNS), bench.home, bench.variables())
    assert started(bench)
    screen.press(CTRL_C)
    screen.read(0.3)
    screen.press(CTRL_C)
    assert screen.wait() == 128 + signal.SIGINT, screen.text
    check_stopped(bench, screen.text, "stopped by Ctrl-C")
    check_goes_on(bench, "deaf")


def test_a_run_that_saves_when_it_is_asked_to_stop_is_given_the_time(bench: Bench) -> None:
    bench.environ = {"SWEEP_GRACE": "20"}
    driver = bench.start("saving", runs=RUNS)
    assert started(bench)
    tell(driver.pid, signal.SIGTERM)
    assert driver.wait() == STOPPED, driver.text
    assert words_of(bench, "saved") == words_of(bench, "start") == 2
    check_stopped(bench, driver.text, "stopped by SIGTERM")


def test_a_run_that_saves_is_given_the_time_when_its_driver_is_killed_too(bench: Bench) -> None:
    bench.environ = {"SWEEP_GRACE": "20"}
    driver = bench.start("saving", runs=RUNS)
    assert started(bench)
    driver.kill()
    assert gone_within(10) == []
    assert words_of(bench, "saved") == words_of(bench, "start") == 2
    check_stopped(bench, driver.text, "driver died")


def test_a_run_that_does_not_listen_is_killed_after_the_grace(bench: Bench) -> None:
    bench.environ = {"SWEEP_GRACE": "0.5"}
    driver = bench.start("deaf", runs=RUNS)
    assert started(bench)
    tell(driver.pid, signal.SIGTERM)
    assert driver.wait() == STOPPED, driver.text
    check_stopped(bench, driver.text, "stopped by SIGTERM")
    check_goes_on(bench, "deaf")


def test_a_driver_that_is_frozen_for_a_while_goes_on(bench: Bench) -> None:
    driver = bench.start("short", runs=20, length=0.2)
    assert started(bench)
    tell(driver.pid, signal.SIGSTOP)
    time.sleep(1.0)
    tell(driver.pid, signal.SIGCONT)
    assert driver.wait() == 0, driver.text
    assert Watch(bench).faults(20) == {}


def test_a_supervisor_that_is_frozen_for_a_while_goes_on(bench: Bench) -> None:
    driver = bench.start("short", runs=20, length=0.2)
    assert started(bench)
    supervisor = roles(driver.pid)["supervisor"][0]
    tell(supervisor, signal.SIGSTOP)
    time.sleep(1.0)
    tell(supervisor, signal.SIGCONT)
    assert driver.wait() == 0, driver.text
    assert Watch(bench).faults(20) == {}


@pytest.mark.parametrize("where", ["2>said.txt | head -1", "2>&1 | head -1", "2>said.txt | true"])
def test_a_reader_that_goes_away_does_not_stop_the_sweep(bench: Bench, where: str) -> None:
    command = f"{shlex.join(bench.words('short', runs=8, length=0.2))} {where}; echo ${{PIPESTATUS[0]}} > code"
    shell = Driver(["bash", "-c", command], bench.home, bench.variables())
    shell.wait()
    assert (bench.home / "code").read_text() == "0\n"
    said = bench.home / "said.txt"
    assert not said.exists() or not re.search("Traceback|BrokenPipe|Exception ignored", said.read_text()), (
        said.read_text()
    )
    assert Watch(bench).faults(8) == {}


@pytest.mark.parametrize("errors", [None, "said.txt"])
def test_a_terminal_that_is_closed_ends_the_runs_as_sighup_does(bench: Bench, errors: str | None) -> None:
    stderr = None if errors is None else bench.home / errors
    screen = Terminal(bench.words("patient", runs=RUNS), bench.home, bench.variables(), stderr)
    assert started(bench)
    screen.read(0.2)
    screen.close()
    assert screen.wait() == STOPPED
    check_stopped(bench, "" if stderr is None else stderr.read_text(), "stopped by SIGHUP")
    check_goes_on(bench, "patient")


def test_under_nohup_a_closed_terminal_stops_nothing(bench: Bench) -> None:
    words = ["nohup", *bench.words("patient", runs=RUNS)]
    screen = Terminal(words, bench.home, bench.variables())
    assert started(bench)
    screen.close()
    time.sleep(0.3)
    (bench.home / "go").touch()
    assert screen.wait() == 0
    assert Watch(bench).faults(RUNS) == {}


@pytest.mark.limit(600)
def test_a_sweep_that_is_stopped_at_any_instant_can_be_gone_on_with(
    home: Path, long: bool, dice: random.Random
) -> None:
    bench = Bench(home)
    watch = Watch(bench)
    for _ in range(50 if long else 6):
        number = dice.choice(SIGNALS)
        driver = bench.start("short", runs=40, length=0.2)
        wait_for(lambda driver=driver: "Preparing" in driver.text or driver.is_over)
        time.sleep(dice.uniform(0, 1.0))
        if driver.is_over:
            break
        tell(driver.pid, number)
        assert driver.wait() in (STOPPED, 0), f"{signal.Signals(number).name}: {driver.text}"
        assert "Traceback" not in driver.text, driver.text
        assert gone_within(1.0) == []
        watch.look()
    last = bench.start("short", runs=40, length=0.2)
    assert last.wait() == 0, last.text
    assert watch.faults(40) == {}


@pytest.mark.mpi
@pytest.mark.parametrize("instant", ["before its ranks are there", "while its ranks run"])
def test_runs_of_several_ranks_that_do_not_save_are_not_waited_for(home: Path, need: Need, instant: str) -> None:
    try:
        find_launcher(None, os.environ)
    except MpiError as error:
        need("mpi", False, str(error))
    bench = Bench(home)
    bench.environ = {"SWEEP_GRACE": "600"}
    driver = bench.start("two_ranks", runs=RUNS, length=1.0, num_cpu=2)
    if instant == "while its ranks run":
        assert started(bench)
    else:
        assert wait_for(lambda: "mpiexec" in roles(driver.pid))
    tell(driver.pid, signal.SIGTERM)
    assert driver.wait() == STOPPED, driver.text
    assert gone_within(1.0) == []
    assert "Traceback" not in driver.text
    again = bench.start("two_ranks", runs=RUNS, length=1.0, num_cpu=2)
    assert again.wait() == 0, again.text
    assert Watch(bench).faults(RUNS) == {}
