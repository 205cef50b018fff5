"""Drivers as real processes, and the processes below them as /proc shows them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loops_thunks import environment

HERE = Path(__file__).parent
SWEEP = (str(HERE / "loops_sweep.py"),)
TOKEN = "SWEEP_TOKEN"
_MARK = "RELIABILITY_TEST"
# A test that waits for longer waits for what will not come.
PATIENCE_S = 30.0
_LOOK_S = 0.01


@dataclass(frozen=True)
class Process:
    """A living process that a test has started, or one that only waits to be reaped (state Z)."""

    pid: int
    parent: int
    state: str
    words: str


class Started(subprocess.Popen[bytes]):
    """A process that ends with the last reference to it, as in a test that has failed."""

    def __del__(self) -> None:
        if self.poll() is None:
            self.kill()
            self.wait()
        super().__del__()


class Driver:
    """A driver that runs, in a session of its own; what it says goes to a file."""

    def __init__(self, words: Sequence[str], home: Path, environ: Mapping[str, str], **options: Any) -> None:
        self.said = home / f"said-{time.monotonic_ns()}.txt"
        with self.said.open("wb") as file:
            settings = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file, **options}
            self.process = Started(words, cwd=home, env={**os.environ, **environ}, start_new_session=True, **settings)
        self.pid = self.process.pid

    @property
    def text(self) -> str:
        return self.said.read_text(errors="replace")

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float = PATIENCE_S) -> int:
        """Return the exit code, negative for a signal."""
        return self.process.wait(seconds)


@dataclass
class Bench:
    """A directory with one sweep and its ledger.

    Attributes:
        python: interpreter of the drivers.
        launches: how many drivers were started.
    """

    home: Path
    python: str = sys.executable
    environ: Mapping[str, str] | None = None
    launches: int = 0

    def __post_init__(self) -> None:
        self.ledger, self.rooms, self.data = self.home / "ledger", self.home / "rooms", self.home / "data"
        for folder in (self.ledger, self.rooms):
            folder.mkdir(parents=True, exist_ok=True)

    def variables(self) -> dict[str, str]:
        """Return what the next driver finds in its environment, apart from what this process has."""
        self.launches += 1
        ours = {
            "SWEEP_TEST_LEDGER": str(self.ledger),
            "SWEEP_TEST_LAUNCH": str(self.launches),
            "SWEEP_TEST_GO": str(self.home / "go"),
            "SWEEP_WAIT_BEFORE_LAUNCH": "0",
            "TMPDIR": str(self.rooms),
            "PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parents[1]))),
        }
        return {**ours, **(self.environ or {})}

    def words(self, thunk: str, **options: Any) -> list[str]:
        return [self.python, *SWEEP, thunk, json.dumps({"data": str(self.data), **options})]

    def start(self, thunk: str, **options: Any) -> Driver:
        """Start a driver of this grid: the same thunk and options make the same one."""
        return Driver(self.words(thunk, **options), self.home, self.variables())

    def statuses(self) -> dict[str, dict[str, Any]]:
        """Return run to status. Every one can be read, at any time."""
        return {file.parent.name: json.loads(file.read_bytes()) for file in self.data.glob("*/*/status.json")}

    def done(self) -> set[str]:
        return {name for name, status in self.statuses().items() if status["state"] == "done"}


def processes() -> Iterator[Process]:
    """Yield what this test has started and what that has started, but for those that only wait to be reaped."""
    mark = os.environ[_MARK]
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        pid = int(name)
        if (
            pid != os.getpid()
            and environment(pid).get(_MARK) == mark
            and (found := look(pid))
            and found.state not in "ZX"
        ):
            yield found


def look(pid: int) -> Process | None:
    """Return a process, None if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return None
    state, parent = text.rpartition(")")[2].split()[:2]
    return Process(pid, int(parent), state, words)


def with_token(launch: int | None = None) -> list[Process]:
    """Return the processes of launches, or of one launch: a driver is none of them."""
    found = []
    for process in processes():
        given = environment(process.pid)
        if TOKEN in given and launch in (None, int(given["SWEEP_TEST_LAUNCH"])):
            found.append(process)
    return found


def wait_for(what: Callable[[], Any], seconds: float = PATIENCE_S, pause_s: float = 0.01) -> Any:
    """Return the first true value, or the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(pause_s)
    return value


def gone_within(seconds: float, launch: int | None = None) -> list[Process]:
    """Wait for all processes of a launch to be gone; return those that are there when the time is over.

    Time in which the machine does not let this process run is not counted: what it waits for does not run either.
    """
    begun, slept = time.thread_time(), 0.0
    while (left := with_token(launch)) and time.thread_time() - begun + slept < seconds:
        time.sleep(_LOOK_S)
        slept += _LOOK_S
    return left


def roles(driver: int) -> dict[str, list[int]]:
    """Return the processes of one driver by what they are."""
    table = {process.pid: process for process in processes()}
    found: dict[str, list[int]] = {"driver": [driver]}
    for process in table.values():
        parent = table.get(process.parent)
        if parent is not None and (role := _role(process, parent, driver)):
            found.setdefault(role, []).append(process.pid)
    return found


def _role(process: Process, parent: Process, driver: int) -> str:
    words, name = process.words, process.words.split(" ")[0].rpartition("/")[2]
    if "sweep.launch.supervisor" in words:
        return "supervisor" if parent.pid == driver else ""
    if "sweep.runtime.process.warm" in words:
        return "rank" if "sweep.runtime.process.warm" in parent.words else "warm"
    if "sweep.runtime.process.child" in words and "sweep-rank" not in words and "mpiexec" not in name:
        return "rank"
    if name.startswith("hydra"):
        return "proxy"
    is_launcher = name.startswith(("mpiexec", "mpirun", "prterun"))  # a driver asks one for its version, before it runs
    return "mpiexec" if is_launcher and "sweep.launch.supervisor" in parent.words else ""


def tell(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal; say whether the process was there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
