"""The examples and the README's code, run as they stand."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
Tool = Callable[..., Any]

pytestmark = [pytest.mark.mpi, pytest.mark.usefixtures("mpi")]


@pytest.fixture(autouse=True)
def gymnasium(need: Callable[[str, bool, str], None]) -> None:
    try:
        import gymnasium  # noqa: F401
    except ImportError:
        need("gymnasium", False, "the extra `examples` is not installed")


def column(run: Path, name: str) -> list[float]:
    header, *rows = [line.split("\t") for line in (run / "progress.txt").read_text().splitlines()]
    return [float(row[header.index(name)]) for row in rows]


def test_the_cartpole_sweep_runs_all_its_variants_and_leaves_policies_that_can_be_played(
    workplace: Path, python: Tool, sweep: Tool
) -> None:
    done = python(str(EXAMPLES / "cartpole.py"), "2")
    assert done.returncode == 0, done.stderr
    assert "2 x 2 = 4 settings x 3 seeds = 12 runs" in done.stdout
    assert "2 ranks a run" in done.stdout
    assert f"results: {workplace / 'data'}" in done.stdout
    runs = list((workplace / "data").glob("cartpole*/*"))
    assert len(runs) == 12
    assert all(len(column(run, "AverageEpRet")) == 2 for run in runs)
    assert all(list(run.glob("events.out.tfevents.*")) for run in runs)
    played = sweep("test_policy", "-n", "3", "--len", "20", "--itr", "0", "--json", str(runs[0]))
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert told["policy"] == str(runs[0] / "snapshots" / "step_000000000")
    assert told["returns"] == told["lengths"]
    assert len(told["lengths"]) == 3
    assert max(told["lengths"]) <= 20


def test_runs_side_by_side_fail_and_hang_alone_and_are_tried_again_when_asked(workplace: Path, python: Tool) -> None:
    def outcome(*words: str) -> tuple[int, str]:
        done = python(str(EXAMPLES / "parallel.py"), *words)
        return done.returncode, done.stdout

    code, said = outcome()
    assert code == 1, said
    assert "10 runs done, 2 failed" in said
    assert "parallel_poi1000 seed 1: rank 0: FileNotFoundError: the data set is not mounted" in said
    assert "parallel_poi1000 seed 2: timeout: it took longer than 3.0 s" in said
    code, said = outcome()
    assert code == 1
    assert "0 runs done, 0 failed" in said
    assert said.count("failed before: ") == 2
    code, said = outcome("--retry-failed")
    assert code == 0, said
    assert "2 runs done, 0 failed" in said
    assert "10 runs done before, not started again" in said


def test_the_cartpole_grid_as_a_file_is_the_same_grid_and_it_learns(workplace: Path, sweep: Tool) -> None:
    done = sweep("run", str(EXAMPLES / "cartpole.yaml"), "lr=1e-2", "hidden_sizes={tuple: [64, 64]}", "seed=0")
    assert done.returncode == 0, done.stderr
    returns = column(workplace / "data/cartpole/cartpole_s0", "AverageEpRet")
    assert returns[0] < 40
    assert max(returns) > 200


def test_the_file_and_the_script_make_the_same_names(workplace: Path, python: Tool, sweep: Tool) -> None:
    python(str(EXAMPLES / "cartpole.py"), "1")
    again = sweep("run", "--dry-run", str(EXAMPLES / "cartpole.yaml"), "epochs=1")
    assert "in data: 12 done" in again.stdout


def test_the_readme_s_example_runs_as_it_stands(workplace: Path, python: Tool) -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    (workplace / "demo.py").write_text(code)
    done = python("demo.py")
    assert done.returncode == 0, done.stderr
    assert "12 runs done, 0 failed" in done.stdout
    left = re.search(r"\n    data/(\S+)/\n", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert left
    run = workplace / "data" / left[1]
    assert {path.name for path in run.iterdir()} == {
        "config.json", "progress.txt", "metrics.jsonl", "log.txt", "output.log", "status.json", ".sweep",
    }  # fmt: skip


def test_the_readme_s_command_line_is_the_same_sweep(workplace: Path, python: Tool, sweep: Tool) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    (workplace / "my_module.py").write_text(code)
    shutil.copy(workplace / "my_module.py", workplace / "demo.py")
    python("demo.py")
    line = next(line for line in text.splitlines() if line.startswith("sweep run my_module:train"))
    words = [word.strip('"') for word in line.split()[1:]]
    done = sweep(words[0], "--dry-run", *words[1:], "--exp_name", "demo")
    assert "in data: 12 done" in done.stdout, done.stdout + done.stderr
