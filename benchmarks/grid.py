"""Names and nested dicts of a grid's variants against `itertools.product` over the same values.

    python benchmarks/grid.py [--rounds 7]

Six colon-nested keys, 10^4, 10^5 and 10^6 variants, streamed: every contender is drained by the same `for` loop, so the
floor is what a loop over the bare tuples costs. Making the names' parts is counted. Times are processor time. Peak
memory is of the iteration alone.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sweep.grid.grid import Grid
from sweep.grid.survey import survey

KEYS = ("ac_kwargs:hidden_sizes", "ac_kwargs:activation", "opt:lr", "opt:eps", "env:name", "env:steps")
LENGTHS = {10**4: (10, 10, 10, 10, 1, 1), 10**5: (10, 10, 10, 10, 10, 1), 10**6: (10,) * 6}
Make = Callable[[], Iterable[Any]]


def values(count: int) -> list[list[int]]:
    return [list(range(length)) for length in LENGTHS[count]]


def grid_of(count: int) -> Grid:
    grid = Grid("bench")
    for key, alternatives in zip(KEYS, values(count), strict=True):
        grid.add(key, alternatives, in_name=True)
    return grid


def by_hand(lists: list[list[int]]) -> Iterator[dict[str, Any]]:
    """The nested dicts alone, written out as nobody would for every grid: what any unfolding can hope for."""
    for a, b, c, d, e, f in itertools.product(*lists):
        yield {
            "ac_kwargs": {"hidden_sizes": a, "activation": b},
            "opt": {"lr": c, "eps": d},
            "env": {"name": e, "steps": f},
        }


def contenders(count: int) -> dict[str, Make]:
    grid, lists = grid_of(count), values(count)
    return {
        "itertools.product (floor)": lambda: itertools.product(*lists),
        "nested dicts, written by hand": lambda: by_hand(lists),
        "iter_variants: nested dicts": grid.iter_variants,
        "named_variants: names and nested dicts": grid.named_variants,
    }


def drain(items: Iterable[Any]) -> None:
    for _ in items:
        pass


def seconds(make: Make) -> float:
    start = time.process_time()
    drain(make())
    return time.process_time() - start


def peak_mb(make: Make) -> float:
    items = make()
    tracemalloc.start()
    drain(items)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def table(count: int, rounds: int) -> None:
    made = contenders(count)
    repeats = max(1, 200_000 // count)
    times: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, make in made.items():
            times[name].append(sum(seconds(make) for _ in range(repeats)) / repeats)
    floor = times["itertools.product (floor)"]
    print(f"\n{count:,} variants of six colon-nested keys" + " " * 12 + "x floor   ns each   peak MB")
    for name, found in times.items():
        ratio = statistics.median(one / least for one, least in zip(found, floor, strict=True))
        print(f"  {name:<46}{ratio:8.1f}{statistics.median(found) / count * 1e9:10.0f}{peak_mb(made[name]):10.2f}")


def proof(count: int) -> None:
    grid = grid_of(count)
    start = time.process_time()
    found = survey(grid.definition)
    spent = time.process_time() - start
    print(f"  proof that the {found.settings:,} names are unique, counts and longest name: {spent * 1e3:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print("Expansion and naming (aim: names and nested dicts at most 15 x the floor, memory flat)")
    for count in LENGTHS:
        table(count, rounds)
        proof(count)


if __name__ == "__main__":
    main()
