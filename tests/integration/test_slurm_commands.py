"""The commands that are given later, about runs that a real Slurm has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slurm_cluster import Cluster

from .conftest import Finished

TRAIN = """
    import time
    from pathlib import Path

    def train(seed=0, run=None):
        print("begun", seed, flush=True)
        if seed == 1 and not Path("mended").exists():
            raise ValueError("not mended")
        state = {"epoch": 0}
        if run is not None:
            run.state(model=state)
            for epoch in run.epochs(400 if seed == 2 else 2):
                state["epoch"] = epoch
                time.sleep(0.1)
                run.logger.log_tabular("Epoch", epoch)
                run.logger.dump_tabular()
"""
GRID = """
    sweep: 1
    name: g
    run: {engine: slurm}
    thunk: mine:train
    grid:
      seed: [0, 1, 2]
"""
Sweep = Callable[..., Finished]
LIMIT_S = 60


@pytest.fixture
def sweep(cluster: Cluster, write: Callable[[str, str], Path], workplace: Path) -> Sweep:
    """Return a function that runs the command in a directory with a grid of three runs; the last one is long."""
    write("mine.py", TRAIN)
    write("grid.yaml", GRID)

    def run(*words: str) -> Finished:
        return subprocess.run(
            [sys.executable, "-m", "sweep", *words],
            cwd=workplace,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def status(sweep: Sweep) -> Callable[[], dict[str, Any]]:
    def ask() -> dict[str, Any]:
        told: dict[str, Any] = json.loads(sweep("status", "--json", "data").stdout)
        return told

    return ask


def test_what_was_submitted_is_looked_at_stopped_and_gone_on_with(
    sweep: Sweep, status: Callable[[], dict[str, Any]], cluster: Cluster, workplace: Path
) -> None:
    assert sweep("run", "grid.yaml").returncode == 0
    assert sweep("logs", "-f", "data/g/g_s0").stdout.startswith("begun 0\n")
    cluster.until(lambda: (workplace / "data/g/g_s2/progress.txt").exists())
    cluster.until(lambda: status()["done"] == 1)
    told = status()
    assert (told["failed"], told["running"], told["exit_code"]) == (1, 1, 1)
    again = sweep("run", "grid.yaml")
    assert "1 run with Slurm already, not submitted again" in again.stdout
    here = sweep("run", "--engine", "local", "grid.yaml")
    assert "1 run with Slurm already, left to it" in here.stdout
    waited = sweep("wait", "--timeout", "1s", "data")
    assert (waited.returncode, waited.stdout.splitlines()[0]) == (2, "still with Slurm: 1 run")
    stopped = sweep("stop", "data")
    assert (stopped.returncode, stopped.stdout) == (0, "stopped: 1 run with Slurm; the same command goes on\n")
    told = status()
    assert (told["interrupted"], told["gone"][0]["cause"]) == (1, "stopped with `sweep stop`")
    (workplace / "mended").touch()
    tried = sweep("retry", "--engine", "slurm", "data")
    assert (tried.returncode, tried.stdout.startswith("1 failed run, submitted to Slurm: job ")) == (0, True)
    assert sweep("retry", "--engine", "slurm", "data").stdout == "nothing has failed under data\n"
    assert sweep("wait", "data").stdout == "3 runs under data: 2 done, 1 interrupted\n"


def test_what_waits_in_the_queue_is_told_with_the_reason_and_cancelled(
    sweep: Sweep, status: Callable[[], dict[str, Any]], cluster: Cluster
) -> None:
    assert sweep("run", "--slurm", "directives=--hold", "grid.yaml").returncode == 0
    told = status()
    assert (told["queued"], told["queued_runs"][0]["reason"]) == (3, "JobHeldUser")
    number = told["queued_runs"][0]["job"].partition("_")[0]
    cluster.run("scancel", f"{number}_1")
    cluster.until(lambda: status()["gone"])
    told = status()
    assert (told["queued"], told["gone"][0]["cause"]) == (2, f"Slurm job {number}_1 was cancelled before it had begun")
    assert sweep("stop", "data").stdout.startswith("stopped: 2 runs with Slurm")
    told = status()
    other = [one["cause"] for one in told["gone"] if one["cause"] != "stopped with `sweep stop`"]
    assert len(other) == 1  # by whom, accounting says a moment later
    assert "was cancelled" in other[0]
    assert "queued" not in sweep("status", "data").stdout
