"""A small sweep over two tasks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ..conftest import DataDir, curve

# Scores by task and learning rate; one seed each.
SCORES = {
    ("Ant-v4", 0.1): (1000.0, 3000.0, 2000.0),
    ("Ant-v4", 0.2): (4000.0, 5000.0, 6000.0),
    ("Hopper-v4", 0.1): (10.0, 20.0, 30.0),
    ("Hopper-v4", 0.2): (20.0, 40.0, 60.0),
}


def fill(data: DataDir, scores: Mapping[tuple[str, float], tuple[float, ...]] = SCORES) -> DataDir:
    """Make a run for each score."""
    for (env, lr), values in scores.items():
        for seed, value in enumerate(values):
            data.run(f"ppo_env{env.lower()}_lr{lr}".replace(".", "-"), seed, curve(value), env=env, lr=lr)
    return data


@pytest.fixture
def tasks_dir(data_dir: DataDir) -> DataDir:
    """Two tasks x two settings x three seeds; 0.2 is the better setting on both."""
    return fill(data_dir)
