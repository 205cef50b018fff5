"""Empty runs as one array: by sbatch alone, by submitit, and by sweep. Each says when the call returned, and the end.

The end is when the last run had left its mark on the disk: a file, a result, a `status.json` that says done. So nobody
has to ask Slurm for it, and what is asked while waiting counts for nobody.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep import ExperimentGrid

_LOOK_S = 1.0
_LIMIT_S = 900.0


@dataclass(frozen=True)
class Took:
    """Seconds from the call to its return, and to the end of the last run; and the id of the array."""

    returned_s: float
    over_s: float
    array: str


Contender = Callable[[int, Path], Took]


def empty(seed: int = 0) -> float:
    """Do nothing."""
    return time.time()


def bare(count: int, folder: Path) -> Took:
    return _array("true", count, folder)


def bare_step(count: int, folder: Path) -> Took:
    return _array("srun true", count, folder)


def _array(command: str, count: int, folder: Path) -> Took:
    """The mark is made by the job's shell, with no process of its own."""
    start = time.time()
    words = [f"--array=0-{count - 1}", "--output=/dev/null", f"--chdir={folder}"]
    job = f"{command} && : > $SLURM_ARRAY_TASK_ID.mark"
    made = subprocess.run(["sbatch", "--parsable", *words, "--wrap", job], check=True, capture_output=True, text=True)
    returned = time.time()
    return _took(start, returned, made.stdout.strip(), count, lambda: _changed(folder.glob("*.mark")))


def submitit_array(count: int, folder: Path) -> Took:
    import submitit

    start = time.time()
    executor = submitit.AutoExecutor(folder, cluster="slurm")
    executor.update_parameters(timeout_min=30, cpus_per_task=1)
    jobs = executor.map_array(empty, list(range(count)))
    returned, array = time.time(), jobs[0].job_id.partition("_")[0]
    return _took(start, returned, array, count, lambda: _changed(folder.glob("*_result.pkl")))


def sweep(count: int, folder: Path) -> Took:
    return _submitted(count, folder)


def sweep_fork(count: int, folder: Path) -> Took:
    """The run's process is forked from another, which has imported what it needs: of use to several runs in a row."""
    return _submitted(count, folder, start="fork")


def _submitted(count: int, folder: Path, **options: Any) -> Took:
    start = time.time()
    submit(count, folder, **options)
    returned = time.time()
    (number,) = folder.glob(".sweep/slurm/*/job")
    return _took(start, returned, number.read_text().strip(), count, lambda: _done(folder))


def submit(count: int, folder: Path, **options: Any) -> None:
    """Submit a grid of so many seeds into a data directory, and say nothing."""
    grid = ExperimentGrid("bench")
    grid.add("seed", list(range(count)))
    with contextlib.redirect_stdout(io.StringIO()):
        grid.run(empty, engine="slurm", data_dir=folder, wait=0, **options)


def _changed(files: Any) -> list[float]:
    return [file.stat().st_mtime for file in files]


def _done(folder: Path) -> list[float]:
    found = [json.loads(file.read_bytes()) for file in folder.rglob("status.json")]
    failed = [status["cause"] for status in found if status["state"] in ("failed", "interrupted")]
    if failed:
        raise RuntimeError(f"{len(failed)} runs have not been done: {failed[0]}")
    return [status["ended"] for status in found if status["state"] == "done"]


def _took(start: float, returned: float, array: str, count: int, ends: Callable[[], Sequence[float]]) -> Took:
    while len(found := ends()) < count:
        if time.time() - start > _LIMIT_S:
            raise RuntimeError(f"{len(found)} of {count} runs are over after {_LIMIT_S:g} s")
        time.sleep(_LOOK_S)
    return Took(returned - start, max(found) - start, array)
