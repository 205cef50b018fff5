"""The report of a sweep of 120 runs: how long it takes to make, how large it is, how long a browser draws it.

    python benchmarks/report.py [--rounds 3]

24 settings of 5 seeds, 500 rows of 5 columns each. Times are of the wall clock, with the files in the system's cache;
the command is a process of its own. A browser is timed if chromium, chromedriver and selenium are there.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

from sweep.results.find import find_runs
from sweep.results.report.content import gather
from sweep.results.report.files import write_report
from sweep.results.report.request import ReportRequest
from sweep.rundir.naming import Place
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant

LRS, CLIPS, ACTS, SEEDS, ROWS = (1e-4, 3e-4, 1e-3, 3e-3), (0.1, 0.2, 0.3), ("tanh", "relu"), 5, 500
HEAD = "Epoch\tAverageEpRet\tStdEpRet\tLoss\tTotalEnvInteracts\n"


def fill(data_dir: Path) -> None:
    """Leave the runs behind."""
    draw = random.Random(0)
    for lr, clip, act, seed in product(LRS, CLIPS, ACTS, range(SEEDS)):
        name = f"ppo_lr{lr}_cli{clip}_act{act}"
        run = Place(data_dir).run_dir(name, seed)
        run.own.mkdir(parents=True)
        write_variant(run, f"{name}{seed}", name, "module:train", {"lr": lr, "clip": clip, "act": act, "seed": seed})
        write_status(run, Status(State.DONE, 1, "", 1, 0.0, 60.0))
        run.progress.write_text(HEAD + "".join(row(epoch, lr, draw) for epoch in range(ROWS)))


def row(epoch: int, lr: float, draw: random.Random) -> str:
    height = 1000 * (2 + math.log10(lr * 1e3)) * (1 - math.exp(-epoch / 100)) + draw.gauss(0, 60)
    return f"{epoch}\t{height}\t{abs(draw.gauss(0, 9))}\t{math.exp(-epoch / 50)}\t{epoch * 4000}\n"


def seconds(work: Callable[[], object], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def drawing_s(page: Path, folder: Path) -> float | None:
    """Return how long a browser takes from opening a page until all figures are drawn; None without one."""
    browser, control = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or control is None or importlib.util.find_spec("selenium") is None:
        return None
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(control))
    try:
        start = time.perf_counter()
        driver.get(page.as_uri())
        while not driver.execute_script("return document.documentElement.dataset.ready"):
            time.sleep(0.01)
        return time.perf_counter() - start
    finally:
        driver.quit()


def table(folder: Path, rounds: int) -> None:
    data, page = folder / "data", folder / "report.html"
    runs = find_runs(data)
    report = gather(runs, ReportRequest((str(data),)))
    command = [sys.executable, "-m", "sweep", "report", str(data), "-o", str(page)]
    whole, small = write_report(report, page), write_report(report, folder / "small.html", is_shared=True)
    made = seconds(lambda: subprocess.run(command, check=True, capture_output=True), rounds)
    rows: dict[str, str] = {
        "sweep report, the whole command": f"{made:.2f} s",
        "of it reading and ranking": f"{seconds(lambda: gather(runs, ReportRequest((str(data),))), rounds):.2f} s",
        "of it writing the page": f"{seconds(lambda: write_report(report, page), rounds):.2f} s",
        "size as one file": f"{whole.size / 1e6:.2f} MB",
        "size with --shared, without plotly": f"{small.size / 1e6:.2f} MB",
    }
    drawn = drawing_s(page, folder)
    rows["until all figures are drawn in Chromium"] = "no browser here" if drawn is None else f"{drawn:.2f} s"
    for name, value in rows.items():
        print(f"  {name:<44}{value:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print("A report of 120 runs of 500 rows (aim: at most 2.5 MB as one file)")
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name) / "data")
        table(Path(name), rounds)


if __name__ == "__main__":
    main()
