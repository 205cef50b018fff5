"""The table over several tasks, as a command."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sweep.cli import main


def test_a_table_over_tasks_says_what_it_is(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", "--task", "act", "--normalise", "minmax", "--by-task"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        "interquartile mean (IQM), 95% stratified bootstrap interval, over 12 runs on 2 tasks, 6 for"
    )
    assert (
        "score: mean of the last 10 %" in text and "tasks (act): relu, tanh" in text and "the worst of them is" in text
    )
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    assert [row[:3] for row in rows] == [["1", "0.2", "6"], ["2", "0.1", "6"]] and rows[1][-1] == "worse"


@pytest.mark.parametrize("form", ["md", "latex", "csv"])
def test_formats_are_those_of_the_ordinary_table(swept: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", "--task", "act", "--format", form]) == 0
    text = capsys.readouterr().out
    assert text.startswith({"md": "| # | lr | n |", "latex": "\\begin{tabular}{rrr", "csv": "place,config/lr,"}[form])
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert float(rows[0]["task/tanh"]) == pytest.approx(75.3) and rows[0]["lacks"] == ""


def test_json_has_all_of_it(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", "--task", "act", "--normalise", "0:100", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tasks"] == ["relu", "tanh"] and found["normalise"]["ends"]["tanh"] == [0, 100]
    assert found["settings"][0]["mark"] == "best" and len(found["settings"][0]["by_task"]) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--normalise", "minmax"], "say which with --task KEY"),
        (["--by-task"], "--by-task is for scores of several tasks"),
        (["--task", "act", "--by", "lr"], "give one of them"),
        (["--task", "axt"], "Did you mean 'act'?"),
    ],
)
def test_a_mistake_is_one_line(swept: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "data", *words]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
