"""Runs on executors: isolated processes with the contract of a local launch, wherever the executor runs them."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

Tool = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str], Path]

TOY = """
    import os, subprocess, sys, time

    def train(lr, seed=0):
        print("pid", os.getpid(), flush=True)
        with open(f"pid{lr}.{seed}", "a") as file:
            file.write(f"{os.getpid()} {os.getppid()}\\n")
        if lr == 5:
            raise ValueError("five is too much")
        if lr == 7:
            subprocess.Popen(["sleep", "300"])
            time.sleep(300)
        if lr == 9 and len(open(f"pid{lr}.{seed}").readlines()) == 1:
            time.sleep(300)
"""
DRIVER = """
    import sys
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from sweep import ExperimentGrid
    from toy import train

    def dask(workers):
        from distributed import Client, LocalCluster
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        return Client(cluster).get_executor()

    def main(kind, lrs, more):
        make = {"process": ProcessPoolExecutor, "thread": ThreadPoolExecutor, "dask": dask}[kind]
        grid = ExperimentGrid("g")
        grid.add("lr", lrs, in_name=True)
        with make(2) as executor:
            sweep = grid.run(train, engine=executor, **more)
        return sweep.exit_code

    if __name__ == "__main__":
        sys.exit(main(sys.argv[1], eval(sys.argv[2]), eval(sys.argv[3])))
"""
KINDS = ["process", "thread", "dask"]


@pytest.fixture
def toy(write: Write, workplace: Path) -> Path:
    write("toy.py", TOY)
    write("driver.py", DRIVER)
    return workplace


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, need: Callable[[str, bool, str], None]) -> str:
    if request.param == "dask":
        need("dask", importlib.util.find_spec("distributed") is not None, "the package distributed is not installed")
    return str(request.param)


@pytest.fixture
def drive(toy: Path) -> Any:
    """Return a function that starts a driver and does not wait for it; what is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(kind: str, lrs: list[int], **more: Any) -> subprocess.Popen[str]:
        words = [sys.executable, "driver.py", kind, repr(lrs), repr(more)]
        one = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(one)
        return one

    yield start
    for one in started:
        for process in _session(one.pid):
            process.kill()
        one.communicate()


def _session(number: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            found += [process] if os.getsid(process.pid) == number else []
        except OSError:
            continue
    return found


def status(toy: Path, lr: int) -> dict[str, Any]:
    try:
        return dict(json.loads((toy / f"data/g_lr{lr}/g_lr{lr}_s0/status.json").read_text()))
    except (OSError, ValueError):
        return {}


def until(what: Callable[[], Any], limit_s: float = 60.0) -> Any:
    deadline = time.monotonic() + limit_s
    while not (found := what()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
    return found


def pids(toy: Path, lr: int) -> list[tuple[int, int]]:
    """Return the process of each attempt at a run, and the process above it."""
    try:
        lines = (toy / f"pid{lr}.0").read_text().splitlines()
    except OSError:
        return []
    return [(int(pid), int(above)) for pid, above in (line.split() for line in lines)]


def test_every_run_is_a_process_of_its_own_with_its_directory_and_its_cause(toy: Path, drive: Any, kind: str) -> None:
    driver = drive(kind, [1, 2, 5])
    text, _ = driver.communicate(timeout=120)
    assert driver.returncode == 1, text
    assert [status(toy, lr)["state"] for lr in (1, 2, 5)] == ["done", "done", "failed"]
    assert status(toy, 5)["cause"] == "rank 0: ValueError: five is too much"
    assert len({pids(toy, lr)[0][0] for lr in (1, 2, 5)} | {driver.pid}) == 4
    assert "pid " in (toy / "data/g_lr1/g_lr1_s0/output.log").read_text()
    assert "2 runs done, 1 failed" in text
    at_once = "100 runs at once on ClientExecutor" if kind == "dask" else "2 runs at once on "
    assert f"1 rank a run, up to {at_once}" in text


def worker_of(run: int) -> psutil.Process:
    """Return the executor's process that has the supervisor of a run."""
    supervisor = next(
        one for one in psutil.Process(run).parents() if "sweep.launch.supervisor" in " ".join(one.cmdline())
    )
    parent = supervisor.parent()
    assert parent is not None
    return parent


def hangs(toy: Path, lr: int) -> psutil.Process:
    """Return the process of a run that has begun to hang, with a child of its own."""
    until(lambda: pids(toy, lr))
    process = psutil.Process(pids(toy, lr)[-1][0])
    until(process.children)
    return process


def test_a_stopped_driver_ends_its_runs_wherever_they_are(toy: Path, drive: Any, kind: str) -> None:
    driver = drive(kind, [7, 8, 1, 2])
    run = hangs(toy, 7)
    below = run.children()
    until(lambda: all(status(toy, lr).get("state") == "done" for lr in (8, 1, 2)))
    driver.send_signal(signal.SIGTERM)
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 75, text
    assert not any(process.is_running() for process in (run, *below))
    assert (status(toy, 7)["state"], status(toy, 7)["cause"]) == ("interrupted", "stopped by SIGTERM")
    again = drive(kind, [8, 1, 2])
    text, _ = again.communicate(timeout=60)
    assert "3 runs done before" in text


def test_ctrl_c_in_a_terminal_reaches_the_workers_too_and_is_left_to_the_driver(toy: Path, drive: Any) -> None:
    driver = drive("process", [7])
    run = hangs(toy, 7)
    os.killpg(driver.pid, signal.SIGINT)
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 75, text
    assert not run.is_running()
    assert (status(toy, 7)["state"], status(toy, 7)["cause"]) == ("interrupted", "stopped by Ctrl-C"), text


def test_a_run_has_its_ranks_on_an_executor_too(toy: Path, drive: Any, mpi: None) -> None:
    driver = drive("process", [1], num_cpu=2)
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 0, text
    assert len(pids(toy, 1)) == 2


def test_a_killed_driver_takes_its_runs_with_it(toy: Path, drive: Any, kind: str) -> None:
    driver = drive(kind, [7])
    run = hangs(toy, 7)
    below = run.children()
    driver.kill()
    driver.wait()
    until(lambda: not any(process.is_running() for process in (run, *below)))
    until(lambda: status(toy, 7).get("state") == "interrupted")
    assert (status(toy, 7)["kind"], status(toy, 7)["cause"]) == ("lost", "its driver died")


def test_a_run_whose_worker_is_killed_is_lost_and_never_there_twice(toy: Path, drive: Any, need: Any) -> None:
    need("dask", importlib.util.find_spec("distributed") is not None, "the package distributed is not installed")
    driver = drive("dask", [9], retries="lost=1")
    until(lambda: pids(toy, 9))
    first = psutil.Process(pids(toy, 9)[0][0])
    worker_of(first.pid).kill()
    until(lambda: len(pids(toy, 9)) == 2)
    assert not first.is_running()
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 0, text
    assert "trying again: g_lr9 seed 0: the worker that ran it died (2 of 2)" in text
    assert (status(toy, 9)["state"], status(toy, 9)["attempt"]) == ("done", 2)


def test_a_pool_that_breaks_leaves_its_runs_interrupted_and_the_same_again_goes_on(toy: Path, drive: Any) -> None:
    driver = drive("process", [9, 1])
    until(lambda: pids(toy, 9))
    first = psutil.Process(pids(toy, 9)[0][0])
    until(lambda: status(toy, 1).get("state") == "done")
    worker_of(first.pid).kill()
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 75, text
    assert "interrupted: g_lr9 seed 0: the executor lost it: BrokenProcessPool" in text
    assert not first.is_running()
    assert (status(toy, 9)["state"], status(toy, 9)["kind"]) == ("interrupted", "lost")
    again = drive("process", [9, 1])
    text, _ = again.communicate(timeout=60)
    assert again.returncode == 0, text
    assert status(toy, 9)["attempt"] == 2


def test_a_run_is_timed_where_it_runs_and_not_while_it_waits(toy: Path, drive: Any) -> None:
    driver = drive("thread", [7, 7.5, 1], timeout=1.5, parallel=3)
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 1, text
    assert status(toy, 7)["cause"].startswith("timeout: it took longer than 1.5 s")
    assert (status(toy, 7)["kind"], status(toy, 1)["state"]) == ("timeout", "done")
