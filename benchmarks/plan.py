"""The plan of a grid: counting what a launch would do with each variant, over a data directory that is empty or full.

    python benchmarks/plan.py [--rounds 3]

10^4 and 10^5 variants of six colon-nested keys, over no runs and over 10^4: of the grid itself under the names that it
has now (half of them done, a quarter failed, a quarter cut off), the same under names that it had before (each must be
found by its identity), and of another function. Times are of the wall clock, with the files in the system's cache. Peak
memory is of one plan alone, and kept is what the plan holds on to. The floor is the
loop over names and nested dicts that any plan begins with.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from grid import grid_of  # the benchmark beside this file

from sweep.front.calls import Calls
from sweep.front.counting import make_plan
from sweep.front.plan import Plan
from sweep.front.thunks import Thunks
from sweep.front.verdict import Call
from sweep.grid.grid import Grid
from sweep.grid.identity import describe
from sweep.rundir.naming import Place
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant

VARIANTS, EXISTING = (10**4, 10**5), 10**4
STATES = (State.DONE, State.FAILED, State.DONE, State.INTERRUPTED)


def train(**config: Any) -> None: ...


def evaluate(**config: Any) -> None: ...


def calls_of(grid: Grid, thunk: Callable[..., Any] = train) -> Calls:
    return Calls(grid.definition, Thunks(thunk, grid.definition))


def fill(data_dir: Path, calls: Iterator[Call]) -> None:
    """Leave a run behind for each call."""
    for number, call in enumerate(calls):
        run = Place(data_dir).run_dir(call.name, call.seed)
        run.own.mkdir(parents=True)
        write_variant(run, call.identity, call.name, describe(call.thunk), call.config)
        write_status(run, Status(STATES[number % len(STATES)], 1, "here", 1, 100.0, 110.0))


def renamed(calls: Iterator[Call]) -> Iterator[Call]:
    return (replace(call, name=f"before-{number}") for number, call in enumerate(calls))


def directories(root: Path) -> dict[str, Path]:
    """Return data directories by what is in them."""
    largest = grid_of(VARIANTS[-1])
    made = {
        "0 runs there": iter(()),
        f"{EXISTING:,} of the grid's runs there": islice(calls_of(largest), EXISTING),
        f"{EXISTING:,} there under other names": renamed(islice(calls_of(largest), EXISTING)),
        f"{EXISTING:,} of another function there": renamed(islice(calls_of(largest, evaluate), EXISTING)),
    }
    for number, calls in enumerate(made.values()):
        fill(root / str(number), calls)
    return {name: root / str(number) for number, name in enumerate(made)}


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def memory_mb(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the peak of some work, and what its result keeps."""
    gc.collect()
    tracemalloc.start()
    kept = work()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return peak / 1e6, now / 1e6


def table(count: int, places: dict[str, Path], rounds: int) -> None:
    calls = calls_of(grid_of(count))
    makes: dict[str, Callable[[], Plan]] = {
        name: lambda path=path: make_plan(calls, Place(path), total=count) for name, path in places.items()
    }
    floor = statistics.median(seconds(lambda: sum(1 for _ in calls)) for _ in range(rounds))
    print(f"\n{count:,} variants" + " " * 26 + "seconds   peak MB   kept MB   verdicts")
    print(f"  {'names and nested dicts (floor)':<38}{floor:7.2f}")
    for name, make in makes.items():
        spent = statistics.median(seconds(make) for _ in range(rounds))
        peak, kept = memory_mb(make)
        shown = ", ".join(f"{number:,} {verdict}" for verdict, number in make().counts.items())
        print(f"  {name:<38}{spent:7.2f}{peak:10.2f}{kept:10.2f}   {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print("Plans (aim: a few seconds at most for 100,000 variants over 10,000 runs, and memory flat in the variants)")
    with tempfile.TemporaryDirectory() as folder:
        places = directories(Path(folder))
        for count in VARIANTS:
            table(count, places, rounds)


if __name__ == "__main__":
    main()
