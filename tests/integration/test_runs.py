"""Runs as real processes: what they leave behind, how they fail, what a second launch does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

Tool = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str], Path]

TOY = """
    from sibling import doubled

    def train(lr=0.1, epochs=2, seed=0, logger_kwargs=None):
        from sweep import EpochLogger
        logger = EpochLogger(**logger_kwargs)
        logger.save_config(locals())
        for epoch in range(epochs):
            logger.store(Loss=doubled(lr))
            logger.log_tabular("Epoch", epoch)
            logger.log_tabular("Loss", average_only=True)
            logger.dump_tabular()
        if lr == 5:
            raise ValueError("five is too much\\nreally")
"""


@pytest.fixture
def toy(write: Write, workplace: Path) -> Path:
    write("sibling.py", "def doubled(x):\n    return 2 * x\n")
    write("toy.py", TOY)
    return workplace


def status(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "status.json").read_text()))


def test_a_sweep_leaves_the_reference_s_directories_and_files(toy: Path, sweep: Tool) -> None:
    done = sweep("run", "toy:train", "--lr", "1", "2", "--seed", "0", "10", "--exp_name", "toy")
    assert done.returncode == 0, done.stderr
    assert sorted(str(path.relative_to(toy)) for path in toy.glob("data/[!.]*/*")) == [
        "data/toy_lr1/toy_lr1_s0",
        "data/toy_lr1/toy_lr1_s10",
        "data/toy_lr2/toy_lr2_s0",
        "data/toy_lr2/toy_lr2_s10",
    ]
    run = toy / "data/toy_lr2/toy_lr2_s10"
    assert (run / "progress.txt").read_text() == "Epoch\tLoss\n0\t4.0\n1\t4.0\n"
    config = json.loads((run / "config.json").read_text())
    assert (config["exp_name"], config["lr"], config["seed"], config["epochs"]) == ("toy_lr2", 2, 10, 2)
    assert (status(run)["state"], status(run)["attempt"]) == ("done", 1)
    assert "AverageLoss" not in (run / "output.log").read_text()
    assert "|            Loss |               4 |" in (run / "output.log").read_text()
    assert not (run / ".sweep" / "payload.pkl").exists()
    assert f"results: {toy / 'data'}" in done.stdout


def test_a_failing_run_does_not_stop_the_sweep_and_is_told_with_its_cause(toy: Path, sweep: Tool) -> None:
    done = sweep("run", "toy:train", "--lr", "5", "1", "--exp_name", "toy")
    assert done.returncode == 1
    assert "1 run done, 1 failed" in done.stdout
    assert "failed: toy_lr5 seed 0: rank 0: ValueError: five is too much" in done.stdout
    assert "log: data/toy_lr5/toy_lr5_s0/output.log" in done.stdout
    assert "Traceback" in (toy / "data/toy_lr5/toy_lr5_s0/output.log").read_text()
    assert (status(toy / "data/toy_lr5/toy_lr5_s0")["state"], status(toy / "data/toy_lr1/toy_lr1_s0")["state"]) == (
        "failed",
        "done",
    )
    assert "Traceback" not in done.stderr


def test_running_again_starts_nothing_that_is_done_and_lists_what_failed(toy: Path, sweep: Tool) -> None:
    words = ("run", "toy:train", "--lr", "5", "1", "--exp_name", "toy")
    sweep(*words)
    finished = toy / "data/toy_lr1/toy_lr1_s0"
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    again = sweep(*words)
    assert again.returncode == 1
    assert "in data: 1 done, 1 failed" in again.stdout
    assert "failed before: toy_lr5 seed 0: rank 0: ValueError: five is too much" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_retrying_what_failed_sets_its_old_rows_aside(toy: Path, sweep: Tool, write: Write) -> None:
    words = ("run", "--retry-failed", "toy:train", "--lr", "5", "1", "--exp_name", "toy")
    sweep(*words)
    write("toy.py", TOY.replace("if lr == 5", "if False"))
    again = sweep(*words)
    assert again.returncode == 0, again.stdout
    run = toy / "data/toy_lr5/toy_lr5_s0"
    assert (status(run)["state"], status(run)["attempt"]) == ("done", 2)
    assert (run / "progress.txt").read_text() == "Epoch\tLoss\n0\t10.0\n1\t10.0\n"
    assert (run / ".sweep/orphans/progress.1.txt").read_text() == "Epoch\tLoss\n0\t10.0\n1\t10.0\n"


def test_d12_a_grid_that_grew_runs_only_what_is_new(toy: Path, sweep: Tool) -> None:
    sweep("run", "toy:train", "--lr", "1", "--exp_name", "toy")
    grown = sweep("run", "toy:train", "--lr", "1", "2", "--exp_name", "toy")
    assert "in data: 1 new, 1 done" in grown.stdout
    assert sorted(path.name for path in (toy / "data").iterdir()) == [".sweep", "toy", "toy_lr2"]


def test_another_configuration_under_the_same_name_is_never_overwritten(toy: Path, sweep: Tool) -> None:
    sweep("run", "toy:train", "--lr", "1", "--exp_name", "toy")
    other = sweep("run", "toy:train", "--lr", "2", "--exp_name", "toy")
    assert other.returncode == 2
    assert "holds another configuration, differing in 'lr'" in other.stderr
    assert (toy / "data/toy/toy_s0/progress.txt").read_text() == "Epoch\tLoss\n0\t2.0\n1\t2.0\n"


def test_a_single_run_shows_what_it_prints(toy: Path, sweep: Tool) -> None:
    done = sweep("run", "toy:train", "--lr", "1", "--exp_name", "toy")
    assert "|            Loss |               2 |" in done.stdout
    assert "|            Loss |               2 |" in (toy / "data/toy/toy_s0/output.log").read_text()


def test_a_script_runs_its_own_functions_and_those_of_its_siblings(toy: Path, write: Write, python: Tool) -> None:
    write(
        "script.py",
        """
        import sys
        from sibling import doubled
        from sweep import ExperimentGrid

        SCALE = 3

        def train(lr, seed, logger_kwargs):
            from sweep import Logger
            logger = Logger(**logger_kwargs)
            logger.log_tabular("Value", SCALE * doubled(lr))
            logger.dump_tabular()

        grid = ExperimentGrid("script").add("lr", [1, 2])
        result = grid.run(train)
        sys.exit(result.exit_code)
        """,
    )
    done = python("script.py")
    assert done.returncode == 0, done.stderr
    assert (toy / "data/script_lr2/script_lr2_s0/progress.txt").read_text() == "Value\n12\n"


def test_a_parameter_may_be_the_function(workplace: Path, write: Write, python: Tool) -> None:
    write("algos.py", "def ppo(lr): print('ppo', lr)\ndef sac(lr, seed=0): print('sac', lr)\n")
    write(
        "script.py",
        """
        from algos import ppo, sac
        from sweep import ExperimentGrid
        grid = ExperimentGrid("g").add("algo", [ppo, sac], in_name=True).add("lr", 3)
        assert grid.run("algo").exit_code == 0
        """,
    )
    done = python("script.py")
    assert done.returncode == 0, done.stderr
    assert (workplace / "data/g_algppo/g_algppo_s0/output.log").read_text() == "ppo 3\n"
    assert (workplace / "data/g_algsac/g_algsac_s0/output.log").read_text() == "sac 3\n"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("import sys; sys.exit(0)", "rank 0: SystemExit: 0"),
        ("import sys; sys.exit(3)", "rank 0: SystemExit: 3"),
        ("import os; os._exit(0)", "rank 0 ended with exit code 0 before the function returned"),
        ("import os; os._exit(7)", "rank 0 ended with exit code 7 before the function returned"),
        ("import os; os.kill(os.getpid(), 9)", "rank 0 was killed by SIGKILL"),
        ("raise KeyboardInterrupt", "rank 0: KeyboardInterrupt"),
        ("raise MemoryError", "rank 0: MemoryError"),
        ("import missing_module", "rank 0: ModuleNotFoundError: No module named 'missing_module'"),
    ],
)
def test_d8_a_run_that_ends_before_its_function_returns_has_failed(
    workplace: Path, write: Write, sweep: Tool, body: str, cause: str
) -> None:
    write("toy.py", f"def train(lr=1):\n    {body}\n")
    done = sweep("run", "toy:train")
    assert done.returncode == 1
    assert cause in done.stdout
    run = workplace / "data/cmd_train/cmd_train_s0"
    assert (status(run)["state"], status(run)["cause"]) == ("failed", cause)


def test_arguments_of_256_megabytes_arrive(workplace: Path, write: Write, python: Tool) -> None:
    write(
        "script.py",
        """
        import numpy as np
        from sweep import call_experiment

        def train(data, seed):
            print("sum", int(data.sum()), data.nbytes)

        data = np.ones(32 * 2**20)
        call_experiment("big", train, data=data)
        """,
    )
    done = python("script.py")
    assert done.returncode == 0, done.stderr
    assert "sum 33554432 268435456" in done.stdout


def test_call_experiment_raises_when_the_run_fails_and_skips_what_is_done(
    toy: Path, write: Write, python: Tool
) -> None:
    write(
        "script.py",
        """
        from sweep import RunFailed, call_experiment
        from toy import train
        call_experiment("one", train, lr=1)
        again = call_experiment("one", train, lr=1)
        assert (again.done, again.exit_code) == (0, 0)
        try:
            call_experiment("five", train, seed=3, lr=5)
        except RunFailed as error:
            print("CAUGHT", error)
        """,
    )
    done = python("script.py")
    assert done.returncode == 0, done.stderr
    assert "CAUGHT five seed 3 failed: rank 0: ValueError: five is too much." in done.stdout
    assert done.stdout.count("Running experiment:") == 3


def test_env_name_becomes_a_maker_only_for_a_function_that_asks(workplace: Path, write: Write, sweep: Tool) -> None:
    pytest.importorskip("gymnasium", reason="the extra `examples` is not installed")
    write(
        "toy.py",
        """
        def asks(env_fn, seed): print("made", env_fn().spec.id)
        def takes(env_name, seed): print("got", env_name)
        """,
    )
    assert "made CartPole-v1" in sweep("run", "toy:asks", "--env", "CartPole-v1").stdout
    assert "got CartPole-v1" in sweep("run", "toy:takes", "--env", "CartPole-v1").stdout


def test_what_stops_the_driver_ends_its_run_which_can_be_gone_on_with(workplace: Path, write: Write) -> None:
    write(
        "toy.py",
        """
        import pathlib, sys, time
        def train(lr, seed):
            if not pathlib.Path("quick").exists():
                pathlib.Path("started").touch()
                time.sleep(60)
        """,
    )
    command = [sys.executable, "-m", "sweep", "run", "--parallel", "1", "toy:train", "--lr", "1", "2"]
    for number in (signal.SIGINT, signal.SIGTERM):
        (workplace / "started").unlink(missing_ok=True)
        driver = subprocess.Popen(command, cwd=workplace, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wait_for(workplace / "started")
        children = psutil.Process(driver.pid).children(recursive=True)
        driver.send_signal(number)
        said, _ = driver.communicate(timeout=60)
        assert driver.returncode == 75, said
        assert "stopped with 2 runs to go; run the same again to go on" in said
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert status(workplace / "data/cmd_train_lr1/cmd_train_lr1_s0")["state"] == "interrupted"
    (workplace / "quick").touch()
    again = subprocess.run(command, cwd=workplace, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stdout
    assert "1 new, 1 to resume" in again.stdout
    assert status(workplace / "data/cmd_train_lr1/cmd_train_lr1_s0")["attempt"] == 3


def wait_for(file: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < end, f"{file} did not appear"
        time.sleep(0.01)


def test_a_yaml_grid_runs(toy: Path, write: Write, sweep: Tool) -> None:
    write("grid.yaml", "name: y\nthunk: toy:train\ngrid:\n  lr: [1e-3, 2]\n  seed: 1\nrun:\n  data_dir: results\n")
    done = sweep("run", "grid.yaml", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert (toy / "results/y_lr2/y_lr2_s1/progress.txt").read_text() == "Epoch\tLoss\n0\t4.0\n"


def test_python_needs_no_main_guard_and_no_wait_where_nobody_watches(
    workplace: Path, write: Write, python: Tool
) -> None:
    write(
        "script.py",
        """
        from sweep import ExperimentGrid
        def train(lr): pass
        ExperimentGrid("g").add("lr", [1, 2]).run(train)
        """,
    )
    started = time.monotonic()
    done = python("script.py", SWEEP_WAIT_BEFORE_LAUNCH="30")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 30
    assert done.stdout.count("Grid [g]") == 1


def test_nothing_is_coloured_where_no_person_looks(toy: Path, sweep: Tool) -> None:
    done = sweep("run", "toy:train", "--lr", "5", "1")
    assert "\x1b" not in done.stdout + done.stderr


def test_the_payload_is_for_its_owner_alone_and_never_on_a_command_line(
    workplace: Path, write: Write, sweep: Tool
) -> None:
    write(
        "toy.py",
        """
        import pathlib, stat
        def train(key, logger_kwargs):
            file = pathlib.Path(logger_kwargs["output_dir"]) / ".sweep" / "payload.pkl"
            print("mode", oct(stat.S_IMODE(file.stat().st_mode)))
            print("seen", "s3cret" in pathlib.Path("/proc/self/cmdline").read_text())
        """,
    )
    done = sweep("run", "toy:train", "--key", "s3cret")
    assert "mode 0o600" in done.stdout
    assert "seen False" in done.stdout


def test_threads_are_set_for_a_single_rank_too(workplace: Path, write: Write, sweep: Tool) -> None:
    write(
        "toy.py", "import os\ndef train(x): print('threads', os.environ['OMP_NUM_THREADS'], 'IN_MPI' in os.environ)\n"
    )
    assert "threads 1 False" in sweep("run", "toy:train", "--x", "1", OMP_NUM_THREADS="3").stdout
    if len(os.sched_getaffinity(0)) > 1:
        assert "threads 2 False" in sweep("run", "--threads", "2", "toy:train", "--x", "2", "--exp_name", "b").stdout


def test_runs_go_at_once_as_far_as_there_are_cores(workplace: Path, write: Write, sweep: Tool) -> None:
    """Each of two runs waits for the other: they finish only if they run at the same time."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core alone has room for one run")
    write(
        "toy.py",
        """
        import os, pathlib, time
        def train(me, seed):
            print("cores", sorted(os.sched_getaffinity(0)))
            pathlib.Path(f"here{me}").touch()
            while not pathlib.Path(f"here{1 - me}").exists():
                time.sleep(0.01)
        """,
    )
    done = sweep("run", "--parallel", "2", "--timeout", "60", "toy:train", "--me", "0", "1")
    assert done.returncode == 0, done.stdout
    assert "1 rank a run, 2 runs at once" in done.stdout
    cores = {(workplace / f"data/cmd_train_me{me}/cmd_train_me{me}_s0/output.log").read_text() for me in (0, 1)}
    assert len(cores) == 2


def test_a_run_over_its_time_limit_is_ended_and_the_others_go_on(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "import time\ndef train(s): time.sleep(s)\n")
    done = sweep("run", "--timeout", "1s", "toy:train", "--s", "0", "60", "0.0")
    assert done.returncode == 1
    assert "2 runs done, 1 failed" in done.stdout
    assert "failed: cmd_train_s60 seed 0: timeout: it took longer than 1.0 s" in done.stdout


def test_a_flag_that_the_function_knows_too_is_refused_with_the_way_out(
    workplace: Path, write: Write, sweep: Tool
) -> None:
    write("toy.py", "def train(timeout): print('mine', timeout)\n")
    refused = sweep("run", "toy:train", "--timeout", "3")
    assert refused.returncode == 2
    assert "write --kw:timeout for the function's" in refused.stderr
    assert "mine 3" in sweep("run", "toy:train", "--kw:timeout", "3").stdout


def test_a_run_that_removes_its_directory_has_failed_and_the_others_go_on(
    workplace: Path, write: Write, sweep: Tool
) -> None:
    write(
        "toy.py",
        """
        import shutil
        def train(lr, logger_kwargs):
            if lr == 1:
                shutil.rmtree(logger_kwargs["output_dir"])
        """,
    )
    done = sweep("run", "toy:train", "--lr", "1", "2")
    assert done.returncode == 1
    assert "1 run done, 1 failed" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("lr", "code", "state"), [(1, 0, "done"), (2, 1, "failed")])
def test_a_reader_that_goes_away_stops_nothing(workplace: Path, write: Write, lr: int, code: int, state: str) -> None:
    write(
        "toy.py",
        """
        def train(lr):
            for number in range(2000):
                print("line", number, flush=True)
            assert lr < 2
        """,
    )
    line = f"{sys.executable} -m sweep run toy:train --lr {lr} | head -n 3; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=workplace, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("Traceback")) == (code, 0)
    assert status(workplace / "data/cmd_train/cmd_train_s0")["state"] == state
