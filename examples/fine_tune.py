"""A parent, and what becomes of its best snapshot with other learning rates.

    python examples/fine_tune.py    trains for 12 epochs at a coarse rate, forks the best snapshot with finer ones

At the coarse rate the weights jump around the solution. A fork begins where the parent was best, keeps the optimizer's
moments, and has a directory, rows and random numbers of its own.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

import sweep

PARENT, COARSE, FINER = "data/coarse/coarse_s0", 0.3, [0.03, 0.003]


class Adam:
    """The optimizer, in numpy."""

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


def train(lr: float = COARSE, epochs: int = 12, seed: int = 0) -> None:
    """Fit a line through noisy points, drawn anew in every step."""
    run = sweep.current_run()
    random, weights = np.random.default_rng(seed), np.zeros(4)
    optimizer = Adam(weights, lr)
    run.state(weights=weights, optimizer=optimizer, random=random)
    run.snapshots("last", keep_best=1, metric="Loss", better="min")
    for epoch in run.epochs(epochs):
        for _ in range(20):
            x = random.normal(size=(8, 4))
            error = x @ weights - x.sum(axis=1) - random.normal(size=8)
            optimizer.step(x.T @ error / 8)
            run.logger.store(Loss=((weights - 1) ** 2).sum())
        run.logger.log_tabular("Epoch", epoch)
        run.logger.log_tabular("Loss", average_only=True)
        run.logger.log_tabular("Rate", optimizer.lr)


def losses(directory: Path) -> list[float]:
    """Return the column of the loss."""
    header, *rows = [line.split("\t") for line in (directory / "progress.txt").read_text().splitlines()]
    return [float(row[header.index("Loss")]) for row in rows]


if __name__ == "__main__":
    codes = [sweep.ExperimentGrid("coarse").add("lr", COARSE).run(train, wait=0).exit_code]
    codes += [sweep.fork(PARENT, {"lr": FINER}, which="best").exit_code]
    print(f"{'run':<24}{'first':>10}{'best':>10}{'last':>10}")
    for directory in [Path(PARENT), *sorted(Path("data").glob("coarse_fork_*/*_s0"))]:
        found = losses(directory)
        print(f"{directory.parent.name:<24}{found[0]:>10.4f}{min(found):>10.4f}{found[-1]:>10.4f}")
    sys.exit(max(codes))
