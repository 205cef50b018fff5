"""The command that kills a run of the user's own function: what it says of good functions, and of others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.cli import main
from sweep.front.check_resume import check_resume

Tool = Callable[..., Any]
MODULE = """
    import random, time
    import numpy as np

    def train(epochs=5, opt=None, seed=0, run=None):
        random.seed(seed); np.random.seed(seed)
        weights, begin = np.zeros(2), time.time()
        run.state(weights=weights)
        for epoch in run.epochs(epochs):
            weights += np.random.normal(size=2) * (opt or {"lr": 1.0})["lr"]
            time.sleep(0.02)
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Weight", weights.sum())
            run.logger.log_tabular("Time", time.time() - begin)

    def forgets(epochs=5, seed=0, run=None):
        total, seen = 0.0, []
        random.seed(seed); np.random.seed(seed)
        run.state(seen=seen)
        for epoch in run.epochs(epochs):
            total += epoch
            time.sleep(0.02)
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Total", total)

    def gathers(per_rank=True, epochs=4, seed=0, run=None):
        from sweep import mpi_sum, proc_id
        from sweep.memory import Ring
        rng = np.random.default_rng(seed + proc_id())
        memory = Ring(6, fields={"x": ((), "float64")}, per_rank=per_rank)
        run.state(memory=memory, rng=rng)
        for epoch in run.epochs(epochs):
            memory.add(x=rng.normal(size=(2, 1)))
            time.sleep(0.02)
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Sum", mpi_sum(memory["x"].sum()))

    def fails(seed=0):
        raise ValueError("on purpose")
"""


@pytest.fixture
def module(workplace: Path, write: Tool, monkeypatch: pytest.MonkeyPatch) -> str:
    write("checked_module.py", MODULE)
    monkeypatch.syspath_prepend(str(workplace))
    return "checked_module"


def test_a_function_that_registers_its_state_is_found_to_be_the_same(
    module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check-resume", "--json", "--after", "2", f"{module}:train", "--epochs", "5", "--opt:lr", "0.5"])
    data = json.loads(capsys.readouterr().out)
    assert code == 0, data
    assert (data["equal"], data["left_out"], data["killed_after_row"]) == (True, ["Time"], 2)
    assert data["resumed_from_step"] in (1, 2, 3)
    assert data["items"] == {"weights": True, "random state": True}
    assert data["rows"] == [5, 5]


def test_a_sum_that_is_not_registered_is_found_from_the_row_after_the_kill(
    module: str, capsys: pytest.CaptureFixture[str], workplace: Path
) -> None:
    words = ["check-resume", "--signal", "term", "--after", "1", "--keep", "kept", f"{module}:forgets", "--epochs", "6"]
    assert main(words) == 1
    text = capsys.readouterr().out
    assert "SIGTERM after row 1 of 6 (from 0); the run went on from the snapshot of step" in text
    assert "Total from row " in text
    assert "not the same: all registered items are equal, so Total depends on something else" in text
    assert sorted(path.name for path in (workplace / "kept").iterdir()) == ["again", "killed0", "straight"]


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
@pytest.mark.parametrize("per_rank", [True, False])
def test_a_memory_of_each_rank_goes_on_and_one_that_is_rank_0s_is_found(
    module: str, capsys: pytest.CaptureFixture[str], per_rank: bool
) -> None:
    words = ["check-resume", "--json", "--after", "2", "--num_cpu", "2", f"{module}:gathers", "--per_rank"]
    assert main([*words, str(per_rank)]) == (0 if per_rank else 1)
    data = json.loads(capsys.readouterr().out)
    assert {one["column"] for one in data["differences"]} == (set() if per_rank else {"Sum"})
    assert ("memory of rank 1" in data["items"]) == per_rank


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["checked_module:fails"], "does not come to its end by itself: rank 0: ValueError: on purpose"),
        (["--signal", "HUP", "checked_module:train"], "signal 'HUP'; it is one of KILL, TERM"),
        (["checked_module:train", "--epochs", "2"], "too few to kill it in the middle"),
        (["checked_module:train", "--epochs", "5", "6"], "--epochs has 2 values"),
        (["--after", "9", "checked_module:train"], "row 9 is not in the middle: there are 5, so it is from 0 to 3"),
        (["checked_module:train", "--signal", "TERM"], "--signal is sweep's own flag: put it before the target"),
    ],
)
def test_what_cannot_be_checked_is_one_line_and_exit_code_2(
    module: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-resume", *words]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_runs_are_kept_in_a_new_directory_alone(workplace: Path) -> None:
    (workplace / "full").mkdir()
    (workplace / "full" / "file").touch()
    with pytest.raises(UsageError, match="is not empty; name a new directory"):
        check_resume(print, keep=workplace / "full")
