"""Looking at many runs: `sweep status` and one look of `sweep watch`, over 10^3 and 10^4 run directories.

    python benchmarks/status.py [--rounds 3]

Of five seeds each; a hundredth of the runs has failed with a log of 100 lines, and ten go on and have 500 rows. Times
are of the processor, with the files in the system's cache; the floor opens and reads the two files of each run that
say what it is. A look of `watch` has room for 40 settings, and is timed the first time, and again with nothing changed.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweep.results.find import find_runs
from sweep.results.status.survey import survey
from sweep.results.status.view import status_page
from sweep.results.text.glyphs import UNICODE
from sweep.results.text.screen import text_of
from sweep.results.watch.look import Watcher
from sweep.results.watch.view import watch_page
from sweep.rundir.lock import Lock, take
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant

COUNTS, SEEDS, RUNNING, ROWS, ROOM = (10**3, 10**4), 5, 10, 500, 40


def fill(data_dir: Path, count: int) -> list[Lock]:
    """Leave runs behind; return the locks of those that go on."""
    locks = []
    for number in range(count):
        name, seed = f"ppo_lr{number // SEEDS}", number % SEEDS
        run = Place(data_dir).run_dir(name, seed)
        run.own.mkdir(parents=True)
        config = {"lr": number // SEEDS, "epochs": ROWS, "clip": 0.2, "hidden_sizes": (64, 64), "seed": seed}
        write_variant(run, f"id{number}", name, "module:train", config)
        locks += [lock] if (lock := begin(run, number, count)) else []
    return locks


def begin(run: RunDir, number: int, count: int) -> Lock | None:
    """Give a run its state, and what it has written."""
    now = time.time()
    if number >= count - RUNNING:
        write_status(run, Status(State.RUNNING, 1, "", 1, now - 100.0))
        rows = "".join(f"{row}\t{row * 1000}\t{row * 0.5}\n" for row in range(ROWS // 2))
        run.progress.write_text("Epoch\tTotalEnvInteracts\tAverageEpRet\n" + rows)
        return take(run.lock)
    failed = number % 100 == 99
    cause = "rank 0: ValueError: nan" if failed else ""
    write_status(run, Status(State.FAILED if failed else State.DONE, 1, "", 1, now - 200.0, now - 10.0, cause))
    if failed:
        run.output.write_text("a line of output\n" * 100)
    return None


def floor(data_dir: Path, count: int) -> None:
    """Read what says which configuration each run has, and how it stands."""
    for number in range(count):
        run = Place(data_dir).run_dir(f"ppo_lr{number // SEEDS}", number % SEEDS)
        json.loads(run.variant.read_bytes())
        json.loads(run.status.read_bytes())


def status(data_dir: Path) -> None:
    text_of(status_page(survey(find_runs(data_dir)), "data", UNICODE), io.StringIO())


def look(watcher: Watcher, data_dir: Path) -> None:
    text_of(watch_page(watcher.look(find_runs(data_dir), room=ROOM), "data", UNICODE), io.StringIO())


def seconds(work: Callable[[], Any], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def table(data_dir: Path, count: int, rounds: int) -> None:
    print(f"\n{count:,} runs" + " " * 31 + "CPU seconds")
    watcher = Watcher()
    rows: dict[str, Callable[[], Any]] = {
        "two files of each read (floor)": lambda: floor(data_dir, count),
        "finding them": lambda: find_runs(data_dir),
        "status": lambda: status(data_dir),
        "watch, the first look": lambda: look(Watcher(), data_dir),
        "watch, nothing changed": lambda: look(watcher, data_dir),
    }
    look(watcher, data_dir)
    for name, work in rows.items():
        print(f"  {name:<40}{seconds(work, rounds):7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print("Looking at runs (aim: a few seconds for 10,000)")
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            locks = fill(Path(folder), count)
            table(Path(folder), count, rounds)
            for lock in locks:
                lock.release()


if __name__ == "__main__":
    main()
