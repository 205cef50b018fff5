"""A sweep to be written elsewhere, with everything in it that may go wrong on the way."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sweep.results.export.material import Material, gather
from sweep.results.run import Run
from sweep.results.score import Score
from sweep.rundir.status import State, Status

Maker = Callable[..., Run]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return what makes a run of `AverageEpRet` over `TotalEnvInteracts`, a thousand steps a row."""

    def made(name: str, seed: int, rows: Sequence[float], state: str = "done", **config: object) -> Run:
        folder = tmp_path / "data" / name / f"{name}_s{seed}"
        folder.mkdir(parents=True)
        lines = ["Epoch\tTotalEnvInteracts\tAverageEpRet\tTime"]
        lines += [f"{epoch}\t{(epoch + 1) * 1000}\t{value}\t{epoch + 0.5}" for epoch, value in enumerate(rows)]
        table = folder / "progress.txt"
        table.write_text("\n".join(lines) + "\n")
        ended = None if state == "running" else 2000.0
        status = Status(State(state), started=1000.0, ended=ended, cause="rank 0 died" if state == "failed" else "")
        return Run(folder, folder.name, name, name, config, seed, state, status, "sweep", table, "m:train")

    return made


@pytest.fixture
def runs(make: Maker) -> list[Run]:
    """Two settings of two seeds; of a third all runs failed, of a fourth one still goes on."""
    found = [
        make(f"ppo_lr{lr}", seed, [0.0, lr * 10 + seed], lr=lr, act="tanh") for lr in (0.1, 0.2) for seed in (0, 1)
    ]
    found += [make("ppo_lr0.3", seed, [1.0], "failed", lr=0.3, act="relu") for seed in (0, 1)]
    return [*found, make("ppo_lr0.4", 0, [1.0, math.nan], "running", lr=0.4, act="relu")]


@pytest.fixture
def material(runs: list[Run]) -> Material:
    return gather(runs, Score(how="last"))


@pytest.fixture
def installed(need: Callable[[str, bool, str], None]) -> Callable[[str], Any]:
    """Return what imports a package, and skips the test where it is not installed."""

    def found(name: str) -> Any:
        need(name, importlib.util.find_spec(name) is not None, f"needs the package {name}, which is not installed")
        return importlib.import_module(name)

    return found
