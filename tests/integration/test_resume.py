"""Runs that are cut off anywhere and go on: in the end nobody can tell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sweep.rundir.asked import was_asked
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.supervised import INTERRUPTED_EXIT

Tool = Callable[..., Any]
PATIENCE_S = 60
KILLS = 8

# A learner with everything in it that has to go on: weights, three kinds of random numbers, a counter, values that are
# stored but not logged yet, columns that come late. Its `deaths` are file system events
# after which an attempt kills itself.
LEARNER = """
    import os, random, signal, sys
    from pathlib import Path
    import numpy as np
    from sweep import EpochLogger, ExperimentGrid

    class Agent:
        def __init__(self, weights):
            self.weights, self.best, self.seen = weights, float("-inf"), set()

    def die_in(folder, events):
        left = [events]
        def hook(event, arguments):
            if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and folder in str(arguments[0]):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)

    def train(deaths=(), epochs=9, seed=0, run=None, logger_kwargs=None):
        attempts = Path(logger_kwargs["output_dir"], "attempts")
        attempt = len(attempts.read_text()) if attempts.exists() else 0
        attempts.write_text("x" * (attempt + 1))
        if attempt < len(deaths):
            die_in(logger_kwargs["output_dir"], deaths[attempt])
        logger = EpochLogger(**logger_kwargs)
        np.random.seed(seed); random.seed(seed)
        rng, weights, steps = np.random.default_rng(seed), np.zeros(4), run.counter()
        agent = Agent(weights)
        run.state(weights=weights, rng=rng, steps=steps, agent=agent)
        for epoch in run.epochs(epochs):
            weights += rng.normal(size=4) + random.random()
            steps += 3
            agent.best = max(agent.best, float(weights.sum()))
            agent.seen.add(epoch)
            logger.store(Loss=np.random.rand(5), Carried=weights.sum())
            logger.log_tabular("Epoch", epoch)
            logger.log_tabular("Loss", with_min_and_max=True)
            logger.log_tabular("Steps", steps.value)
            logger.log_tabular("Best", agent.best)
            logger.log_tabular("Seen", len(agent.seen))
            if epoch % 2:
                logger.log_tabular("Carried", average_only=True)
            if epoch >= 5:
                logger.log_tabular("Late", float(rng.random()))
            logger.dump_tabular()
        assert agent.weights is weights
"""
DRIVER = """
    import random
    from learner import train
    from sweep import ExperimentGrid

    def launch(name, deaths):
        grid = ExperimentGrid(name)
        grid.add("deaths", [deaths])
        grid.add("seed", [0, 1])
        return grid.run(train, retry_failed=True).exit_code

    assert launch("straight", ()) == 0
    numbers = random.Random(7)
    deaths = tuple(numbers.randrange(3, 130) for _ in range({kills}))
    codes = [launch("killed", deaths) for _ in range({kills} + 1)]
    assert codes[0] == 1 and codes[-1] == 0, codes
"""


@pytest.fixture
def learner(write: Tool) -> None:
    write("learner.py", LEARNER)


def run_of(name: str, seed: int = 0) -> RunDir:
    return RunDir(Path("data", name, f"{name}_s{seed}"))


def state_of(run: RunDir) -> State | None:
    status = read_status(run)
    return None if status is None else status.state


def started(*words: str) -> subprocess.Popen[bytes]:
    """Start Python, and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.usefixtures("learner")
def test_runs_that_are_killed_at_any_file_system_call_end_with_the_rows_of_those_that_are_not(
    write: Tool, python: Tool
) -> None:
    write("driver.py", DRIVER.format(kills=KILLS))
    done = python("driver.py")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    for seed in (0, 1):
        straight, killed = run_of("straight", seed), run_of("killed", seed)
        assert (killed.path / "attempts").read_text() > "x" * 3
        assert killed.progress.read_bytes() == straight.progress.read_bytes()
        assert (killed.path / "metrics.jsonl").read_bytes() == (straight.path / "metrics.jsonl").read_bytes()
        assert list(snapshots_in(killed.snapshots)) == [7, 8]
        assert not [path for path in killed.snapshots.iterdir() if path.name.startswith(".")]


@pytest.mark.usefixtures("learner")
def test_a_damaged_newest_snapshot_is_skipped_with_a_warning_and_the_rows_are_the_same(
    workplace: Path, write: Tool, python: Tool
) -> None:
    write(
        "driver.py",
        """
        import sys
        from learner import train
        from sweep import ExperimentGrid
        grid = ExperimentGrid(sys.argv[1])
        grid.add("deaths", [tuple(map(int, sys.argv[2:]))])
        sys.exit(grid.run(train, retry_failed=True).exit_code)
        """,
    )
    assert python("driver.py", "straight").returncode == 0
    assert python("driver.py", "damaged", "130").returncode == 1
    run = run_of("damaged")
    newest = max(snapshots_in(run.snapshots))
    file = snapshots_in(run.snapshots)[newest] / "weights.npz"
    file.write_bytes(file.read_bytes()[:-1])
    done = python("driver.py", "damaged", "130")
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"step_{newest:09} is damaged: weights.npz has" in done.stdout
    assert f"Going on from {workplace / run.snapshots / f'step_{newest - 1:09}'}" in done.stdout
    assert run.progress.read_bytes() == run_of("straight").progress.read_bytes()


STOPPABLE = """
    import sys, time
    import numpy as np
    from sweep import ExperimentGrid, current_run

    def train(pause_s=0.0, seed=0):
        run = current_run()
        weights, rng = np.zeros(2), np.random.default_rng(seed)
        run.state(weights=weights, rng=rng)
        for epoch in run.epochs(400):
            weights += rng.normal(size=2)
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Weight", weights.sum())
            time.sleep(pause_s)

    if __name__ == "__main__":
        grid = ExperimentGrid(sys.argv[1])
        grid.add("pause_s", float(sys.argv[2]), runtime_only=True)
        sys.exit(grid.run(train, data_dir=f"data/{sys.argv[1]}").exit_code)  # else the one would be the other, and done
"""


def test_a_launch_that_is_stopped_saves_its_run_and_goes_on_with_it(write: Tool, python: Tool, workplace: Path) -> None:
    write("stoppable.py", STOPPABLE)
    assert python("stoppable.py", "straight", "0").returncode == 0
    launch = started("stoppable.py", "stopped", "0.05")
    run = RunDir(Path("data/stopped/stopped/stopped_s0"))
    wait_for(lambda: len(snapshots_in(run.snapshots)) == 2)
    launch.send_signal(signal.SIGTERM)
    assert launch.wait(PATIENCE_S) == 75
    status = read_status(run)
    assert status is not None
    assert status.state is State.INTERRUPTED
    newest = max(snapshots_in(run.snapshots))
    assert status.cause == f"SIGUSR1 came; it goes on after step {newest}, from step_{newest:09}"
    assert len(run.progress.read_text().splitlines()) == newest + 2  # not one row behind the snapshot
    done = python("stoppable.py", "stopped", "0")
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"done      {newest + 1} of 400" in done.stdout
    assert run.progress.read_bytes() == Path("data/straight/straight/straight_s0/progress.txt").read_bytes()


STUCK = """
    import os, sys, time
    from sweep import ExperimentGrid, proc_id

    def train(seed=0, run=None):
        seen = []
        run.state(seen=seen)
        for epoch in run.epochs(3):
            seen.append(epoch)
            while epoch == 1 and not os.path.exists("go"):
                run.path.joinpath(f"here{proc_id()}").write_text(str(os.getpid()))
                time.sleep(0.01)

    if __name__ == "__main__":
        sys.exit(ExperimentGrid("stuck").run(train, num_cpu=int(sys.argv[1])).exit_code)
"""


@pytest.mark.parametrize(
    ("ranks", "numbers"),
    [
        (1, (signal.SIGUSR1, signal.SIGTERM)),
        (1, (signal.SIGTERM, signal.SIGINT)),
        pytest.param(2, (signal.SIGTERM, signal.SIGTERM), marks=pytest.mark.mpi),
    ],
)
def test_a_run_that_a_second_signal_ends_is_interrupted_and_goes_on(
    write: Tool, python: Tool, workplace: Path, ranks: int, numbers: Sequence[signal.Signals]
) -> None:
    write("stuck.py", STUCK)
    launch = started("stuck.py", str(ranks))
    run, last = RunDir(Path("data/stuck/stuck_s0")), ranks - 1
    here = run.path / f"here{last}"
    wait_for(lambda: here.exists() and here.read_text())
    pid = int(here.read_text())
    os.kill(pid, numbers[0])
    wait_for(lambda: was_asked(run))
    time.sleep(0.1)  # until the handler has returned
    os.kill(pid, numbers[1])
    assert launch.wait(PATIENCE_S) == 75
    status = read_status(run)
    assert status is not None
    assert (status.state, status.kind) == (State.INTERRUPTED, "")
    assert status.cause == f"rank {last} was ended by {numbers[1].name}, after the run had been asked to stop"
    assert list(snapshots_in(run.snapshots)) == [0]
    assert not was_asked(run)
    Path("go").touch()
    again = python("stuck.py", str(ranks))
    assert again.returncode == 0, again.stdout[-3000:]
    assert "done      1 of 3" in again.stdout


@pytest.mark.parametrize("asked", [False, True])
def test_a_signal_that_was_not_the_second_to_stop_is_a_failure(write: Tool, workplace: Path, asked: bool) -> None:
    write("stuck.py", STUCK)
    launch = started("stuck.py", "1")
    run = RunDir(Path("data/stuck/stuck_s0"))
    here = run.path / "here0"
    wait_for(lambda: here.exists() and here.read_text())
    if asked:
        os.kill(int(here.read_text()), signal.SIGUSR1)
        wait_for(lambda: was_asked(run))
    os.kill(int(here.read_text()), signal.SIGKILL)
    assert launch.wait(PATIENCE_S) == 1
    status = read_status(run)
    assert status is not None
    assert (status.state, status.cause) == (State.FAILED, "rank 0 was killed by SIGKILL")


# The process of a run, started as a supervisor starts it


def child(tmp_path: Path, thunk: Callable[..., Any]) -> tuple[RunDir, subprocess.Popen[bytes]]:
    run = RunDir(tmp_path / "run")
    run.own.mkdir(parents=True, exist_ok=True)
    write_status(run, Status(State.PENDING).begun())
    write_payload(run, Call(thunk, {}), 1)
    return run, started("-m", "sweep.runtime.process.child", str(run.path))


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_to_stop_saves_and_leaves_with_75(tmp_path: Path, number: signal.Signals) -> None:
    def train(run: Any) -> None:
        import time

        seen: list[int] = []
        run.state(seen=seen)
        run.snapshots("gap", 1000)
        for epoch in run.epochs(10_000):
            seen.append(epoch)
            time.sleep(0.01)

    run, process = child(tmp_path, train)
    wait_for(lambda: snapshots_in(run.snapshots))
    process.send_signal(number)
    assert process.wait(PATIENCE_S) == INTERRUPTED_EXIT
    assert state_of(run) is State.INTERRUPTED
    newest = max(snapshots_in(run.snapshots))
    folder = snapshots_in(run.snapshots)[newest]
    assert not damage(folder)
    assert json.loads((folder / "seen.json").read_text()) == list(range(newest + 1))
    assert not run.failures()


@pytest.mark.parametrize("numbers", [(signal.SIGUSR1, signal.SIGUSR1), (signal.SIGUSR1, signal.SIGTERM)])
def test_the_second_signal_ends_it_at_once(tmp_path: Path, numbers: Sequence[signal.Signals]) -> None:
    def train(run: Any) -> None:
        import time

        run.state(seen=[])
        for epoch in run.epochs(2):
            if epoch:
                run.path.joinpath("here").touch()
                while True:
                    time.sleep(0.01)

    run, process = child(tmp_path, train)
    wait_for((run.path / "here").exists)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.1)  # else the two may be heard in any order
    assert process.wait(PATIENCE_S) == -numbers[-1]
    assert state_of(run) is State.RUNNING
    assert list(snapshots_in(run.snapshots)) == [0]


def test_a_function_that_registers_nothing_still_dies_at_the_first_signal(tmp_path: Path) -> None:
    def train(run: Any) -> None:
        import time

        for _ in run.epochs(2):
            run.path.joinpath("here").touch()
            time.sleep(3600)

    run, process = child(tmp_path, train)
    wait_for((run.path / "here").exists)
    process.send_signal(signal.SIGUSR1)
    assert process.wait(PATIENCE_S) == -signal.SIGUSR1


# Several ranks

RANKS = """
    import os, signal, sys
    import numpy as np
    from sweep import ExperimentGrid, current_run, mpi_sum, proc_id

    def train(dies=-1, seed=0):
        run = current_run()
        np.random.seed([seed, proc_id()])
        own, weights = np.random.default_rng([seed, proc_id()]), np.zeros(3)
        run.state(weights=weights, own=own)
        for epoch in run.epochs(6):
            weights += mpi_sum(own.normal(size=3))
            run.logger.store(Draw=np.random.rand())
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Draw", with_min_and_max=True)
            run.logger.log_tabular("Weights", weights.sum())
            died = run.path / "died"
            if epoch == dies and proc_id() == 1 and not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)

    if __name__ == "__main__":
        grid = ExperimentGrid(sys.argv[1])
        grid.add("dies", int(sys.argv[2]))
        sys.exit(grid.run(train, num_cpu=2, retry_failed=True).exit_code)
"""


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_every_rank_goes_on_with_its_own_random_numbers(write: Tool, python: Tool) -> None:
    write("ranks.py", RANKS)
    assert python("ranks.py", "straight", "-1").returncode == 0
    assert python("ranks.py", "killed", "3").returncode == 1
    done = python("ranks.py", "killed", "3")
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stdout.count("Going on from") == 1
    assert run_of("killed").progress.read_bytes() == run_of("straight").progress.read_bytes()


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_a_signal_to_one_rank_stops_all_of_them_at_the_same_step(write: Tool, workplace: Path) -> None:
    write("ranks.py", RANKS.replace("epochs(6)", "epochs(100_000)"))
    launch = started("ranks.py", "asked", "-1")
    run = run_of("asked")
    wait_for(lambda: len(snapshots_in(run.snapshots)) == 2)
    launch.send_signal(signal.SIGINT)
    assert launch.wait(PATIENCE_S) == 75
    assert state_of(run) is State.INTERRUPTED
    newest = max(snapshots_in(run.snapshots))
    assert not damage(snapshots_in(run.snapshots)[newest])
    assert len(run.progress.read_text().splitlines()) == newest + 2
