"""The driver of these tests: ``python slurm_sweep.py THUNK JSON`` submits a grid of numbered runs.

JSON: ``runs``, ``data``, ``name`` of the grid, ``sweep`` (further parameters); whatever else is there goes to
``ExperimentGrid.run``. With SWEEP_TEST_STOP_AT='sbatch', or 'prepare', this process is killed by SIGKILL there, before
or after what the name says: 'before sbatch', 'after sbatch', 'after prepare 2' (behind the second run).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import slurm_thunks

from sweep import ExperimentGrid
from sweep.base.errors import SweepError
from sweep.launch.slurm.engine import SlurmEngine
from sweep.launch.slurm.talk.client import Slurm

_DEATH = "SWEEP_TEST_DEATH"


def main(argv: list[str]) -> int:
    options = json.loads(argv[2], object_hook=_as_bytes)
    _prepare_death(os.environ.pop(_DEATH, ""))
    grid = ExperimentGrid(name=options.pop("name", "jobs"))
    grid.add("number", list(range(options.pop("runs"))))
    for key, values in options.pop("sweep", {}).items():
        grid.add(key, values)
    try:
        return grid.run(getattr(slurm_thunks, argv[1]), data_dir=options.pop("data"), **options).exit_code
    except SweepError as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2


def _as_bytes(found: dict[str, Any]) -> Any:
    """Return a text that JSON cannot hold: bytes of a path, as hexadecimal digits."""
    return os.fsdecode(bytes.fromhex(found["path"])) if list(found) == ["path"] else found


def _prepare_death(where: str) -> None:
    """Have this process killed at a place of its own choice."""
    when, _, what = where.partition(" ")
    count = int(what.rpartition(" ")[2]) if what[-1:].isdigit() else 1
    if what == "sbatch":
        _dies(Slurm, "submit", when, count)
    elif what:
        _dies(SlurmEngine, "submit", when, count)


def _dies(owner: type, name: str, when: str, count: int) -> None:
    usual: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, count + 1))

    def dying(*args: Any) -> Any:
        last = next(calls) == count
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = usual(*args)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, dying)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
