"""Empty runs through Slurm, over the same number of empty jobs; and how often Slurm is asked.

    python3 make.py bench slurm [--quick] [--rounds 3] [--tables 1 2]

On a throw-away cluster of two virtual nodes of 4 cores on this machine, so 8 runs go on at once, whatever it has; its
daemons come with `bash tests/slurm_up.sh install`, which needs root. Tables: (1) an array of empty runs: contenders
alternate within a round, a ratio is taken within a round, and the figure is the median over the rounds; (2) calls of
Slurm's programs by a launch of few and of many runs, and by `sweep wait`; (3) `sweep status` of runs that wait in the
queue. The calls are counted by programs of the same names that stand before the real ones. The runs of (2) and (3) are
submitted with `--hold`, so that they wait.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import contenders
from cluster import cancel_all, cluster, counted, cpu_s, in_words, missing, version, wait_until_idle
from contenders import Contender, Took

CONTENDERS: dict[str, Contender] = {
    "sbatch --array, true (floor)": contenders.bare,
    "sbatch --array, srun true": contenders.bare_step,
    "sweep": contenders.sweep,
    "sweep, start='fork'": contenders.sweep_fork,
    "submitit map_array": contenders.submitit_array,
}
HELD = {"directives": ["--hold"]}


def main() -> None:
    given = _arguments()
    if absent := missing():
        print(f"!! NOT MEASURED: {absent} not here; `bash tests/slurm_up.sh install` installs Slurm, as root")
        return
    with cluster(), tempfile.TemporaryDirectory() as name:
        print(f"Runs through {version()}, two virtual nodes of 4 cores on a machine of {len(os.sched_getaffinity(0))};")
        print(f"Python {platform.python_version()}, load average of the last minute: {os.getloadavg()[0]:.1f}")
        for number, table in TABLES.items():
            if number in given.tables:
                folder = Path(name) / str(number)
                folder.mkdir()
                table(folder, given)
                cancel_all()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer runs, one round")
    parser.add_argument("--rounds", type=int, help="3 by default; 1 with --quick")
    parser.add_argument("--tables", type=int, nargs="+", default=list(TABLES), choices=list(TABLES), metavar="1..3")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    return given


def arrays(folder: Path, given: argparse.Namespace) -> None:
    """Print the first table."""
    count = 40 if given.quick else 200
    found: dict[str, list[Took]] = {name: [] for name in _installed()}
    spent: dict[str, list[float]] = {name: [] for name in found}
    for number in range(given.rounds):
        for name, contender in CONTENDERS.items():
            if name in found:
                place = folder / f"{number} {len(found[name])} {contender.__name__}"
                place.mkdir()
                found[name].append(contender(count, place))
                wait_until_idle()
                spent[name].append(cpu_s(found[name][-1].array))
                told = f"{found[name][-1].over_s:.1f} s, {1e3 * spent[name][-1]:.0f} ms of CPU a run"
                print(f"    round {number + 1} {name}: {told}", file=sys.stderr, flush=True)
    floor = next(iter(found.values()))
    print(f"\n1. {count} empty runs as one array, {given.rounds} rounds")
    print(f"  {'':32}{'x floor':>9}{'(min..max)':>16}{'ms a run':>10}{'CPU ms a run':>14}{'call returns in':>17}")
    for name, own in found.items():
        print(_row(name, own, floor, count, statistics.median(spent[name])))
    print("  ms: from the call to the end of the last run, over the runs; CPU ms: of the median job, from accounting,")
    print("  which counts what the job's own processes use, and so nothing of Slurm's daemons")


def _installed() -> list[str]:
    there = importlib.util.find_spec("submitit") is not None
    if not there:
        print("!! NOT MEASURED: submitit is not installed; python3 make.py bench slurm installs it")
    return [name for name in CONTENDERS if there or not name.startswith("submitit")]


def _row(name: str, own: list[Took], floor: list[Took], count: int, cpu: float) -> str:
    ratios = [mine.over_s / base.over_s for mine, base in zip(own, floor, strict=True)]
    spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
    each = 1e3 * statistics.median(took.over_s for took in own) / count
    returned = statistics.median(took.returned_s for took in own)
    return f"  {name:32}{statistics.median(ratios):9.2f}{spread:>16}{each:10.0f}{1e3 * cpu:14.0f}{returned:15.2f} s"


def calls(folder: Path, given: argparse.Namespace) -> None:
    """Print the second table."""
    few, many = (20, 50) if given.quick else (20, 200)
    print("\n2. Calls of Slurm's programs")
    for count in (few, many):
        data = folder / str(count)
        with counted(folder) as made:
            contenders.submit(count, data, slurm=HELD)
        print(f"  {f'run() of {count} runs':32}{made.total():4}  {in_words(made)}", flush=True)
    print(_waiting(folder, folder / str(many), 20.0 if given.quick else 60.0), flush=True)


def _waiting(folder: Path, data: Path, seconds: float) -> str:
    title = f"sweep wait, in {seconds:g} s"
    with counted(folder) as made:
        process = subprocess.Popen(_command("wait", data), stdout=subprocess.DEVNULL)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait()
        else:
            title = f"sweep wait, which ended ({code})"
    return f"  {title:32}{made.total():4}  {in_words(made)}"


def status(folder: Path, given: argparse.Namespace) -> None:
    """Print the third table."""
    count = 100 if given.quick else 1_000
    data, rounds = folder / "data", max(3, given.rounds)
    submitted = _median(lambda: contenders.submit(count, data, slurm=HELD), 1)
    with counted(folder) as made:
        _quietly(_command("status", data))
    print(f"\n3. {count:,} runs that wait in Slurm's queue")
    queue = ["squeue", "--noheader", "--array", "--all", "--states=all", "--format=%i %T %r %N %j"]
    rows: dict[str, float] = {
        "run() submits them": submitted,
        "squeue alone": _median(lambda: _quietly(queue), rounds),
        "sweep status": _median(lambda: _quietly(_command("status", data)), rounds),
        "sweep status of no runs": _median(lambda: _quietly(_command("status", folder / "shims")), rounds),
    }
    for name, seconds in rows.items():
        print(f"  {name:32}{seconds:8.2f} s")
    print(f"  {'calls by sweep status':32}{made.total():8}    {in_words(made)}")


def _command(name: str, data: Path) -> list[str]:
    return [sys.executable, "-m", "sweep", name, str(data)]


def _quietly(words: list[str]) -> None:
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _median(work: Callable[[], object], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


TABLES: dict[int, Callable[[Path, argparse.Namespace], None]] = {1: arrays, 2: calls, 3: status}


if __name__ == "__main__":
    main()
