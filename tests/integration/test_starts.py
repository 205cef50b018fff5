"""How runs are started, as a person sees it: the record, a breakpoint's process, and who has a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, str], Path]
Tool = Callable[..., Any]


def status(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(data.glob("cmd_train*/*/status.json")).read_text())
    return found


@pytest.mark.parametrize(("words", "start"), [((), "fork"), (("--start", "spawn"), "spawn")])
def test_the_record_says_how_a_run_was_started(
    workplace: Path, write: Write, sweep: Tool, words: tuple[str, ...], start: str
) -> None:
    write("toy.py", "def train(lr=1):\n    print('hello')\n")
    done = sweep("run", *words, "toy:train")
    assert done.returncode == 0, done.stderr
    assert (status(workplace / "data")["start"], status(workplace / "data")["start_note"]) == (start, "")


def test_an_import_that_forks_would_repeat_is_imported_in_every_run(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "import random\nrandom.seed(1)\ndef train(lr=1):\n    print(random.random())\n")
    assert sweep("run", "toy:train", "--lr", "1", "2").returncode == 0
    found = status(workplace / "data")
    assert found["start"] == "spawn"
    assert found["start_note"] == "not forked: the import seeds random, or draws from it"


def test_one_variant_runs_in_the_calling_process(workplace: Path, write: Write, python: Tool) -> None:
    write(
        "go.py",
        """
        import os, sys
        from sweep import ExperimentGrid

        def train(lr):
            print("same process:", os.getpid() == here)

        if __name__ == "__main__":
            here = os.getpid()
            import builtins
            builtins.here = here
            grid = ExperimentGrid("g")
            grid.add("lr", [1])
            sys.exit(grid.run(train, start="inline").exit_code)
        """,
    )
    done = python("go.py")
    assert done.returncode == 0, done.stderr
    assert "same process: True" in done.stdout
    record = json.loads((workplace / "data/g/g_s0/status.json").read_text())
    assert (record["state"], record["start"]) == ("done", "inline")


def test_a_run_in_the_calling_process_that_is_stopped_can_be_gone_on_with(
    workplace: Path, write: Write, sweep: Tool
) -> None:
    write(
        "toy.py", "import os, signal\ndef train(lr=1):\n    os.chdir('/')\n    os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    done = sweep("run", "--start", "inline", "toy:train")
    assert done.returncode == 75, done.stderr + done.stdout
    found = status(workplace / "data")
    assert (found["state"], found["cause"]) == ("interrupted", "stopped by SIGTERM")


def test_a_run_in_the_calling_process_may_leave_its_directory(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "import os\ndef train(lr=1):\n    os.chdir('/')\n")
    assert sweep("run", "--start", "inline", "toy:train").returncode == 0
    assert status(workplace / "data")["state"] == "done"


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_a_grid_over_the_number_of_ranks_may_use_mpi_with_one(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "def train(lr=1):\n    from mpi4py import MPI\n    print('ranks', MPI.COMM_WORLD.Get_size())\n")
    done = sweep("run", "toy:train", "--kw:num_cpu", "1", "2")
    assert done.returncode == 0, done.stdout
    logs = sorted(log.read_text().split("\n")[0] for log in workplace.glob("data/*/*/output.log"))
    assert logs == ["ranks 1", "ranks 2"]


def test_a_launch_whose_standard_error_is_closed_runs(workplace: Path, write: Write) -> None:
    write("toy.py", "def train(lr=1):\n    pass\n")
    command = f"{sys.executable} -m sweep run toy:train --lr 1 2 2>&-"
    assert (
        subprocess.run(["bash", "-c", command], cwd=workplace, stdout=subprocess.DEVNULL, check=False).returncode == 0
    )


def test_a_working_directory_that_is_gone_is_told_in_a_line(workplace: Path) -> None:
    command = f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -P -m sweep run toy:train"
    done = subprocess.run(["bash", "-c", command], cwd=workplace, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "sweep: the working directory is gone; change to one that is there.\n"


def test_several_variants_do_not_run_in_the_calling_process(write: Write, sweep: Tool) -> None:
    write("toy.py", "def train(lr=1):\n    pass\n")
    done = sweep("run", "--start", "inline", "toy:train", "--lr", "1", "2")
    assert done.returncode == 2
    assert "start='inline' runs one variant in this process, and 2 are to be run" in done.stderr


def test_a_module_of_ours_is_not_mistaken_for_one_in_the_working_directory(write: Write, sweep: Tool) -> None:
    for name in ("json", "selectors", "signal", "socket"):
        write(f"{name}.py", "raise SystemExit('a file of the working directory was imported')\n")
    write("toy.py", "def train(lr=1):\n    pass\n")
    environ = {"PYTHONSAFEPATH": "1", "PYTHONPATH": ""}  # for the driver, whose import path is the user's own affair
    done = sweep("run", "toy.py:train", **environ)
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_second_launch_names_the_first_and_sweep_stop_ends_it(workplace: Path, write: Write, sweep: Tool) -> None:
    write("toy.py", "import time\ndef train(lr=1):\n    print('up')\n    time.sleep(600)\n")
    words = [sys.executable, "-m", "sweep", "run", "toy:train", "--lr", "1", "2"]
    first = subprocess.Popen(words, cwd=workplace, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert first.stdout is not None
    logs = lambda: [log for log in workplace.glob("data/*/*/output.log") if "up" in log.read_text()]  # noqa: E731
    while not logs():
        assert first.poll() is None
    second = sweep("run", "toy:train", "--lr", "1", "2")
    assert second.returncode == 2
    assert f"is being run by process {first.pid} on " in second.stderr
    stopped = sweep("stop", "--json", "data")
    assert stopped.returncode == 0, stopped.stderr
    assert first.wait(30) == 75
    first.stdout.close()
    assert {json.loads(file.read_text())["state"] for file in workplace.glob("data/*/*/status.json")} <= {
        "interrupted",
        "pending",
    }
    assert sweep("wait", "data").returncode == 75


def test_a_driver_that_is_killed_leaves_no_run_and_the_same_command_goes_on(
    workplace: Path, write: Write, sweep: Tool
) -> None:
    write(
        "toy.py",
        """
        import os, time
        def train(lr=1):
            print("up", os.getpid())
            time.sleep(0 if os.path.exists("go") else 600)
        """,
    )
    words = [sys.executable, "-m", "sweep", "run", "toy:train"]
    driver = subprocess.Popen(
        words, cwd=workplace, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    log = workplace / "data/cmd_train/cmd_train_s0/output.log"
    while not (log.exists() and "up" in log.read_text()):
        assert driver.poll() is None
    rank = os.pidfd_open(int(log.read_text().split()[1]))
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    import select

    assert select.select([rank], [], [], 10)[0]
    os.close(rank)
    (workplace / "go").touch()
    for _ in range(100):
        done = sweep("run", "toy:train")
        if done.returncode != 2:
            break
    assert done.returncode == 0, done.stderr
    assert status(workplace / "data")["attempt"] == 2
