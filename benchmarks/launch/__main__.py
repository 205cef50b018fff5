"""What launching a run costs, against the least that could do it and against peers.

    python3 make.py bench launch [--quick] [--rounds 5] [--long] [--torch] [--tables 1 2]

Five tables: (1) one process a run, (2) two MPI ranks a run, under MPICH and under Open MPI, (3) a function whose module
imports torch, (4) the cost of a run in sweeps of many, (5) how busy a sweep keeps the cores.

Every contender runs in a process of its own with a hard time limit. Contenders alternate within a round; a figure is
the median over rounds of the ratio to the first row of the same round. The cost of a run is a slope: the time from the
first completed run to the last over the runs between them. What is beside that (imports, planning, start-up, summary)
stands apart. Nobody competes with an imitation: who could not be installed, or failed, is shown as not measured.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec

import tables
from facts import cores, facts, load
from rounds import Effort, measure
from show import busy_table, table
from thunks import BURNT_S

HOW_MANY = {"quick": [50, 200], "usual": [100, 1_000], "long": [100, 1_000, 10_000]}
Lines = Iterator[str]


def main() -> None:
    given, started = _arguments(), time.monotonic()
    effort = Effort(given.rounds or 2, 0.7, 3, 50) if given.quick else Effort(given.rounds or 5, 10.0, 5, 200)
    print(
        "The cost of an empty run: ratios to the first row, median of the rounds (the least and the largest of them);"
    )
    print("apart: what a contender took beside its runs, for imports, planning, start-up and summary")
    print("\n".join(f"  {line}" for line in [*facts(tables.OPENMPI), load()]), flush=True)
    for number, lines in TABLES.items():
        if number in given.tables:
            print("\n".join(lines(given, effort)), flush=True)
    print(f"\n  {time.monotonic() - started:.0f} s in all; afterwards, {load()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="5 by default; 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer runs, without those that take seconds each")
    parser.add_argument("--long", action="store_true", help="10,000 runs too")
    parser.add_argument("--torch", action="store_true", help="make.py installs torch for the third table")
    parser.add_argument("--tables", type=int, nargs="+", default=list(TABLES), choices=list(TABLES), metavar="1..5")
    return parser.parse_args()


def _one_process(given: argparse.Namespace, effort: Effort) -> Lines:
    yield from table("1. One process a run, one slot, numpy loaded", measure(tables.one_process(given.quick), effort))
    yield "  map_array has no limit of runs at once and used every core; Hydra's runs share one process and its state."


def _two_ranks(given: argparse.Namespace, effort: Effort) -> Lines:
    yield from table("2a. Two MPI ranks a run, an Allreduce, MPICH", measure(tables.two_ranks(), effort))
    yield from table("2b. The same with Open MPI", measure(tables.two_ranks_of_open_mpi(), effort))


def _torch(given: argparse.Namespace, effort: Effort) -> Lines:
    title = "3. One process a run, the function's module imports torch"
    if find_spec("torch") is None:
        yield f"\n{title}\n  !! NOT MEASURED: torch is not installed; python3 make.py bench launch --torch installs it"
        return
    yield from table(title, measure(tables.torch(), effort), "fresh")


def _many_runs(given: argparse.Namespace, effort: Effort) -> Lines:
    counts = HOW_MANY["long" if given.long else "quick" if given.quick else "usual"]
    found = measure(tables.many_runs(counts), _few_rounds(effort, given.long))
    yield from table("4. The cost of a run as sweeps grow (1 is flat)", found, f"{counts[0]} runs")


def _busy(given: argparse.Namespace, effort: Effort) -> Lines:
    title = f"5. Cores busy: runs of {BURNT_S:g} s of processor time on {cores()} cores"
    yield from busy_table(title, measure(tables.busy(cores()), _few_rounds(effort, given.quick)), cores(), BURNT_S)
    yield "  of the runs: the runs' processor time over cores and time from the first start to the last end;"
    yield "  of the whole: over the whole command; all CPU time: with what the command itself used."


def _few_rounds(effort: Effort, one: bool) -> Effort:
    return replace(effort, rounds=1 if one else min(3, effort.rounds))


TABLES: dict[int, Callable[[argparse.Namespace, Effort], Lines]] = {
    1: _one_process,
    2: _two_ranks,
    3: _torch,
    4: _many_runs,
    5: _busy,
}


if __name__ == "__main__":
    main()
