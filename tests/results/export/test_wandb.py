"""Offline runs of Weights & Biases; a module that notes what it is asked stands in for the package."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sweep.results.export.material import Material
from sweep.results.export.place import Destination
from sweep.results.export.wandb import write_wandb


class StandIn(ModuleType):
    """As much of `wandb` as is used."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.begun: list[dict[str, Any]] = []
        self.rows: list[list[dict[str, float]]] = []
        self.summaries: list[dict[str, float]] = []
        self.ends: list[int | None] = []
        self.axes: list[str] = []

    def Settings(self, **options: object) -> dict[str, object]:
        return options

    def init(self, **options: Any) -> SimpleNamespace:
        self.begun.append(options)
        self.rows.append([])
        self.summaries.append({})
        return SimpleNamespace(
            define_metric=lambda name, step_metric: self.axes.append(step_metric),
            log=self.rows[-1].append,
            summary=self.summaries[-1],
            finish=lambda exit_code: self.ends.append(exit_code),
        )


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "wandb", stand_in)
    return stand_in


def test_runs_are_offline_and_in_the_group_of_their_setting(wandb: StandIn, material: Material, tmp_path: Path) -> None:
    write_wandb(material, Destination.opened(tmp_path / "out"))
    assert len(wandb.begun) == 7 and {one["mode"] for one in wandb.begun} == {"offline"}
    second = wandb.begun[1]
    assert [second[key] for key in ("name", "group", "job_type", "dir")] == [
        "ppo_lr0.1_s1",
        "ppo_lr0.1",
        "seed 1",
        str(tmp_path / "out"),
    ]
    assert second["config"]["config"] == {"lr": 0.1, "act": "tanh"} and second["config"]["run"]["seed"] == 1


def test_rows_scores_and_ends_are_told(wandb: StandIn, material: Material, tmp_path: Path) -> None:
    write_wandb(material, Destination.opened(tmp_path / "out"))
    assert set(wandb.axes) == {"TotalEnvInteracts"}
    assert [row["AverageEpRet"] for row in wandb.rows[3]] == [0.0, 3.0]
    assert "AverageEpRet" not in wandb.rows[-1][1]  # nan
    assert wandb.summaries[3] == {"score": 3.0} and wandb.summaries[4] == {}
    assert wandb.ends == [0, 0, 0, 0, 1, 1, None]
