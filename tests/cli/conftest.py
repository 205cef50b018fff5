"""A sweep that is over, for the commands that read one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest


@pytest.fixture
def swept(workplace: Path) -> Path:
    """The directory `data` with lr x act over three seeds, as Spinning Up leaves runs; more lr and tanh are better."""
    for lr, act, seed in itertools.product((0.1, 0.2), ("relu", "tanh"), (0, 1, 2)):
        name = f"ppo_lr{str(lr).replace('.', '-')}_act{act}"
        folder = workplace / "data" / name / f"{name}_s{seed}"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"lr": lr, "act": act, "seed": seed, "exp_name": name}))
        top = 100 * lr + (5 if act == "tanh" else 0) + seed * 0.1
        rows = [f"{epoch}\t{epoch * top}\t{1 - epoch * lr}" for epoch in range(4)]
        (folder / "progress.txt").write_text("\n".join(["Epoch\tAverageEpRet\tLoss", *rows]) + "\n")
    return workplace / "data"
