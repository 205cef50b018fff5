"""What the sweeps of these tests run: thunks that write down, outside their run directories, what becomes of them.

Each run has a file of its own in the folder SWEEP_TEST_LEDGER, one line an event: what, attempt, process, time. A line
is one `write` to a file opened for appending, so that the order of the lines is the order of the events.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

# In the environment of what a rank starts: its run and attempt.
OWNER = "SWEEP_TEST_OWNER"
_BEAT_S = 0.01


class Ledger:
    """The file of one run, or of one rank of it.

    Attributes:
        attempt: as the run's status says.
    """

    def __init__(self, directory: Path, suffix: str = "") -> None:
        self.attempt = json.loads((directory / "status.json").read_text())["attempt"]
        file = Path(os.environ["SWEEP_TEST_LEDGER"]) / (directory.name + suffix)
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def note(self, word: str, *more: object) -> None:
        words = (word, self.attempt, os.getpid(), f"{time.monotonic():.6f}", *more)
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())

    def live(self, seconds: float) -> None:
        """Give a sign of life again and again, so that a copy that should be dead is seen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.note("beat")
            time.sleep(_BEAT_S)


def short(number: int, length: float, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Run for a random time up to `length` seconds; every fifth writes a few rows."""
    from sweep import EpochLogger

    assert logger_kwargs is not None
    ledger = Ledger(Path(logger_kwargs["output_dir"]))
    ledger.note("start")
    seconds = random.Random(number).uniform(0, length)
    if number % 5 == 0:
        logger = EpochLogger(**logger_kwargs)
        for epoch in range(3):
            ledger.live(seconds / 3)
            write_row(logger, ledger, epoch)
    else:
        ledger.live(seconds)
    ledger.note("end")


def write_row(logger: object, ledger: Ledger, epoch: int) -> None:
    """Write a row that says which attempt it is of, and note it once it is promised to last."""
    logger.log_tabular("Attempt", ledger.attempt)
    logger.log_tabular("Epoch", epoch)
    logger.dump_tabular()
    ledger.note("row", epoch)


def two_ranks(number: int, length: float, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Run as several ranks, each of which starts a process in a session of its own that outlives it if it can."""
    from sweep import mpi_sum, proc_id

    assert logger_kwargs is not None
    directory = Path(logger_kwargs["output_dir"])
    ledger = Ledger(directory, f".{proc_id()}")
    ledger.note("start", *shared_memory())
    for pid in sleepers_of_others(directory.name, ledger.attempt):
        ledger.note("leftover", pid)
    owner = f"{directory.name}/{ledger.attempt}"
    subprocess.Popen(["sleep", "600"], start_new_session=True, env={**os.environ, OWNER: owner}).returncode = 0
    seconds = random.Random(number).uniform(0, length)
    for _ in range(4):
        ledger.live(seconds / 4)
        mpi_sum(1)
    ledger.note("end")


def shared_memory() -> list[str]:
    """Return the files below /dev/shm that this process has mapped."""
    words = (line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines())
    return sorted({word for word in words if word.startswith("/dev/shm/")})


def sleepers_of_others(run: str, attempt: int) -> list[int]:
    """Return what attempts before this one have started and left, this run's or, of another launch, any run's."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        given = environment(int(pid))
        owner, _, number = given.get(OWNER, "").rpartition("/")
        if not owner or given.get("RELIABILITY_TEST") != os.environ["RELIABILITY_TEST"]:
            continue
        other_launch = given["SWEEP_TEST_LAUNCH"] != os.environ["SWEEP_TEST_LAUNCH"]
        if other_launch or (owner == run and int(number) < attempt):
            found.append(int(pid))
    return found


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with; empty if it is gone, or only waits to be reaped."""
    try:
        text = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return {}
    return {name: value for name, _, value in (word.partition("=") for word in text.split("\0"))}


def patient(number: int, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Run until the file SWEEP_TEST_GO is there."""
    ledger = _begun(logger_kwargs)
    while not _may_go():
        ledger.live(_BEAT_S)
    ledger.note("end")


def saving(number: int, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Run as `patient` does; take half a second to save when asked to stop, then leave."""

    def save(signal_number: int, frame: object) -> None:
        time.sleep(0.5)
        ledger.note("saved")
        raise SystemExit(1)

    signal.signal(signal.SIGUSR1, save)
    ledger = _begun(logger_kwargs)
    while not _may_go():
        time.sleep(_BEAT_S)
    ledger.note("end")


def deaf(number: int, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Run as `patient` does, whatever it is asked."""
    for one in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    ledger = _begun(logger_kwargs)
    while not _may_go():
        ledger.live(_BEAT_S)
    ledger.note("end")


def _begun(logger_kwargs: Mapping[str, str] | None) -> Ledger:
    assert logger_kwargs is not None
    ledger = Ledger(Path(logger_kwargs["output_dir"]))
    ledger.note("start")
    return ledger


def _may_go() -> bool:
    return Path(os.environ["SWEEP_TEST_GO"]).exists()


def nothing(number: int, seed: int = 0) -> None:
    """Be done at once."""


def traced(number: int, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Write a few rows under strace, as SWEEP_TEST_STRACE says, if there is that variable."""
    from sweep import EpochLogger

    ledger = _begun(logger_kwargs)
    if flags := os.environ.get("SWEEP_TEST_STRACE", "").split():
        _let_trace(flags)
    logger = EpochLogger(**(logger_kwargs or {}))
    for epoch in range(3):
        write_row(logger, ledger, epoch)
    ledger.note("end")


def _let_trace(flags: list[str]) -> None:
    """Have this process traced, and go on when it is."""
    subprocess.Popen(["strace", "-qq", *flags, "-p", str(os.getpid())]).returncode = 0
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        time.sleep(0.001)


def filling(number: int, seed: int = 0, logger_kwargs: Mapping[str, str] | None = None) -> None:
    """Write rows, and a file that fills a small disk when a few runs have done so."""
    from sweep import EpochLogger

    ledger = _begun(logger_kwargs)
    logger = EpochLogger(**(logger_kwargs or {}))
    for epoch in range(3):
        Path((logger_kwargs or {})["output_dir"], f"weights{epoch}").write_bytes(bytes(100_000))
        write_row(logger, ledger, epoch)
    ledger.note("end")
