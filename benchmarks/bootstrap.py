"""Bootstrap intervals of 50,000 repeats, over scipy's on the same scores.

    python benchmarks/bootstrap.py [--rounds 5] [--repeats 50000]

The interquartile mean and the mean of all runs, resampled within each task. Contenders alternate within a round; a
ratio is taken within a round, and the figure is the median over the rounds. scipy gets the same statistic as a
vectorised function, `scipy.stats.bootstrap(tasks, method="percentile", vectorized=True)`: what differs is the drawing.
The last column is how far the ends are apart, in parts of the interval's width: what is left of chance. A single task
of 5 seeds has 126 different resamples, which sweep enumerates instead of drawing. Times are of the processor: nothing
here waits.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable

import numpy as np

from sweep.results.statistics.bootstrap import REPEATS, stratified_interval
from sweep.results.statistics.robust import iqm_of_rows

SHAPES = ((1, 5), (1, 20), (4, 5), (10, 10), (26, 5))
STATISTICS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "interquartile mean": iqm_of_rows,
    "mean": lambda rows: rows.mean(axis=-1),
}
Ends = tuple[float, float]


def ours(tasks: list[np.ndarray], statistic: Callable[[np.ndarray], np.ndarray], repeats: int, seed: int) -> Ends:
    interval = stratified_interval(tasks, statistic, repeats, seed=seed)
    assert interval is not None
    return interval


def of_scipy(tasks: list[np.ndarray], statistic: Callable[[np.ndarray], np.ndarray], repeats: int, seed: int) -> Ends:
    import scipy.stats

    def of_samples(*samples: np.ndarray, axis: int) -> np.ndarray:
        return statistic(np.moveaxis(np.concatenate(samples, axis=axis), axis, -1))

    interval = scipy.stats.bootstrap(
        tasks,
        of_samples,
        n_resamples=repeats,
        batch=1_000,  # all at once is slower and takes gigabytes
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def timed(work: Callable[..., Ends], *arguments: object) -> tuple[float, Ends]:
    gc.collect()
    start = time.process_time()
    ends = work(*arguments)
    return time.process_time() - start, ends


def row(name: str, shape: tuple[int, int], rounds: int, repeats: int) -> str:
    draw = np.random.default_rng(0)
    tasks = [draw.normal(0.6, 0.3, shape[1]) for _ in range(shape[0])]
    spent: list[tuple[float, float]] = []
    for number in range(rounds):
        (mine, found), (theirs, expected) = (
            timed(work, tasks, STATISTICS[name], repeats, number) for work in (ours, of_scipy)
        )
        spent.append((mine, theirs))
    apart = max(abs(a - b) for a, b in zip(found, expected, strict=True)) / (expected[1] - expected[0])
    ratio = statistics.median(theirs / mine for mine, theirs in spent)
    here, there = (1e3 * statistics.median(times) for times in zip(*spent, strict=True))
    what = f"{shape[0]} task{'s' if shape[0] > 1 else ''} x {shape[1]} seeds"
    return f"  {name:<20}{what:<20}{here:10.1f}{there:10.1f}{ratio:10.1f}{apart:10.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    arguments = parser.parse_args()
    try:
        import scipy
    except ImportError as error:
        print(f"!! NOT MEASURED: {error}")
        return
    of_scipy([np.arange(3.0)], STATISTICS["mean"], 10, 0)  # imports everything
    print(f"Bootstrap intervals, {arguments.repeats:,} repeats; numpy {np.__version__}, scipy {scipy.__version__}")
    print(f"  {'statistic':<20}{'scores':<20}{'sweep ms':>10}{'scipy ms':>10}{'times':>10}{'apart':>10}")
    for name in STATISTICS:
        for shape in SHAPES:
            print(row(name, shape, arguments.rounds, arguments.repeats))


if __name__ == "__main__":
    main()
