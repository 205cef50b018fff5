"""Export and import of a memory of 100,000 rows, in each format, over the floor: the same bytes through numpy.

    python benchmarks/memory.py [--rounds 5]

Contenders alternate within a round; a ratio is taken within a round, and the figure is the median over the rounds.
Times are wall time, and every write is synced to the disk, the floor's too. A row has 13 numbers: observations, action,
reward and the end of an episode. Text has a floor of its own. The last table is a snapshot after 1,000 further rows.
"""

from __future__ import annotations

import argparse
import csv
import functools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sweep.memory import Ring

ROWS, ENVS, NEW = 100_000, 10, 100
FIELDS = {"seen": (10, "float32"), "act": ((), "int64"), "reward": ((), "float32"), "done": ((), "bool")}
Contender = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        ring = Ring(ROWS // ENVS, ENVS, fields=FIELDS)
        ring.add(**steps(ROWS // ENVS))
        floor = flat(ring)
        write_floor(floor, folder)
        tables(ring, floor, folder, rounds)


def steps(count: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "seen": random.normal(size=(count, ENVS, 10)).astype("float32"),
        "act": random.integers(0, 10, (count, ENVS)),
        "reward": random.normal(size=(count, ENVS)).astype("float32"),
        "done": random.random((count, ENVS)) < 0.01,
    }


def flat(ring: Ring) -> np.ndarray:
    return np.concatenate([ring[name].reshape(-1).view(np.uint8) for name in ring.fields])


def write_floor(content: np.ndarray, folder: Path) -> None:
    with (folder / "floor.npy").open("wb") as file:
        np.save(file, content)
        file.flush()
        os.fsync(file.fileno())


def write_text(rows: np.ndarray, folder: Path) -> None:
    with (folder / "floor.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows.tolist())
        file.flush()
        os.fsync(file.fileno())


def formats() -> list[str]:
    try:
        import torch  # noqa: F401
    except ImportError:
        print("!! NOT MEASURED: pt, as torch is not installed")
        return ["npz", "csv"]
    return ["npz", "pt", "csv"]


def tables(ring: Ring, floor: np.ndarray, folder: Path, rounds: int) -> None:
    known = formats()
    files = {format: ring.export(folder, format) for format in known}
    out = {f"export as {format}": functools.partial(export, ring, folder / format, format) for format in known}
    print(f"\n{ROWS:,} rows of 13 numbers, {floor.nbytes / 1e6:.1f} MB in memory")
    for file in files.values():
        print(f"  {file.suffix:5} {file.stat().st_size / 1e6:8.1f} MB")
    text = {"csv.writer, 13 floats a row": functools.partial(write_text, np.random.rand(ROWS, 13), folder)}
    measure("export", {"np.save and fsync (floor)": lambda: write_floor(floor, folder), **out, **text}, rounds)
    back = {f"import of {format}": functools.partial(ring.load, files[format]) for format in known}
    text = {"np.loadtxt, 13 floats a row": lambda: np.loadtxt(folder / "floor.csv", delimiter=",")}
    measure("import", {"np.load (floor)": lambda: np.load(folder / "floor.npy"), **back, **text}, rounds)
    more = Snapshots(ring, folder)
    whole = {
        "np.save of all and fsync (floor)": lambda: write_floor(floor, folder),
        "save_to, 1,000 new rows": more.save,
    }
    measure("snapshot", whole, rounds)


def export(ring: Ring, folder: Path, format: str) -> None:
    ring.export(folder, format).unlink()  # or the next would only compare


class Snapshots:
    """Saves a memory again and again, each time with some new rows; adding them is part of the time."""

    def __init__(self, ring: Ring, folder: Path) -> None:
        self._ring, self._folder, self._steps = ring, folder, steps(NEW)
        self._ring.save_to(folder / "snapshot")

    def save(self) -> None:
        self._ring.add(**self._steps)
        self._ring.save_to(self._folder / "new")
        shutil.rmtree(self._folder / "snapshot")
        (self._folder / "new").rename(self._folder / "snapshot")


def measure(title: str, contenders: dict[str, Contender], rounds: int) -> None:
    """Time contenders in alternating rounds and print their ratios to the first."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            start = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - start)
    floor, *_ = times.values()
    print(f"\n{title}\n  {'':36} {'x floor':>8} {'(min..max)':>16} {'ms':>9}")
    for name, own in times.items():
        ratios = [mine / base for mine, base in zip(own, floor, strict=True)]
        spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"  {name:36} {statistics.median(ratios):8.2f} {spread:>16} {statistics.median(own) * 1e3:9.1f}")


if __name__ == "__main__":
    main()
