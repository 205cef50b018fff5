"""A memory of one program feeds another: collect steps, export them on every fill, import them, learn from samples.

    python examples/replay.py          files in npz
    python examples/replay.py csv      in csv; pt works where torch is installed

Four carts on a line are pushed at random. From what they did, a linear model learns where a push takes a cart.
"""

import sys
from pathlib import Path

import numpy as np

from sweep.memory import Ring

CARTS, STEPS = 4, 1000
FIELDS = {"state": (2, "float32"), "push": ((), "float32"), "next_state": (2, "float32")}


def collect(folder: Path, format: str, seed: int = 0) -> list[Path]:
    """Push the carts for two and a half fills of a memory; return the two files that it wrote on the way."""
    random = np.random.default_rng(seed)
    ring = Ring(STEPS, CARTS, fields=FIELDS, name="carts", export=True, export_format=format, export_directory=folder)
    state = random.normal(size=(CARTS, 2))
    for _ in range(STEPS * 5 // 2):
        push = random.normal(size=CARTS)
        speed = 0.9 * state[:, 1] + 0.1 * push
        moved = np.stack([0.95 * state[:, 0] + 0.1 * speed, speed], axis=1)
        ring.add(state=state, push=push, next_state=moved)
        state = moved
    return sorted(folder.glob(f"carts_*.{format}"))


def learn(files: list[Path], batches: int = 2000, seed: int = 0) -> tuple[float, float]:
    """Import the files into one memory and fit a model to samples of it; return its errors before and after."""
    random = np.random.default_rng(seed)
    ring = Ring(STEPS * len(files), CARTS, fields=FIELDS)
    for file in files:
        ring.load(file, mode="append")
    weights = np.zeros((3, 2))
    before = error(ring, weights)
    for _ in range(batches):
        batch = ring.sample(256, rng=random)
        inputs = np.column_stack([batch["state"], batch["push"]])
        weights -= 0.1 * inputs.T @ (inputs @ weights - batch["next_state"]) / len(inputs)
    return before, error(ring, weights)


def error(ring: Ring, weights: np.ndarray) -> float:
    inputs = np.concatenate([ring["state"], ring["push"][..., None]], axis=2)
    return float(np.mean((inputs @ weights - ring["next_state"]) ** 2))


def main(format: str) -> None:
    files = collect(Path("data/replay"), format)
    for file in files:
        print(f"{file}: {Ring.from_file(file)}")
    before, after = learn(files)
    print(f"mean squared error: {before:.6f} before, {after:.6f} after")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "npz")
