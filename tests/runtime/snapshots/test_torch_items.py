"""Models, optimizers, tensors and generators of torch: saved by its own means, and back bit for bit."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import Manifest
from sweep.runtime.context.team import Team
from sweep.runtime.snapshots.commit import Checksums
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.items import load_items, put_items, save_items
from sweep.runtime.snapshots.saving import Items, restore, save
from sweep.runtime.snapshots.store import Store


@pytest.fixture
def torch(need: Callable[[str, bool, str], None]) -> Any:
    need("torch", importlib.util.find_spec("torch") is not None, "torch is not installed")
    import torch

    torch.manual_seed(0)
    return torch


class Learner:
    """A model with dropout, an optimizer with moments, and a generator of its own."""

    def __init__(self, torch: Any) -> None:
        nn = torch.nn
        self.torch = torch
        self.model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.05)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 2)
        self.generator = torch.Generator().manual_seed(5)
        self.scale = torch.ones(2)

    def items(self) -> dict[str, Any]:
        return {name: one for name, one in vars(self).items() if name != "torch"}

    def step(self) -> float:
        x = self.torch.rand(16, 4, generator=self.generator)
        loss = (self.model(x) - x.sum(1, keepdim=True)).square().mean() * self.scale.sum()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        self.scale += 1
        return float(loss.detach())


def test_a_learner_goes_on_bit_for_bit(tmp_path: Path, torch: Any) -> None:
    run, one = RunDir(tmp_path), Learner(torch)
    [one.step() for _ in range(3)]
    save(run.snapshots, Team(), Items(one.items(), []), Manifest(2), Checksums())
    losses = [one.step() for _ in range(5)]
    other = Learner(torch)
    restore(Store(run, print).find("last"), 0, other.items(), print)
    assert [other.step() for _ in range(5)] == losses


def test_states_are_files_that_torch_loads_without_running_code(tmp_path: Path, torch: Any) -> None:
    one = Learner(torch)
    one.step()
    stored = save_items(tmp_path, one.items(), one.items())
    forms = {name: one.form for name, one in stored.items()}
    assert forms == {"model": "pt", "optimizer": "pt", "scheduler": "json", "generator": "json", "scale": "pt"}
    for name in ("model", "optimizer", "scale"):
        torch.load(tmp_path / f"{name}.pt", weights_only=True)
    state = torch.load(tmp_path / "model.pt", weights_only=True)
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_a_view_is_saved_without_the_rest_of_its_memory(tmp_path: Path, torch: Any) -> None:
    live = {"row": torch.zeros(1000, 1000)[0]}
    save_items(tmp_path, live, live)
    assert (tmp_path / "row.pt").stat().st_size < 10_000


def test_tensors_in_dicts_and_objects_keep_their_memory(tmp_path: Path, torch: Any) -> None:
    weights = torch.zeros(3)
    live = {"params": {"w": weights, "n": 1}}
    stored = save_items(tmp_path, live, live)
    weights += 1
    put_items(tmp_path, stored, load_items(tmp_path, stored, live), live)
    assert live["params"]["w"] is weights
    assert weights.tolist() == [0, 0, 0]


def test_a_state_with_what_weights_only_refuses_is_pickled_instead(tmp_path: Path, torch: Any) -> None:
    import numpy as np

    live = {"params": {"w": torch.zeros(3), "lr": np.float64(0.5)}}
    stored = save_items(tmp_path, live, live)
    assert stored["params"].form == "pkl"
    assert type(load_items(tmp_path, stored, live)["params"]["lr"]) is np.float64


def test_another_model_is_one_clear_error(tmp_path: Path, torch: Any) -> None:
    live = {"model": torch.nn.Linear(2, 2)}
    stored = save_items(tmp_path, live, live)
    with pytest.raises(SnapshotError, match="the item 'model' does not take its state back: RuntimeError"):
        put_items(tmp_path, stored, load_items(tmp_path, stored, live), {"model": torch.nn.Linear(3, 2)})
