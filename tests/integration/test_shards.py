"""Parts of a grid launched at once, as the jobs of an array do: real processes, one data directory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tool = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str], Path]

TOY = """
    import os

    def train(lr, seed=0):
        with open("ledger", "a") as ledger:
            ledger.write(f"{lr} {seed}\\n")
"""
GRID = """
    name: toy
    thunk: toy:train
    grid:
      lr: [1, 2, 3]
      seed: [0, 10]
"""


@pytest.fixture
def toy(write: Write, workplace: Path) -> Path:
    write("toy.py", TOY)
    write("grid.yaml", GRID)
    return workplace


def at_once(lines: list[list[str]]) -> list[tuple[int, str]]:
    """Start commands at the same time, and return how each ended and what it printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "sweep", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ),
        )
        for words in lines
    ]
    return [(one.wait(120), text) for one in started for text in [one.communicate(timeout=120)[0]]]


def test_shards_that_are_launched_at_once_run_every_variant_once(toy: Path, sweep: Tool) -> None:
    ended = at_once([["run", "--shard", f"{which}/4", "grid.yaml"] for which in (1, 2, 3, 4)])
    assert [code for code, _ in ended] == [0] * 4, ended
    assert "shard 2 of 4: 2 of the 6 variants" in ended[1][1]
    ran = Counter((toy / "ledger").read_text().splitlines())
    assert ran == Counter(f"{lr} {seed}" for lr in (1, 2, 3) for seed in (0, 10))
    whole = sweep("run", "grid.yaml")
    assert "6 runs done before" in whole.stdout
    assert whole.returncode == 0


def test_an_index_comes_from_the_array_job_s_variable(toy: Path, python: Any) -> None:
    command = f'{sys.executable} -m sweep run --index "$SLURM_ARRAY_TASK_ID" grid.yaml'
    for task in ("0", "3"):
        environ = {**os.environ, "SLURM_ARRAY_TASK_ID": task}
        subprocess.run(["sh", "-c", command], check=True, env=environ, timeout=120, capture_output=True)
    assert (toy / "ledger").read_text().splitlines() == ["1 0", "2 10"]


def test_the_exit_code_of_a_shard_is_about_its_own_part(toy: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "def train(lr, seed=0):\n    assert lr != 3\n")
    codes = [sweep("run", "--shard", f"{which}/3", "grid.yaml", "seed=0").returncode for which in (1, 2, 3)]
    assert codes == [0, 0, 1]


def test_a_part_that_is_not_there_is_one_line_and_code_2(toy: Path, sweep: Tool) -> None:
    for words, said in ((["--index", "6"], "from 0 to 5"), (["--shard", "5/4"], "shard is '5/4'")):
        refused = sweep("run", *words, "grid.yaml")
        assert refused.returncode == 2
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert not (toy / "data").exists()
