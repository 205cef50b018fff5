"""Real runs that are extended, forked and relaunched, by the command and from Python."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, read_status
from sweep.rundir.variant_file import Story, read_variant

Tool = Callable[..., Any]

LEARNER = """
    import os, random, signal
    import numpy as np

    def train(lr=0.5, epochs=4, size=(1, 2), deaths=0, seed=0, run=None):
        random.seed(seed); np.random.seed(seed)
        rng, w, n = np.random.default_rng(seed), np.zeros(2), run.counter()
        run.state(rng=rng, w=w, n=n)
        run.snapshots("all", keep_best=1, metric="W")
        for epoch in run.epochs(epochs):
            w += lr * rng.normal(size=2) + random.random() + np.random.rand()
            n += 1
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("N", n.value)
            run.logger.log_tabular("W", -abs(epoch - 1.0))
            run.logger.log_tabular("V", float(w[0]))
            if epoch == 6 and not run.resumes and deaths:
                os.kill(os.getpid(), signal.SIGKILL)

    def stateless(lr=0.5, epochs=4, seed=0): ...
"""


@pytest.fixture(autouse=True)
def learner(write: Tool) -> None:
    write("learner.py", LEARNER)


def run_of(name: str, seed: int = 0, root: str = "data") -> RunDir:
    return RunDir(Path(root, name, f"{name}_s{seed}"))


def rows(run: RunDir) -> list[list[str]]:
    return [line.split("\t") for line in run.progress.read_text().splitlines()[1:]]


def records(run: RunDir) -> Story:
    record = read_variant(run)
    assert record is not None
    return record.story


def told(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_done_run_is_extended_and_ends_as_one_that_was_never_done(workplace: Path, sweep: Tool) -> None:
    told(sweep("run", "learner:train", "--epochs", "8", "--exp_name", "straight"))
    told(sweep("run", "learner:train", "--epochs", "4", "--exp_name", "a"))
    said = told(sweep("run", "--extendable", "epochs", "learner:train", "--epochs", "8", "--exp_name", "a"))
    assert "the 1 run to extend: epochs 4 -> 8" in said
    assert "done      4 of 8, the last one was 3" in said
    assert run_of("a").progress.read_bytes() == run_of("straight").progress.read_bytes()
    record, status = read_variant(run_of("a")), read_status(run_of("a"))
    assert record is not None and status is not None
    assert (status.state, status.attempt, record.story.history[0]["changed"]) == (State.DONE, 2, {"epochs": [4, 8]})
    before = {path: path.read_bytes() for path in run_of("a").path.rglob("*") if path.is_file()}
    assert "1 done" in told(sweep("run", "learner:train", "--epochs", "8", "--exp_name", "a"))
    assert {path: path.read_bytes() for path in run_of("a").path.rglob("*") if path.is_file()} == before
    assert "differing in 'epochs': 8 there, 9 here" in told(
        sweep("run", "learner:train", "--epochs", "9", "--exp_name", "a"), 2
    )


def test_an_extension_that_is_killed_goes_on_and_a_total_that_was_reached_ends_at_once(
    workplace: Path, sweep: Tool, write: Tool
) -> None:
    write(
        "grid.yaml",
        "name: a\nthunk: learner:train\ngrid: {epochs: 4}\nrun: {extendable: [epochs], retry_failed: true}\n",
    )
    told(sweep("run", "grid.yaml"))
    text = (workplace / "learner.py").read_text()
    (workplace / "learner.py").write_text(text.replace("not run.resumes and deaths", "run.counter and not died()"))
    with (workplace / "learner.py").open("a") as file:
        file.write(
            "\ndef died():\n    there = os.path.exists('died')\n    open('died', 'w').close()\n    return there\n"
        )
    assert "killed by SIGKILL" in told(sweep("run", "grid.yaml", "epochs=8"), 1)
    told(sweep("run", "grid.yaml", "epochs=8"))
    assert [row[0] for row in rows(run_of("a"))] == [str(epoch) for epoch in range(8)]
    told(sweep("run", "grid.yaml", "epochs=5"))
    record = read_variant(run_of("a"))
    assert record is not None
    assert (len(rows(run_of("a"))), record.config["epochs"]) == (8, 8)
    assert "has more than is asked for (epochs 8 -> 5)" in told(
        sweep("relaunch", "--extendable", "epochs", "data/a/a_s0", "epochs=5")
    )


def test_a_run_without_snapshots_says_that_it_cannot_be_extended(workplace: Path, sweep: Tool, python: Tool) -> None:
    told(sweep("run", "learner:stateless", "--epochs", "4", "--exp_name", "a"))
    said = told(sweep("run", "--extendable", "epochs", "learner:stateless", "--epochs", "8", "--exp_name", "a"), 1)
    assert "is done, and has no snapshot from which it could go on (epochs 4 -> 8)" in said
    code = """
        import sweep
        from learner import stateless
        try:
            sweep.call_experiment("a", stateless, epochs=8, extendable=["epochs"])
        except sweep.ConfigMismatch as error:
            print(error.differences)
    """
    (workplace / "single.py").write_text("\n".join(line[8:] for line in code.splitlines()))
    assert "(('epochs', '4', '8'),)" in told(python("single.py"))


def test_a_decorated_function_is_extended_under_its_own_name(workplace: Path, python: Tool) -> None:
    code = """
        import sys
        import sweep
        from learner import train as inner

        @sweep.experiment(extendable="epochs", name="once")
        def train(epochs=4, run=None):
            inner(epochs=epochs, run=run)

        if __name__ == "__main__":
            train(epochs=int(sys.argv[1]))
    """
    (workplace / "single.py").write_text("\n".join(line[8:] for line in code.splitlines()))
    for epochs in (2, 3):
        told(python("single.py", str(epochs)))
    assert [one.name for one in (workplace / "data").iterdir() if one.name != ".sweep"] == ["once"]
    run = next(one for one in (workplace / "data/once").iterdir() if one.name != ".sweep")
    assert len(rows(RunDir(run))) == 3


def test_a_fork_begins_with_what_its_parent_had_and_is_gone_on_with(workplace: Path, sweep: Tool) -> None:
    told(sweep("run", "learner:train", "--exp_name", "a"))
    before = {path: path.read_bytes() for path in run_of("a").path.rglob("*") if path.is_file()}
    words = ("fork", "--json", "--which", "best", "data/a/a_s0", "epochs=8", "deaths=1")
    assert json.loads(sweep(*words).stdout)["failed"] == 1
    done = sweep(*words)
    assert json.loads(done.stdout) == {
        "plan": {"failed": 1}, "data_dir": str(workplace / "data"), "done": 1, "failed": 0, "submitted": [],
        "exit_code": 0,
    }  # fmt: skip
    fork = run_of("a_fork_epo8_dea1")
    assert [row[:2] for row in rows(fork)] == [[str(epoch), str(epoch + 3)] for epoch in range(8)]
    assert "Beginning from another run's" in fork.output.read_text()
    assert {path: path.read_bytes() for path in run_of("a").path.rglob("*") if path.is_file()} == before
    shutil.rmtree(run_of("a").path)
    told(sweep("relaunch", "--data_dir", "again", str(fork.path), "deaths=0"))
    again = next(one for one in Path("again").glob("a_fork*/*_s0"))
    assert [row[1] for row in rows(RunDir(again))] == [str(epoch + 3) for epoch in range(8)]


def test_a_relaunch_is_the_same_run_elsewhere_and_knows_where_its_function_was(
    workplace: Path, sweep: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--epochs", "3", "--size", "(3,)", "--exp_name", "a")
    told(sweep("run", "learner:train", *words))
    assert "1 run done before" in told(sweep("relaunch", "data/a/a_s0"))
    (workplace / "code").mkdir()
    (workplace / "learner.py").rename(workplace / "code" / "learner.py")
    said = told(sweep("relaunch", "--data_dir", "again", "data/a/a_s0"), 2)
    assert "cannot be imported" in said
    assert "--thunk module:function" in said
    assert not Path("again").exists()
    told(sweep("relaunch", "--data_dir", "again", "--thunk", "code/learner.py:train", "data/a/a_s0"))
    assert rows(run_of("a", root="again")) == rows(run_of("a"))
    record = read_variant(run_of("a", root="again"))
    assert record is not None
    assert record.config["size"] == {"$tuple": [3]}
    told(sweep("relaunch", "--data_dir", "once_more", "again/a/a_s0"))  # from the folder where it was found last
    assert rows(run_of("a", root="once_more")) == rows(run_of("a"))


def test_an_exact_relaunch_runs_what_ran(workplace: Path, sweep: Tool, write: Tool) -> None:
    write("helper.py", "STEP = 1\n")
    write("own.py", "import helper\n\ndef train(seed=0, logger_kwargs=None):\n    print('step', helper.STEP)\n")
    told(sweep("run", "own:train", "--exp_name", "a"))
    write("helper.py", "STEP = 2\n")
    write("own.py", "import helper\n\ndef train(seed=0, logger_kwargs=None):\n    print('now', helper.STEP)\n")
    said = told(sweep("relaunch", "--data_dir", "now", "data/a/a_s0"))
    assert "the code of own:train is not what the run was started with; --exact runs that" in said
    assert "now 2" in run_of("a", root="now").output.read_text()
    told(sweep("relaunch", "--exact", "--data_dir", "then", "data/a/a_s0"))
    assert "step 1" in run_of("a", root="then").output.read_text()
    assert records(run_of("a", root="then")).home == records(run_of("a")).home == str(workplace)
    for archive in Path("data/.sweep/sources").iterdir():
        archive.unlink()
    assert "is gone" in told(sweep("relaunch", "--exact", "--data_dir", "never", "data/a/a_s0"), 2)
    assert not Path("never").exists()
