"""A run that is killed in the middle, and goes on where it was.

    python examples/resume.py    two runs of the same learner; one is killed after epoch 6 and then gone on with

In the end their rows are the same, byte for byte.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

from sweep import ExperimentGrid, current_run

EPOCHS = 10


class Adam:
    """The optimizer, in numpy: its moments must come back too, or the next steps would be others."""

    def __init__(self, weights: Any, lr: float) -> None:
        self.weights, self.lr, self.steps = weights, lr, 0
        self.mean, self.square = np.zeros_like(weights), np.zeros_like(weights)

    def step(self, gradient: Any) -> None:
        """Change the weights, in place."""
        self.steps += 1
        self.mean += 0.1 * (gradient - self.mean)
        self.square += 0.001 * (gradient**2 - self.square)
        mean, square = self.mean / (1 - 0.9**self.steps), self.square / (1 - 0.999**self.steps)
        self.weights -= self.lr * mean / (np.sqrt(square) + 1e-8)


def train(lr: float = 0.05, killed: bool = False, seed: int = 0) -> None:
    """Fit a line through noisy points, drawn anew in every step."""
    run = current_run()
    random, weights = np.random.default_rng(seed), np.zeros(4)
    optimizer = Adam(weights, lr)
    run.state(weights=weights, optimizer=optimizer, random=random)
    run.snapshots("last", keep_best=1, metric="AverageLoss", better="min")
    for epoch in run.epochs(EPOCHS):
        for _ in range(20):
            x = random.normal(size=(32, 4))
            error = x @ weights - x.sum(axis=1) - random.normal(size=32) / 10
            optimizer.step(x.T @ error / 32)
            run.logger.store(Loss=error**2)
        run.logger.log_tabular("Epoch", epoch)
        run.logger.log_tabular("Loss", with_min_and_max=True)
        if killed and epoch == 6 and not run.resumes:
            os.kill(os.getpid(), signal.SIGKILL)


def launch(name: str, killed: bool) -> int:
    """Run it once, or go on with it, and return the exit code."""
    grid = ExperimentGrid(name)
    grid.add("killed", killed)
    return grid.run(train, retry_failed=True, wait=0).exit_code


if __name__ == "__main__":
    codes = [launch("straight", killed=False), launch("killed", killed=True), launch("killed", killed=True)]
    rows = [Path("data", name, f"{name}_s0", "progress.txt").read_bytes() for name in ("straight", "killed")]
    print(f"exit codes {codes}; the rows are {'the same' if rows[0] == rows[1] else 'not the same'}")
    sys.exit(rows[0] != rows[1])
