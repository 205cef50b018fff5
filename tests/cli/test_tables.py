"""The commands table, best and rerun: what they print, in which format, and one line for each mistake."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sweep.cli import main

MODULE = """
from sweep import EpochLogger

def train(lr=0.1, seed=0, logger_kwargs=None):
    logger = EpochLogger(**logger_kwargs)
    for epoch in range(2):
        logger.log_tabular("Epoch", epoch)
        logger.log_tabular("Return", epoch * lr + 0.01 * seed)
        logger.dump_tabular()
"""


def as_json(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(words) == 0
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    return json.loads(text)


def test_a_table_ranks_settings_and_says_how(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("score: mean of the last 10 % of AverageEpRet, higher is better (x: Epoch)\n")
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    assert [row[1:3] for row in rows] == [["0.2", "tanh"], ["0.2", "relu"], ["0.1", "tanh"], ["0.1", "relu"]]
    assert rows[0][-1] == "best" and "luck" in text


def test_lower_can_be_better_and_another_metric_can_count(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(["table", "data", "-y", "Loss", "--min", "--how", "last", "--json"], capsys)
    assert found["score"] == {"metric": "Loss", "how": "last", "better": "min", "x": "Epoch"}
    assert [one["mean"] for one in found["settings"]] == pytest.approx([0.4, 0.4, 0.7, 0.7])


def test_main_effects_are_shown_instead(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", "--by", "lr", "act"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows if row and row[0] in ("lr", "act")] == ["lr", "act"]
    levels = as_json(["table", "data", "--by", "lr", "--json"], capsys)["levels"]["lr"]
    assert [(one["value"], one["settings"]) for one in levels] == [(0.2, 2), (0.1, 2)]


def test_csv_has_numbers_with_every_digit(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["place"], row["config/act"], row["mark"]) for row in rows[:2]] == [
        ("1", "tanh", "best"),
        ("2", "relu", "worse"),
    ]
    assert float(rows[0]["mean"]) == pytest.approx(3 * 25.1) and rows[0]["difference"] == ""
    assert main(["table", "data", "--by", "act", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["parameter"], row["value"]) for row in rows] == [("act", "tanh"), ("act", "relu")]


@pytest.mark.parametrize(("form", "beginning"), [("md", "| # | lr | act |"), ("latex", "\\begin{tabular}{rrr")])
def test_a_format_is_the_table_alone(
    swept: Path, form: str, beginning: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", "data", "--format", form]) == 0
    assert capsys.readouterr().out.startswith(beginning)


def test_the_format_json_is_the_flag_json(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert as_json(["table", "data", "--format", "json"], capsys) == as_json(["table", "data", "--json"], capsys)


def test_an_output_without_unicode_is_served_too(swept: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "sweep", "table", "data"],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        cwd=swept.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "best" in run.stdout and run.stdout.isascii()


def test_best_gives_flags_that_a_run_takes_again(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["best", "-k", "2", "data"]) == 0
    text = capsys.readouterr().out
    assert "1. ppo_lr0-2_acttanh: 75.3 over 3 seeds (best)\n   --lr 0.2 --act tanh\n" in text
    assert "2. ppo_lr0-2_actrelu" in text and "3. " not in text


def test_best_as_json_has_the_whole_configuration(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (best,) = as_json(["best", "--json", "data"], capsys)["best"]
    assert best["config"] == {"lr": 0.2, "act": "tanh"} and best["n"] == len(best["paths"]) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["table"], "no path: name a directory of runs"),
        (["table", "nowhere"], "there is no run at 'nowhere'; in the working directory there are data"),
        (["table", "data", "-y", "Los"], "Did you mean 'Loss'?"),
        (["table", "data", "-x", "Epok"], "Did you mean 'Epoch'?"),
        (["table", "data", "--how", "bset"], "Did you mean 'best'?"),
        (["table", "data", "--by", "seed"], "the parameter 'seed' does not vary in these runs; those that do: lr, act"),
        (["table", "data", "--format", "xml"], "argument --format: invalid choice: 'xml'"),
        (["best", "data", "-k", "0"], "-k is 0; it is a number of settings, from 1"),
        (["best", "data", "-k", "x"], "-k"),
        (["rerun", "data"], "a path and --seeds are needed"),
        (["rerun", "--seeds", "100"], "a path and --seeds are needed"),
        (["rerun", "data", "--seeds", "5:5"], "seeds '5:5' are none; write 100:110"),
        (["rerun", "data", "--seeds", "100", "--best", "0"], "--best is 0"),
        (["rerun", "data", "--seeds", "2:4"], "seed 2 is one that the settings are ranked by"),
        (["rerun", "data", "--seeds", "0:3"], "seed 0 is one that the settings are ranked by"),
        (["rerun", "data", "--seeds", "100"], "does not say which function it is of"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    swept: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(swept.parent.rglob("*"))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("sweep: ") and said.count("\n") == 1
    assert sorted(swept.parent.rglob("*")) == before


@pytest.fixture
def toy(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (workplace / "rerun_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(workplace))
    return workplace


def sweep(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sweep", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_leader_is_run_again_with_fresh_seeds_and_only_once(toy: Path) -> None:
    assert sweep("run", "--exp_name", "toy", "rerun_module:train", "--lr", "1", "2", "--seed", "0", "1").returncode == 0
    told = json.loads(sweep("rerun", "data", "--best", "1", "--seeds", "100:102", "--dry-run", "--json").stdout)
    assert told["settings"][0]["plan"] == {"new": 2} and not list(toy.glob("data/*/*_s100"))

    again = sweep("rerun", "data", "--best", "1", "--seeds", "100:102")
    assert again.returncode == 0, again.stderr
    names = sorted(path.name for path in toy.glob("data/*/*_s*"))
    assert names == [f"toy_lr{lr}_s{seed}" for lr, seeds in ((1, (0, 1)), (2, (0, 1, 100, 101))) for seed in seeds]

    status = next(toy.glob("data/*/*_s100/status.json")).read_bytes()
    third = json.loads(sweep("rerun", "data", "--best", "1", "--seeds", "100:102", "--json").stdout)
    assert third == {
        "settings": [{"label": "toy_lr2", "plan": {"done": 2}, "failed": 0, "exit_code": 0}],
        "exit_code": 0,
    }
    assert next(toy.glob("data/*/*_s100/status.json")).read_bytes() == status
    ranked = json.loads(sweep("table", "data", "--json").stdout)["settings"]
    assert [(one["label"], one["n"]) for one in ranked] == [("toy_lr2", 4), ("toy_lr1", 2)]


def test_a_rerun_that_fails_has_exit_code_1(toy: Path) -> None:
    assert sweep("run", "--exp_name", "toy", "rerun_module:train", "--lr", "1", "2", "--seed", "0").returncode == 0
    (toy / "rerun_module.py").write_text(MODULE.replace("for epoch", "assert seed < 100\n    for epoch"))
    again = sweep("rerun", "data", "--best", "2", "--seeds", "100", "--json")
    assert again.returncode == 1, again.stderr
    assert [one["failed"] for one in json.loads(again.stdout)["settings"]] == [1, 1]


def test_a_rerun_that_is_stopped_begins_no_other_setting(
    swept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, Any]] = []

    def stopped(run: Path, changes: object, **options: object) -> SimpleNamespace:
        asked.append((run.parent.name, changes))
        return SimpleNamespace(plan=SimpleNamespace(counts={}), failures=0, exit_code=75)

    monkeypatch.setattr("sweep.front.relaunch.relaunch", stopped)
    assert main(["rerun", "data", "--best", "3", "--seeds", "7,9", "--json"]) == 75
    assert asked == [("ppo_lr0-2_acttanh", {"seed": [7, 9]})]
    assert json.loads(capsys.readouterr().out)["exit_code"] == 75
