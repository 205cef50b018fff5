"""The logger against the floor: what the least that could do the job costs, and how many times that it takes.

    python benchmarks/logger.py [--rounds 9]

Contenders alternate within a round; a figure is the median over the rounds of the ratio to the floor of the same round,
so a machine that slows down for a while slows both. Times are processor time of this process, since the machine may
be shared; the statistics of two ranks, where waiting counts, are wall time.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from sweep.base.mpi_command import find_launcher, mpi_argv, mpi_environment
from sweep.runtime.log.epoch_logger import EpochLogger
from sweep.runtime.log.logger import Logger
from sweep.runtime.moments import moments_of
from sweep.runtime.mpi.helpers import across_ranks, mpi_statistics_scalar, proc_id

VALUES = 1_000_000
ROWS = 5_000
SAMPLES = 100_000
COLUMNS = [f"Column{i}" for i in range(12)]
Contender = Callable[[], object]
Clock = Callable[[], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ranks-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ranks_only:
        two_ranks(max(arguments.rounds, 7))
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        store(arguments.rounds)
        rows(arguments.rounds)
        outputs(arguments.rounds)
    start_two_ranks(arguments.rounds)


def measure(title: str, contenders: dict[str, Contender], count: int, rounds: int, clock: Clock) -> None:
    """Time contenders in alternating rounds and print their ratios to the first."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            start = clock()
            contender()
            times[name].append((clock() - start) / count)
    floor, *_ = times.values()
    print(f"\n{title}\n  {'':58} {'x floor':>8} {'(min..max)':>14} {'ns each':>10}")
    for name, own in times.items():
        ratios = [mine / base for mine, base in zip(own, floor, strict=True)]
        spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"  {name:58} {statistics.median(ratios):8.2f} {spread:>14} {statistics.median(own) * 1e9:10.0f}")


@contextlib.contextmanager
def silent() -> Iterator[None]:
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


# (a) storing


def append_fresh() -> object:
    kept: list[float] = []
    for i in range(VALUES):
        kept.append(i * 0.37)
    return kept


def append_and_statistics() -> object:
    kept = np.array(append_fresh())
    return kept.mean(), kept.std(), kept.min(), kept.max()


def store_fresh(logger: EpochLogger) -> None:
    for i in range(VALUES):
        logger.store(Val=i * 0.37)
    finish(logger)


def channel_fresh(logger: EpochLogger) -> None:
    put = logger.channel("Val")
    for i in range(VALUES):
        put(i * 0.37)
    finish(logger)


def finish(logger: EpochLogger) -> None:
    logger.log_tabular("Val", with_min_and_max=True)
    with silent():
        logger.dump_tabular()


def append_ready(values: list[float]) -> object:
    kept: list[float] = []
    for value in values:
        kept.append(value)
    return kept


def store_ready(logger: EpochLogger, values: list[float]) -> None:
    for value in values:
        logger.store(Val=value)
    finish(logger)


def store(rounds: int) -> None:
    with silent():
        logger = EpochLogger("store")
    fresh: dict[str, Contender] = {
        "list.append (floor)": append_fresh,
        "list.append, then numpy statistics": append_and_statistics,
        "EpochLogger.store, statistics and row included": functools.partial(store_fresh, logger),
        "EpochLogger.channel, statistics and row included": functools.partial(channel_fresh, logger),
    }
    measure("(a) 1e6 values computed as they come (aim: store at most 8)", fresh, VALUES, rounds, time.process_time)
    values = [i * 0.37 for i in range(VALUES)]
    ready: dict[str, Contender] = {
        "list.append (floor)": functools.partial(append_ready, values),
        "EpochLogger.store, statistics and row included": functools.partial(store_ready, logger, values),
    }
    measure("    the same with values that exist already", ready, VALUES, rounds, time.process_time)
    for name, contender in fresh.items():
        print(f"  peak memory, {name:45} {peak_mb(contender):8.2f} MB")


def peak_mb(contender: Contender) -> float:
    """Return the growth of traced memory; a pass of its own, since tracing slows everything."""
    tracemalloc.start()
    try:
        contender()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


# (b) rows


def row_values(i: int) -> list[float]:
    return [i * 0.37 + column / 7 for column in range(len(COLUMNS))]  # 15 to 17 digits, as means and times have


def log_rows(logger: Logger) -> None:
    with silent():
        for i in range(ROWS):
            for name, value in zip(COLUMNS, row_values(i), strict=True):
                logger.log_tabular(name, value)
            logger.dump_tabular()


def floor_rows() -> None:
    with Path("floor.txt").open("w") as file:
        for i in range(ROWS):
            file.write("\t".join(map(str, row_values(i))) + "\n")
            file.flush()


def floor_rows_and_table() -> None:
    rule = "-" * 37
    with Path("floor.txt").open("w") as file, Path(os.devnull).open("w") as console:
        for i in range(ROWS):
            values = row_values(i)
            file.write("\t".join(map(str, values)) + "\n")
            file.flush()
            lines = [f"| {name:>15} | {value:15.3g} |" for name, value in zip(COLUMNS, values, strict=True)]
            console.write("\n".join([rule, *lines, rule, ""]))
            console.flush()


JUST_TABLES = ("-log", "-metrics", "-tracked")  # progress.txt and the console, as the floor has; the others are in (c)


def rows(rounds: int) -> None:
    with silent():
        makers = {"Logger": Logger, "EpochLogger": EpochLogger}
        loggers = {name: make(name, outputs=JUST_TABLES) for name, make in makers.items()}
    ours: dict[str, Contender] = {
        f"{name}: log_tabular and dump_tabular, table included": functools.partial(log_rows, logger)
        for name, logger in loggers.items()
    }
    title = "(b) a row of 12 columns (aim: at most 2)"
    plain: dict[str, Contender] = {"join, write, flush (floor)": floor_rows, "floor and table": floor_rows_and_table}
    measure(title, plain | ours, ROWS, rounds, time.process_time)
    table: dict[str, Contender] = {"join, write, flush and a table (floor)": floor_rows_and_table}
    measure("    against a floor that prints the table too", table | ours, ROWS, rounds, time.process_time)


# (c) each output

ONLY_PROGRESS = ("-console", "-log", "-metrics", "-tracked")
Write = Callable[[list[float]], object]


def outputs(rounds: int) -> None:
    """Time a row with each output beside `progress.txt`; the floor formats and writes the same, and nothing else."""
    with contextlib.ExitStack() as files:
        for name, floor in floors(files).items():
            one_output(name, floor, rounds)


def one_output(name: str, floor: list[Write], rounds: int) -> None:
    added = () if name == "progress" else (name,)
    with silent():
        logger = Logger(f"output_{name}", outputs=[*ONLY_PROGRESS, *added])
    contenders: dict[str, Contender] = {
        "format, write (floor)": functools.partial(floor_of, floor),
        f"Logger: log_tabular and dump_tabular, {' and '.join(['progress', *added])}": functools.partial(
            log_rows, logger
        ),
    }
    measure(f"(c) a row of 12 columns, output {name}", contenders, ROWS, rounds, time.process_time)


def floors(files: contextlib.ExitStack) -> dict[str, list[Write]]:
    """Return what each output's floor does with a row, beginning with what `progress.txt` needs."""
    progress = to_file(files, "floor_progress.txt", lambda values: "\t".join(map(str, values)) + "\n")
    found = {
        "progress": [progress],
        "metrics": [
            progress,
            to_file(files, "floor.jsonl", lambda values: json.dumps(dict(zip(COLUMNS, values, strict=True))) + "\n"),
        ],
        "console": [progress, to_file(files, os.devnull, plain_table)],
        "log": [progress, to_file(files, "floor_log.txt", plain_table)],
    }
    if importlib.util.find_spec("tensorboard") is not None:
        found["tensorboard"] = [progress, to_events(files, "floor.events")]
    return found


def floor_of(writes: list[Write]) -> None:
    for i in range(ROWS):
        values = row_values(i)
        for write in writes:
            write(values)


def to_file(files: contextlib.ExitStack, path: str, text: Callable[[list[float]], str]) -> Write:
    file = files.enter_context(io.FileIO(path, "w"))

    def write(values: list[float]) -> None:
        file.write(text(values).encode())

    return write


def plain_table(values: list[float]) -> str:
    rule = "-" * 37
    lines = [f"| {name:>15} | {value:15.3g} |" for name, value in zip(COLUMNS, values, strict=True)]
    return "\n".join([rule, *lines, rule, ""])


def to_events(files: contextlib.ExitStack, path: str) -> Write:
    """Return a floor for TensorBoard: its own messages and record writer, one event a row."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    writer = RecordWriter(files.enter_context(io.FileIO(path, "w")))

    def write(values: list[float]) -> None:
        points = [Summary.Value(tag=tag, simple_value=value) for tag, value in zip(COLUMNS, values, strict=True)]
        writer.write(Event(wall_time=time.time(), summary=Summary(value=points)).SerializeToString())

    return write


# (d) two ranks


def start_two_ranks(rounds: int) -> None:
    launcher = find_launcher(None, os.environ)
    command = [sys.executable, "-m", "mpi4py", __file__, "--ranks-only", "--rounds", str(rounds)]
    sys.stdout.flush()
    argv = mpi_argv(launcher, 2, command, as_root=os.geteuid() == 0)
    subprocess.run(argv, env=mpi_environment(os.environ, launcher.family), check=True)


def two_ranks(rounds: int) -> None:
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    values = np.random.default_rng(proc_id()).normal(size=SAMPLES)
    everything = np.empty(2 * SAMPLES)
    five = np.empty((2, 5))

    def floor() -> None:
        mean = values.mean()
        away = values - mean
        local = np.array([values.size, mean, away @ away, values.min(), values.max()])
        world.Allgather(local, five)

    def gather_all() -> None:
        world.Allgather(values, everything)

    def gather_all_and_statistics() -> object:
        world.Allgather(values, everything)
        return everything.mean(), everything.std(), everything.min(), everything.max()

    contenders: dict[str, Contender] = {
        "local moments, one Allgather of 5 numbers (floor)": floor,
        "mpi_statistics_scalar with min and max": lambda: mpi_statistics_scalar(values, with_min_and_max=True),
        "moments and across_ranks": lambda: across_ranks(moments_of(values)),
        "one Allgather of all values": gather_all,
        "one Allgather of all values, then statistics": gather_all_and_statistics,
    }
    repeated: dict[str, Contender] = {
        name: functools.partial(repeat, contender, world.Barrier) for name, contender in contenders.items()
    }
    with contextlib.nullcontext() if proc_id() == 0 else silent():
        title = "(d) statistics of 1e5 values on each of 2 ranks (aim: at most 1.2)"
        measure(title, repeated, REPEATS, rounds, time.perf_counter)


REPEATS = 50


def repeat(contender: Contender, barrier: Contender) -> None:
    for _ in range(REPEATS):
        barrier()
        contender()


if __name__ == "__main__":
    main()
