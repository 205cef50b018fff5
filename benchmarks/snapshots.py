"""A snapshot of 200 MB of float32 over the floor: the same bytes through `numpy.save`, synced to the disk.

    python benchmarks/snapshots.py [--rounds 5] [--megabytes 200]

Contenders alternate within a round; a ratio is taken within a round, and the figure is the median over the rounds.
Times are wall time of a whole snapshot as a run makes one: states, checksums, manifest, and everything on the disk, in
a folder of its own. What was written before is removed between two, and that does not count. The models are 50 arrays;
torch's is measured where torch is installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sweep.rundir.snapshot_files import Manifest, damage
from sweep.runtime.context.team import Team
from sweep.runtime.snapshots.commit import Checksums
from sweep.runtime.snapshots.saving import Items, restore, save
from sweep.runtime.snapshots.store import Snapshot

ARRAYS = 50
Contender = Callable[[Path], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=200)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=given.megabytes * 10**6 // 4 // ARRAYS).astype("float32") for _ in range(ARRAYS)]
    with tempfile.TemporaryDirectory(dir=".") as name:
        measure_saving(Path(name), arrays, given.rounds)
        measure_loading(Path(name), arrays, given.rounds)


def write_floor(folder: Path, content: np.ndarray) -> None:
    folder.mkdir()
    with (folder / "floor.npy").open("wb") as file:
        np.save(file, content)
        file.flush()
        os.fsync(file.fileno())


def snapshot(folder: Path, items: dict[str, Any]) -> Snapshot:
    folder.mkdir()
    save(folder, Team(), Items(items, []), Manifest(0), Checksums())
    (made,) = folder.glob("step_*")
    return Snapshot(made, Manifest(0))


def models(arrays: list[np.ndarray]) -> dict[str, dict[str, Any]]:
    """Return what is saved, by what it is."""
    found: dict[str, dict[str, Any]] = {
        "a dict of arrays (npz)": {"model": {f"layer{number}": one for number, one in enumerate(arrays)}},
        "one array (npz)": {"weights": np.concatenate(arrays)},
        "an object with other things (pkl)": {"agent": _Agent(arrays)},
    }
    try:
        import torch
    except ImportError:
        print("!! NOT MEASURED: pt, as torch is not installed")
        return found
    layers = {f"layer{number}": torch.from_numpy(one) for number, one in enumerate(arrays)}
    return {**found, "a dict of tensors (pt)": {"model": layers}}


class _Agent:
    """What only pickle can hold."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        self.arrays, self.seen = arrays, {1, 2, 3}


def measure_saving(folder: Path, arrays: list[np.ndarray], rounds: int) -> None:
    content = np.concatenate(arrays)
    contenders: dict[str, Contender] = {"np.save and fsync (floor)": lambda path: write_floor(path, content)}
    for name, items in models(arrays).items():
        contenders[name] = lambda path, items=items: snapshot(path, items)  # type: ignore[misc]
    measure(f"snapshot of {content.nbytes / 1e6:.0f} MB", contenders, folder, rounds)


def measure_loading(folder: Path, arrays: list[np.ndarray], rounds: int) -> None:
    """Load what a run goes on from: every byte is compared with its checksum, and then read again."""
    write_floor(folder / "floor", np.concatenate(arrays))
    contenders: dict[str, Contender] = {"np.load (floor)": lambda path: np.load(folder / "floor" / "floor.npy")}
    for name, items in models(arrays).items():
        made = snapshot(folder / name, items).path
        contenders[name] = lambda path, made=made, items=items: load(made, items)  # type: ignore[misc]
    measure("going on from one", contenders, folder, rounds)


def load(made: Path, items: dict[str, Any]) -> None:
    from sweep.rundir.snapshot_files import read_manifest

    manifest = read_manifest(made)
    if manifest is None or damage(made):
        raise SystemExit(f"{made} is damaged")
    restore(Snapshot(made, manifest), 0, items, print)


def measure(title: str, contenders: dict[str, Contender], folder: Path, rounds: int) -> None:
    """Time contenders in alternating rounds and print their ratios to the first."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, contender in contenders.items():
            path = folder / f"round{number}"
            os.sync()  # what others have written must not be waited for
            start = time.perf_counter()
            contender(path)
            times[name].append(time.perf_counter() - start)
            shutil.rmtree(path, ignore_errors=True)
    floor, *_ = times.values()
    print(f"\n{title}\n  {'':36} {'x floor':>8} {'(min..max)':>16} {'ms':>9}")
    for name, own in times.items():
        ratios = [mine / base for mine, base in zip(own, floor, strict=True)]
        spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"  {name:36} {statistics.median(ratios):8.2f} {spread:>16} {statistics.median(own) * 1e3:9.1f}")


if __name__ == "__main__":
    main()
