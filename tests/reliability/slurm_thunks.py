"""What the jobs of these tests run: functions that write down, outside their run directories, every sign of life.

Each run has a file of its own in the folder SWEEP_TEST_LEDGER, one line an event: what, attempt, node, process, time,
how often Slurm had restarted the job, and more. A line is one `write` to a file opened for appending, and synced.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

_PAUSE_S = 0.1
# So many steps are quick; behind them one waits for what is to happen to it.
_QUICK, _LONG_S = 12, 1.0


class Notes:
    """The file of one run.

    Attributes:
        attempt: as the run's status says.
    """

    def __init__(self, directory: Path, suffix: str = "") -> None:
        self.attempt = json.loads((directory / "status.json").read_text())["attempt"]
        file = Path(os.environ["SWEEP_TEST_LEDGER"]) / (directory.name + suffix)
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def note(self, word: str, *more: object) -> None:
        node, restarts = os.environ.get("SLURMD_NODENAME", "-"), os.environ.get("SLURM_RESTART_COUNT", "0")
        words = (word, self.attempt, node, os.getpid(), f"{time.monotonic():.6f}", restarts, *more)
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())
        os.fsync(self._file)


def pace(step: int) -> None:
    """Take a while, until the file SWEEP_TEST_GO says that nothing more is to happen."""
    deadline = time.monotonic() + (_PAUSE_S if step < _QUICK else _LONG_S)
    while time.monotonic() < deadline and not Path(os.environ["SWEEP_TEST_GO"]).exists():
        time.sleep(_PAUSE_S / 5)


def steps(number: int, epochs: int = 30, saves: bool = True, seed: int = 0, run: Any = None) -> None:
    """Learn a little, with a row and a snapshot for every epoch, or with rows alone."""
    import numpy as np

    notes, state = Notes(run.path), {"w": 0.0}
    notes.note("start")
    np.random.seed(number)
    if saves:
        run.state(model=state)
    for epoch in run.epochs(epochs):
        notes.note("step", epoch)
        pace(epoch)
        state["w"] += number + np.random.rand()
        run.logger.log_tabular("Epoch", epoch)
        run.logger.log_tabular("W", state["w"])
    notes.note("end")


def short(number: int, seed: int = 0, run: Any = None) -> None:
    """Write a row and be done."""
    notes = Notes(run.path)
    notes.note("start")
    run.logger.log_tabular("Epoch", 0)
    run.logger.dump_tabular()
    notes.note("end")


def careless(number: int, seed: int = 0, run: Any = None) -> None:
    """Save nothing, ever, and take long."""
    notes = Notes(run.path)
    notes.note("start", os.environ.get("CUDA_VISIBLE_DEVICES", "-"))
    while not Path(os.environ["SWEEP_TEST_GO"]).exists():
        notes.note("step")
        time.sleep(_PAUSE_S)
    notes.note("end")


def deaf(number: int, seed: int = 0, run: Any = None) -> None:
    """Do as `careless` does, whatever it is asked."""
    for one in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    careless(number, seed, run)


def two_ranks(number: int, seed: int = 0, run: Any = None) -> None:
    """Be two ranks, each with a ledger of its own."""
    from sweep import mpi_sum, num_procs, proc_id

    notes = Notes(run.path, f".{proc_id()}")
    notes.note("start", num_procs(), mpi_sum(1))
    while not Path(os.environ["SWEEP_TEST_GO"]).exists():
        mpi_sum(1)
        time.sleep(_PAUSE_S)
    notes.note("end", mpi_sum(1))


def wide(number: int, epochs: int = 20, rarely: bool = False, seed: int = 0, run: Any = None) -> None:
    """Be several ranks that learn together and save, each with a ledger of its own."""
    from sweep import mpi_sum, num_procs, proc_id

    notes, state = Notes(run.path, f".{proc_id()}"), {"w": 0.0}
    if rarely:
        run.snapshots(min_seconds=1000)
    run.state(model=state)
    notes.note("start", num_procs(), mpi_sum(1))
    for epoch in run.epochs(epochs):
        notes.note("step", epoch)
        pace(epoch)
        state["w"] += mpi_sum(1)
        run.logger.log_tabular("Epoch", epoch)
        run.logger.log_tabular("W", state["w"])
    notes.note("end", state["w"])


def failing(number: int, seed: int = 0, run: Any = None) -> None:
    """Fail in the first two attempts."""
    notes = Notes(run.path)
    notes.note("start")
    if notes.attempt < 3:
        raise ValueError(f"not in attempt {notes.attempt}")
    notes.note("end")
