"""A directory with one sweep that is given to Slurm, what its runs wrote down, and what may not have happened."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from loops_drivers import PATIENCE_S, Driver, look, wait_for
from slurm_cluster import Cluster

from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.jobs import LiveJob
from sweep.launch.slurm.truth import Queue
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status

HERE = Path(__file__).parent
# Of the sweep that nobody disturbs.
RUNS = 7
# For a test that takes long, or that differs little from one that is always run.
ONLY_LONG = pytest.mark.skipif(os.environ.get("SWEEP_TEST_LONG", "") in ("", "0"), reason="SWEEP_TEST_LONG=1 runs it")


@dataclass(frozen=True)
class Line:
    """One event of a run: start, step or end."""

    word: str
    attempt: int
    node: str
    pid: int
    time: float
    restarts: int
    more: tuple[str, ...]


@dataclass
class SlurmBench:
    """One sweep, its ledger and its data directory.

    Attributes:
        data: its data directory, which may be called anything.
    """

    home: Path
    cluster: Cluster
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data, self.ledger, self.go = self.home / "data", self.home / "ledger", self.home / "go"
        self.ledger.mkdir(parents=True, exist_ok=True)

    # -- launches

    def start(self, thunk: str, death: str = "", **options: Any) -> Driver:
        """Start a launch in a process of its own; the same thunk and options make the same sweep."""
        data = {"path": os.fsencode(self.data).hex()}
        given = {"runs": 1, "engine": "slurm", "data": data, **options}
        words = [sys.executable, str(HERE / "slurm_sweep.py"), thunk, json.dumps(given)]
        return Driver(words, self.home, {**self.variables(), **({"SWEEP_TEST_DEATH": death} if death else {})})

    def submit(self, thunk: str, **options: Any) -> str:
        """Launch and see that it is taken; return what was said."""
        driver = self.start(thunk, **options)
        code = driver.wait()
        assert code in (0, 1), f"exit code {code}: {driver.text}"
        return driver.text

    def variables(self) -> Mapping[str, str]:
        return {
            "SWEEP_TEST_LEDGER": str(self.ledger),
            "SWEEP_TEST_GO": str(self.go),
            "SWEEP_WAIT_BEFORE_LAUNCH": "0",
            "PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parents[1]))),
        }

    def finish(self, thunk: str, launches: int = 4, **options: Any) -> None:
        """Give the same command until the sweep is done, as a person would."""
        self.go.touch()
        for _ in range(launches):
            if self.is_drained:  # a controller that has lost its memory finds nodes busy with jobs it does not know
                self.cluster.run("scontrol", "update", "NodeName=n[1-2]", "State=RESUME")
            self.quiet()
            if self.all_done(options.get("runs", 1)):
                return
            self.submit(thunk, **options)
        self.quiet()

    @contextmanager
    def configured(self, pattern: str, text: str) -> Iterator[None]:
        """Change the cluster's configuration, by a regular expression and what takes its place, for a while."""
        file = self.cluster.dir / "etc" / "slurm.conf"
        before = file.read_text()
        after = re.sub(pattern, text, before)
        assert after != before
        try:
            self._reconfigure(file, after)
            yield
        finally:
            self._reconfigure(file, before)

    def _reconfigure(self, file: Path, text: str) -> None:
        self.cluster.ctld("stop")
        file.write_text(text)
        self.cluster.ctld("start")

    def restart_node(self, name: str) -> None:
        """Have a node read the configuration anew."""
        self.cluster.node(name, "stop")
        self.cluster.node(name, "start")
        self.cluster.until(lambda: self.cluster.sinfo()[name] == "idle")

    # -- what there is

    @property
    def is_drained(self) -> bool:
        """Whether a node is out of service, which an administrator would look after."""
        return any(state.startswith("dr") for state in self.cluster.sinfo().values())

    def runs(self) -> list[RunDir]:
        return [RunDir(file.parent) for file in sorted(self.data.glob("*/*/status.json"))]

    def statuses(self) -> dict[str, Status | None]:
        return {run.path.name: read_status(run) for run in self.runs()}

    def all_done(self, runs: int) -> bool:
        states = [status.state for status in self.statuses().values() if status is not None]
        return states == [State.DONE] * runs

    def lines(self) -> dict[str, list[Line]]:
        return {file.name: list(_lines(file)) for file in sorted(self.ledger.iterdir())}

    def last(self, run: str) -> Line:
        """Return what a run has written down last."""
        return self.lines()[run][-1]

    def only(self, word: str) -> list[Line]:
        """Return what runs have written down under one word."""
        return [line for own in self.lines().values() for line in own if line.word == word]

    def count(self, word: str) -> int:
        return sum(line.word == word for own in self.lines().values() for line in own)

    def alive(self) -> list[LiveJob]:
        return [job for job in Slurm().queue() if job.is_alive and job.ticket]

    def wait(self, word: str, times: int = 1, seconds: float = PATIENCE_S) -> None:
        """Wait until runs have written down a word so often."""
        found = wait_for(lambda: self.count(word) >= times, seconds, 0.05)
        assert found, f"{word} came {self.count(word)} times; {self.told()}"

    def under_way(self, runs: int, steps: int = 2) -> None:
        """Wait until so many runs have each taken some steps."""
        done = wait_for(lambda: sum(_steps(own) >= steps for own in self.lines().values()) >= runs)
        assert done, self.told()

    def quiet(self, seconds: float = PATIENCE_S) -> None:
        """Wait until Slurm has no job any more that may still run."""
        wait_for(lambda: not self.alive(), seconds, 0.2)

    def job_of(self, index: int = 0) -> str:
        """Return the id by which the job of a run is known to Slurm while it is alive."""
        return next(job.id for job in self.alive() if job.index == index)

    def batch_pid(self, index: int = 0) -> int:
        """Return the process that Slurm has started for a job of the array."""
        return next(pid for pid, words in self.processes() if _is_task(pid, words, index))

    def supervisor_pid(self, index: int = 0) -> int:
        """Return the process that a job has its run's processes looked after by."""
        wanted = (pid for pid, words in self.processes() if "sweep.launch.supervisor" in " ".join(words))
        return next(pid for pid in wanted if _parent(pid) == self.batch_pid(index))

    def processes(self) -> Iterator[tuple[int, list[str]]]:
        for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
            words = _read(Path("/proc", name, "cmdline"))
            if str(self.ledger) in _environ(int(name)).get("SWEEP_TEST_LEDGER", ""):
                yield int(name), words

    def printed(self, index: int) -> str:
        """Return what the jobs of a run have printed."""
        files = self.data.glob(f".sweep/slurm/*/{index}.out")
        return "".join(file.read_text(errors="replace") for file in files)

    def told(self) -> str:
        """Return what may help to understand a failure."""
        states = {name: status and (status.state, status.cause) for name, status in self.statuses().items()}
        outs = {str(file): file.read_text(errors="replace") for file in self.data.glob(".sweep/slurm/*/*.out")}
        queue = subprocess.run(["squeue", "--states=all"], capture_output=True, text=True).stdout
        return f"{states}; {outs}; {queue}"

    # -- what may not be

    def causes(self) -> dict[str, str]:
        """Return why runs are over that are neither done nor with Slurm."""
        queue = Queue(Slurm())
        found = {}
        for run in self.runs():
            status = read_status(run)
            assert status is not None
            if status.state is not State.DONE and queue.is_over(run):
                found[run.path.name] = status.cause or queue.cause(run).text
        return found

    def faults(self, golden: Path | None = None, runs: int = 1) -> dict[str, object]:
        """Return what went wrong once all is over: nothing, if all is well.

        Args:
            golden: a data directory with the same sweep, which nobody disturbed.
        """
        lines = self.lines()
        found: dict[str, object] = {
            "lost": runs
            - sum(status is not None and status.state is State.DONE for status in self.statuses().values()),
            "run again": [name for name, own in lines.items() if _after_end(own)],
            "two at once": [name for name, own in lines.items() if overlaps(own)],
            "same attempt twice": [name for name, own in lines.items() if not _rising(own)],
            "rows": [] if golden is None else self._other_rows(golden),
            "cut-off files": [str(file) for file in self.data.rglob("*.tmp")],
        }
        return {what: value for what, value in found.items() if value}

    def _other_rows(self, golden: Path) -> list[str]:
        tables = {run.path.name: run.progress.read_bytes() for run in self.runs()}
        wanted = {file.parent.name: file.read_bytes() for file in golden.glob("*/*/progress.txt")}
        return [name for name, table in tables.items() if table != wanted[name]]


def _lines(file: Path) -> Iterator[Line]:
    for words in map(str.split, file.read_text().splitlines()):
        word, attempt, node, pid, time, restarts, *more = words
        yield Line(word, int(attempt), node, int(pid), float(time), int(restarts), tuple(more))


def _steps(own: list[Line]) -> int:
    return sum(line.word == "step" for line in own)


def overlaps(own: list[Line]) -> bool:
    """Say whether two copies of a run were alive at once: one gives a sign after a later one has begun."""
    latest = 0
    for line in own:
        if line.word == "start":
            latest = line.pid
        elif line.pid != latest:
            return True
    return False


def _rising(own: list[Line]) -> bool:
    attempts = [line.attempt for line in own if line.word == "start"]
    return attempts == sorted(set(attempts))


def _after_end(own: list[Line]) -> bool:
    words = [line.word for line in own]
    return "end" in words and "start" in words[words.index("end") :]


def _is_task(pid: int, words: list[str], index: int) -> bool:
    is_python = any("sweep.launch.slurm.task" in word for word in words) and "bash" not in words[0]
    return is_python and _environ(pid).get("SLURM_ARRAY_TASK_ID") == str(index)


def _parent(pid: int) -> int:
    found = look(pid)
    return 0 if found is None else found.parent


def _read(file: Path) -> list[str]:
    try:
        return file.read_bytes().decode(errors="surrogateescape").split("\0")
    except OSError:
        return []


def _environ(pid: int) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in _read(Path(f"/proc/{pid}/environ")))}
