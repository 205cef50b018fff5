"""A learner with all that must survive: a model, an optimizer, a memory, generators, columns that come late.

The model is torch's where `kind` says so, else numpy's. Where tensorboard is installed its file is written too.
"""

from __future__ import annotations

import importlib.util
import random
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sweep import EpochLogger
from sweep.memory import Ring

EPOCHS = 8
HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_TENSORBOARD = importlib.util.find_spec("tensorboard") is not None


class NumpyModel:
    """A linear model that learns by gradient steps with momentum."""

    def __init__(self) -> None:
        self.weights, self.momentum = np.zeros(3), np.zeros(3)

    def learn(self, seen: np.ndarray, wanted: np.ndarray) -> float:
        error = seen @ self.weights - wanted
        self.momentum *= 0.9
        self.momentum += seen.T @ error / len(seen)
        self.weights -= 0.1 * self.momentum
        return float((error**2).mean())

    def items(self) -> dict[str, Any]:
        return {"model": self}


class TorchModel:
    """A small network with Adam and dropout, which draws from torch's own generator."""

    def __init__(self, seed: int) -> None:
        import torch

        torch.manual_seed(seed)
        torch.set_num_threads(1)
        layers = torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)
        self._torch, self.net = torch, torch.nn.Sequential(*layers)
        self.optimizer = torch.optim.Adam(self.net.parameters(), 1e-2)

    def learn(self, seen: np.ndarray, wanted: np.ndarray) -> float:
        out = self.net(self._torch.as_tensor(seen, dtype=self._torch.float32))
        loss = ((out[:, 0] - self._torch.as_tensor(wanted, dtype=self._torch.float32)) ** 2).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def items(self) -> dict[str, Any]:
        return {"net": self.net, "optimizer": self.optimizer}


def learn(
    kind: str = "numpy",
    epochs: int = EPOCHS,
    outputs: tuple[str, ...] = ("tensorboard",),
    seed: int = 0,
    run: Any = None,
    logger_kwargs: Mapping[str, str] | None = None,
) -> None:
    """Learn, and log a row an epoch; in the middle new columns come."""
    logger = EpochLogger(**(logger_kwargs or {}), outputs=[one for one in outputs if HAS_TENSORBOARD], write_interval=2)
    logger.save_config({"kind": kind, "epochs": epochs, "seed": seed})
    np.random.seed(seed)
    random.seed(seed)
    rng, steps = np.random.default_rng(seed), run.counter()
    model = TorchModel(seed) if kind == "torch" else NumpyModel()
    memory = Ring(12, fields={"seen": ((3,), "float32"), "wanted": ((), "float64")})
    run.state(memory=memory, rng=rng, steps=steps, **model.items())
    for epoch in run.epochs(epochs):
        for _ in range(4):
            memory.add(seen=rng.normal(size=(1, 3)), wanted=rng.normal(size=1))
            steps += 1
        batch = memory.sample(8, rng=rng)
        loss = model.learn(batch["seen"], batch["wanted"])
        logger.store(Loss=loss, Noise=np.random.rand(3), Carried=random.random())
        logger.track("Loss / tracked", loss)
        logger.writer.add_scalar("direct", loss, epoch)
        row_of(logger, epoch, steps.value, memory)


def row_of(logger: EpochLogger, epoch: int, steps: float, memory: Ring) -> None:
    logger.log_tabular("Epoch", epoch)
    logger.log_tabular("Loss", average_only=True)
    logger.log_tabular("Noise", with_min_and_max=True)
    logger.log_tabular("Steps", steps)
    if epoch % 3 == 1:
        logger.log_tabular("Carried", with_min_and_max=True)
    if epoch >= 2:
        logger.log_tabular("Kept", memory.steps)
        logger.log_tabular("Text", f"{epoch} is\tlate")
    logger.dump_tabular()


def cramped(room: str, seed: int = 0, run: Any = None) -> None:
    """Learn nothing; unless there is a file `room`, none may be larger than 10 kB from the third epoch on."""
    run.state(weights=np.zeros(1000))
    for epoch in run.epochs(4):
        run.logger.log_tabular("Epoch", epoch)
        if epoch == 2 and not Path(room).exists():
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
