"""The command export: what it says, what it writes, and one line for each mistake."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sweep.cli import main


def test_results_go_to_files_that_are_named(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "data", "--to", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "12 runs of 4 settings",
        "score: mean of the last 10 % of AverageEpRet, higher is better (x: Epoch)",
        "written: export_csv/runs.csv",
        "written: export_csv/curves.csv",
    ]
    rows = list(csv.DictReader((swept.parent / "export_csv/runs.csv").read_text().splitlines()))
    scores = {row["run"]: float(row["score"]) for row in rows}
    assert len(scores) == 12 and scores["ppo_lr0-2_acttanh_s2"] == pytest.approx(3 * 25.2)


def test_the_same_is_told_as_one_object(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "data", "--to", "csv", "-o", "out", "-y", "Loss", "--min", "--how", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "runs": 12,
        "settings": 4,
        "score": {"metric": "Loss", "how": "last", "better": "min", "x": "Epoch"},
        "where": "out",
        "files": ["out/runs.csv", "out/curves.csv"],
        "notes": [],
    }


def test_no_byte_of_a_run_changes(swept: Path) -> None:
    before = {path: path.read_bytes() for path in swept.rglob("*") if path.is_file()}
    assert main(["export", "data", "--to", "csv", "-o", "data", "--force"]) == 0
    assert main(["export", "data", "--to", "csv", "-o", "data/ppo_lr0-1_actrelu/ppo_lr0-1_actrelu_s0", "--force"]) == 2
    after = {path: path.read_bytes() for path in swept.rglob("*") if path.is_file()}
    assert {path.name for path in after.keys() - before.keys()} == {"runs.csv", "curves.csv"}
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export"], "no path: name a directory of runs"),
        (["export", "data"], "no format: add --to and one of csv, parquet, tensorboard, wandb, optuna"),
        (["export", "data", "--to", "cvs"], "invalid choice: 'cvs'"),
        (["export", "data", "--to", "csv", "-y", "Los"], "Did you mean 'Loss'?"),
        (["export", "data", "--to", "csv", "--each"], "--each is for trials of optuna"),
        (["export", "data", "--to", "csv", "-o", "data"], "there is something in 'data'"),
        (["export", "data", "--to", "csv", "-o", "file"], "'file' is no folder"),
        (["export", "data", "--to", "csv", "-o", "file/sub"], "'file/sub' cannot be written to"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_and_no_file(
    swept: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (swept.parent / "file").touch()
    before = sorted(swept.parent.rglob("*"))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said and said.startswith("sweep: ") and said.count("\n") == 1
    assert sorted(swept.parent.rglob("*")) == before
