"""A line to walk on, of old gym and of gymnasium, a policy for it, and a run of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import write_variant
from sweep.runtime.context.run import RunContext


class Line:
    """The observation is where one is, the reward the action; it ends at 3 steps. As in gymnasium."""

    def __init__(self, length: int = 3) -> None:
        self.length, self.at = length, 0

    def reset(self) -> Any:
        self.at = 0
        return np.array([0.0]), {"note": "none"}

    def step(self, action: float) -> Any:
        self.at += 1
        return np.array([float(self.at)]), float(action), self.at == self.length, False, {}


class OldLine(Line):
    """The same, as in gym before 0.26."""

    def reset(self) -> Any:
        return super().reset()[0]

    def step(self, action: float) -> Any:
        observation, reward, over, _, info = super().step(action)
        return observation, reward, over, info


class Walker:
    """A policy: its action is its weight, plus the observation unless it is deterministic."""

    def __init__(self, weight: float) -> None:
        self.weights = np.array([weight])

    def act(self, observation: Any, deterministic: bool = False) -> float:
        return float(self.weights[0] + (0 if deterministic else observation[0]))


@pytest.fixture
def line() -> type[Line]:
    return Line


@pytest.fixture
def old_line() -> type[Line]:
    return OldLine


@pytest.fixture
def walker() -> type[Walker]:
    return Walker


@pytest.fixture
def own(tmp_path: Path) -> RunDir:
    """A directory with the record of a run."""
    run = RunDir(tmp_path / "own")
    run.own.mkdir(parents=True)
    write_variant(run, "id", "own", "m:train", {"seed": 0})
    return run


@pytest.fixture
def trained(own: RunDir) -> Callable[..., RunDir]:
    """Return a function that registers items, trains them by calling a function, and leaves snapshots of 3 epochs."""

    def train(step: Callable[[int], object] = lambda epoch: None, only: tuple[str, ...] = (), **items: Any) -> RunDir:
        context = RunContext(own)
        context.snapshots("all", keep_best=1, metric="Score", only=only)
        context.state(**items)
        for epoch in context.epochs(3):
            step(epoch)
            context.logger.log_tabular("Score", -abs(epoch - 1))
        context.close("done")
        return own

    return train
