"""Small data directories, made by hand: runs of sweep, and those of Spinning Up, garage and Stable-Baselines3."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sweep.base.jsonable import config_text, to_jsonable
from sweep.results.find import find_runs
from sweep.results.run import Run
from sweep.rundir.lock import take
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant

Row = Mapping[str, object]


def lines(rows: Sequence[Row], separator: str = "\t") -> str:
    """Return rows as a table: the header is that of the first one."""
    if not rows:
        return ""
    head = list(rows[0])
    return "".join(
        separator.join(map(str, row)) + "\n" for row in [head, *([row[key] for key in head] for row in rows)]
    )


def curve(*returns: float, steps: int = 1000) -> list[Row]:
    """Return rows with Epoch, AverageEpRet and TotalEnvInteracts."""
    return [
        {"Epoch": epoch, "AverageEpRet": height, "TotalEnvInteracts": (epoch + 1) * steps}
        for epoch, height in enumerate(returns)
    ]


class DataDir:
    """Makes runs below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(
        self,
        name: str = "ppo",
        seed: int = 0,
        rows: Sequence[Row] = (),
        state: str = "done",
        thunk: str = "agents:ppo",
        host: str = "",
        cause: str = "",
        **config: Any,
    ) -> RunDir:
        """Make a run as a launch of sweep leaves it; the double underscore in a key is a colon."""
        run = Place(self.path).run_dir(name, seed)
        run.own.mkdir(parents=True)
        nested = {**_nested(config), "seed": seed}
        write_variant(run, f"{name}-{seed}", name, thunk, nested)
        run.config.write_text(config_text(to_jsonable({**nested, "exp_name": name})))
        now = time.time()
        ended = None if state in ("pending", "running") else now
        host = host or socket.gethostname()
        write_status(run, Status(State(state), 1, host, 1, now - 60, ended, cause, "error" if cause else ""))
        if rows:
            run.progress.write_text(lines(rows))
        return run

    def spinningup(self, name: str = "ppo", seed: int = 0, rows: Sequence[Row] = (), **config: Any) -> Path:
        """Make a run as Spinning Up leaves it."""
        folder = self._folder(f"{name}/{name}_s{seed}")
        told = {**_nested(config), "seed": seed, "exp_name": name, "logger_kwargs": {"output_dir": str(folder)}}
        (folder / "config.json").write_text(json.dumps(told, indent=4, separators=(",", ":\t"), sort_keys=True))
        (folder / "progress.txt").write_text(lines(rows))
        return folder

    def garage(self, name: str = "trpo", rows: Sequence[Row] = (), **config: Any) -> Path:
        """Make a run as garage leaves it."""
        folder = self._folder(f"local/experiment/{name}")
        (folder / "variant.json").write_text(json.dumps(_nested(config)))
        (folder / "params.pkl").write_bytes(b"cos\nsystem\n(S'touch was_unpickled'\ntR.")
        (folder / "progress.csv").write_text(lines(rows, ",").replace("\n", "\r\n"))
        return folder

    def sb3(self, name: str = "PPO_1", rows: Sequence[Row] = ()) -> Path:
        """Make a run as the CSV logger of Stable-Baselines3 leaves it."""
        folder = self._folder(name)
        (folder / "progress.csv").write_text(lines(rows, ","))
        return folder

    def monitor(self, name: str, *episodes: tuple[float, int, float], env: str = "CartPole-v1", rank: int = -1) -> Path:
        """Make the file of a `Monitor`: episodes are (return, length, seconds)."""
        folder = self._folder(name)
        file = folder / ("monitor.csv" if rank < 0 else f"{rank}.monitor.csv")
        head = "#" + json.dumps({"t_start": 100.0 + max(rank, 0), "env_id": env})
        file.write_text("\n".join([head, "r,l,t", *(",".join(map(str, one)) for one in episodes), ""]))
        return folder

    def find(self, *patterns: str) -> list[Run]:
        """Find the runs at patterns in this directory, all by default."""
        return find_runs(*(self.path / pattern for pattern in patterns)) if patterns else find_runs(self.path)

    def _folder(self, relative: str) -> Path:
        folder = self.path / relative
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _nested(config: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in config.items():
        *above, last = key.split("__")
        inner = nested
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return nested


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """An empty data directory that makes runs; it is called `data`."""
    (tmp_path / "data").mkdir()
    return DataDir(tmp_path / "data")


@pytest.fixture
def held() -> Callable[[RunDir], Any]:
    """Return what holds the lock of a run for a while, as the process that runs it does."""

    @contextmanager
    def hold(run: RunDir) -> Iterator[None]:
        lock = take(run.lock)
        assert lock is not None
        try:
            yield
        finally:
            lock.release()

    return hold


@pytest.fixture
def sweep_dir(data_dir: DataDir) -> DataDir:
    """A sweep of lr x act over three seeds: one run failed, one is pending, and of one seed the return collapses."""
    for lr in (0.1, 0.01):
        for act in ("tanh", "relu"):
            for seed in (0, 10, 20):
                heights = [seed + lr * 100 * epoch for epoch in range(20)]
                state = {(0.1, "relu", 10): "failed", (0.01, "tanh", 20): "pending"}.get((lr, act, seed), "done")
                rows = [] if state == "pending" else curve(*heights[: 5 if state == "failed" else 20])
                cause = "rank 0: ValueError: no" if state == "failed" else ""
                name = f"ppo_lr{str(lr).replace('.', '-')}_{act}"
                data_dir.run(name, seed, rows, state, lr=lr, ac__act=act, epochs=20, cause=cause)
    return data_dir
