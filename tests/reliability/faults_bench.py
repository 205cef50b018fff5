"""A bench for attempts of runs: they are made, disturbed, and what they leave behind is compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faults_learner

from sweep.launch.causes import written_cause
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.rundir.status import State, read_status
from sweep.rundir.supervised import GOODBYE_EXIT

HERE = Path(__file__).parent
KILLED = -9


class Bench:
    """A process that forks attempts, and the directories of their runs."""

    def __init__(self, home: Path) -> None:
        self.home, self._made = home, 0
        self._seconds: dict[RunDir, float] = {}
        self._with_torch: set[RunDir] = set()
        path = os.pathsep.join(map(str, (HERE, HERE.parents[1])))
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "faults_nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=home,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(60)
        self._process.stdout.close()  # type: ignore[union-attr]

    def run(self, name: str = "", **kwargs: Any) -> RunDir:
        """Make the directory of a run of the learner."""
        self._made += 1
        run = RunDir(self.home / (name or f"run{self._made}"))
        run.own.mkdir(parents=True)
        self._with_torch |= {run} if kwargs.get("kind") == "torch" else set()
        log = {"output_dir": str(run.path), "exp_name": "learner"}
        write_payload(run, Call(faults_learner.learn, {**kwargs, "logger_kwargs": log}), 1)
        return run

    def attempt(self, run: RunDir, **how: Any) -> dict[str, Any]:
        """Make an attempt at a run; see `faults_nursery`."""
        wanted = {"run": str(run.path), "torch": run in self._with_torch, **how}
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        told: dict[str, Any] = json.loads(self._process.stdout.readline())  # type: ignore[union-attr]
        return told

    def finish(self, run: RunDir) -> RunDir:
        """Let a run come to its end, undisturbed."""
        told = self.attempt(run)
        assert told["code"] == GOODBYE_EXIT, f"{told}\n{said(run)}"
        assert state_of(run) is State.DONE
        self._seconds[run] = told["seconds"]
        return run

    def seconds(self, run: RunDir) -> float:
        """Return how long the last attempt of a run took that has come to its end."""
        return self._seconds[run]


def kinds() -> tuple[str, ...]:
    """Return the models that there are here; says so where torch's is not among them."""
    if faults_learner.HAS_TORCH:
        return ("torch", "numpy")
    print("torch is not installed: numpy's model takes its place")
    return ("numpy",)


def window(bench: Bench, **kwargs: Any) -> list[tuple[int, str]]:
    """Return the file system calls of a row with new columns and of its snapshot, the third ones, with their numbers.

    They are those from the snapshot before it to the end of the one that is given up for it.
    """
    run, log = bench.run(**kwargs), bench.home / f"calls{time.monotonic_ns()}"
    assert bench.attempt(run, events={"log": str(log)})["code"] == GOODBYE_EXIT, said(run)
    calls = list(enumerate(log.read_text().splitlines(), 1))
    before = next(number for number, what in calls if what.endswith(f"'{run.snapshots / 'step_000000001'}'"))
    last = max(number for number, what in calls if what.startswith("os.rmdir") and ".step_000000000." in what)
    return calls[before:last]


def said(run: RunDir) -> str:
    """Return the end of what a run has printed."""
    return run.output.read_text(errors="replace")[-3000:] if run.output.exists() else ""


def state_of(run: RunDir) -> State | None:
    status = read_status(run)
    return None if status is None else status.state


def cause_of(run: RunDir) -> str:
    """Return why a run has failed, as its rank has written it."""
    cause = written_cause(run)
    return "" if cause is None else cause.text


def points(run: RunDir) -> dict[str, list[tuple[int, float]]]:
    """Return what TensorBoard would show: step and value, by tag."""
    if not faults_learner.HAS_TENSORBOARD:
        return {}
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(run.path), size_guidance={"tensors": 0, "scalars": 0})
    found.Reload()
    tags = found.Tags()
    tensors = {tag: [(one.step, float(make_ndarray(one.tensor_proto))) for one in found.Tensors(tag)]
               for tag in tags["tensors"] if not tag.startswith("_hparams_")}  # fmt: skip
    return tensors | {tag: [(one.step, one.value) for one in found.Scalars(tag)] for tag in tags["scalars"]}


def differences(run: RunDir, straight: RunDir) -> list[str]:
    """Return in what a run differs from one that was not disturbed; nothing, if all is well."""
    files = ("progress.txt", "metrics.jsonl", "tracked.jsonl")
    wrong = [name for name in files if (run.path / name).read_bytes() != (straight.path / name).read_bytes()]
    if str(points(run)) != str(points(straight)):
        wrong.append("TensorBoard's points")
    if weights(run) != weights(straight):
        wrong.append("the last snapshot")
    wrong += [f"{path.name} is left" for path in run.snapshots.iterdir() if path.name.startswith(".")]
    return wrong + [f"{path.name} is left" for path in run.path.iterdir() if path.name.endswith(".tmp")]


def weights(run: RunDir) -> dict[str, bytes]:
    """Return the files of the newest snapshot, but for those that tell where files end and when it was made."""
    *_, newest = snapshots_in(run.snapshots).values()
    assert not damage(newest)
    told = ("manifest.json", "rank0.log_marks.json")
    files = {str(path.relative_to(newest)): path for path in newest.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in told}


def check(run: RunDir, straight: RunDir, where: Callable[[], str] | str = "") -> None:
    """Fail unless a run ended as an undisturbed one did."""
    wrong = differences(run, straight)
    assert not wrong, f"{where}: {wrong} of {run.path}\n{said(run)}"
