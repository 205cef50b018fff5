"""Reading what a sweep has left behind: `load` of 500 runs beside pandas, polars and a pyarrow dataset; finding 10,000.

    python benchmarks/reading.py [--rounds 5] [--runs 500] [--find 10000]

Each run has 1000 rows of 12 columns at full precision. Two tables: one metric over the steps, which is what a figure, a
table or a score reads, and all columns. `load` finds the runs, reads what each of them is, and returns one frame with
the configuration and seed beside each row; its peers are given the files and return the rows alone. All have imported
what they need before; a peer that is not installed is left out. Times are of the wall clock, with the files in the
system's cache; the ratio is to the first row of the same round, the median over rounds. `cpu` is of all threads.
"""

from __future__ import annotations

import argparse
import importlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweep.results.find import find_runs
from sweep.results.load import load
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant

ROWS, SEEDS = 1000, 5
COLUMNS = (
    "Epoch", "TotalEnvInteracts", "AverageEpRet", "StdEpRet", "MaxEpRet", "MinEpRet",
    "EpLen", "LossPi", "LossV", "KL", "Entropy", "Time",
)  # fmt: skip
X, Y = "TotalEnvInteracts", "AverageEpRet"
Reader = Callable[[Path, list[str]], Any]


def make_run(data_dir: Path, number: int) -> RunDir:
    """Leave a run behind that is done, of a setting with a learning rate of its own for each five seeds."""
    setting, seed = divmod(number, SEEDS)
    name = f"ppo_lr{setting}"
    run = Place(data_dir).run_dir(name, seed)
    run.own.mkdir(parents=True)
    config = {"lr": setting * 1e-4, "clip": 0.2, "hidden_sizes": (64, 64), "seed": seed}
    write_variant(run, f"{setting}-{seed}", name, "agents:ppo", config)
    write_status(run, Status(State.DONE, 1, "here", 1, 100.0, 110.0))
    return run


def fill(data_dir: Path, runs: int) -> None:
    """Leave runs behind that have rows."""
    draw = random.Random(0)
    for number in range(runs):
        lines = ["\t".join(COLUMNS)]
        for row in range(ROWS):
            values = [row, (row + 1) * 4000, *(draw.gauss(0, 100) for _ in COLUMNS[2:])]
            lines.append("\t".join(map(str, values)))
        make_run(data_dir, number).progress.write_text("\n".join([*lines, ""]))


def peers() -> dict[str, tuple[Reader, Reader]]:
    """Return a reader of two columns and one of all for each peer that is installed."""
    found: dict[str, tuple[Reader, Reader]] = {}
    makers = {"pandas": with_pandas, "polars": with_polars, "pyarrow.dataset": with_pyarrow}
    for name, make in makers.items():
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"  !! NOT MEASURED: {name} is not installed")
        else:
            found[name] = (make([X, Y]), make(None))
    return found


def with_pandas(columns: list[str] | None) -> Reader:
    import pandas as pd

    def read(folder: Path, files: list[str]) -> Any:
        return pd.concat([pd.read_csv(file, sep="\t", usecols=columns) for file in files])

    return read


def with_polars(columns: list[str] | None) -> Reader:
    import polars as pl

    def read(folder: Path, files: list[str]) -> Any:
        frame = pl.scan_csv(files, separator="\t")
        return (frame.select(columns) if columns else frame).collect()

    return read


def with_pyarrow(columns: list[str] | None) -> Reader:
    import pyarrow.csv as csv
    import pyarrow.dataset as dataset

    form = dataset.CsvFileFormat(parse_options=csv.ParseOptions(delimiter="\t"))
    return lambda folder, files: dataset.dataset(files, format=form).to_table(columns=columns)


def table(title: str, readers: dict[str, Reader], folder: Path, rounds: int) -> None:
    """Print one table; every reader has its turn in each round."""
    files = sorted(map(str, folder.glob("*/*/progress.txt")))
    wall: dict[str, list[float]] = {name: [] for name in readers}
    cpu: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            start, used = time.perf_counter(), time.process_time()
            read(folder, files)
            wall[name].append(time.perf_counter() - start)
            cpu[name].append(time.process_time() - used)
    print(f"\n{title}" + " " * (42 - len(title)) + "seconds      cpu    ratio")
    base = next(iter(wall.values()))
    for name, times in wall.items():
        ratio = statistics.median(one / first for one, first in zip(times, base, strict=True))
        print(f"  {name:<38}{statistics.median(times):9.2f}{statistics.median(cpu[name]):9.2f}{ratio:9.2f}")


def finding(runs: int, rounds: int) -> None:
    """Print what finding runs takes, without their rows."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(runs):
            make_run(Path(folder), number)
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            count = len(find_runs(folder))
            times.append(time.perf_counter() - start)
    print(f"\nfind_runs of {count:,} runs: {statistics.median(times):.2f} seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--find", type=int, default=10_000)
    asked = parser.parse_args()
    print("Reading (aim: `load` no slower than the best of its peers; 10,000 runs found in seconds)")
    others = peers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, asked.runs)
        two: dict[str, Reader] = {"sweep.load(...).curves(y)": lambda folder, files: load(folder).curves(Y)}
        every: dict[str, Reader] = {"sweep.load(...).curves(all)": lambda folder, files: load(folder).curves(COLUMNS)}
        two |= {f"{name}, two columns": readers[0] for name, readers in others.items()}
        every |= {f"{name}, all columns": readers[1] for name, readers in others.items()}
        table(f"{asked.runs:,} runs, x and y", {**two, **dict(list(every.items())[1:])}, folder, asked.rounds)
        table(f"{asked.runs:,} runs, all {len(COLUMNS)} columns", every, folder, asked.rounds)
    finding(asked.find, asked.rounds)


if __name__ == "__main__":
    main()
