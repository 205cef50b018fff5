"""The command `sweep report`."""

from __future__ import annotations

import json

import pytest

from sweep.cli import main

from ..conftest import DataDir
from .conftest import ordinary


@pytest.fixture(autouse=True)
def here(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("plotly")
    ordinary(data_dir)
    monkeypatch.chdir(data_dir.path.parent)


def test_it_writes_a_page_here_and_says_where_and_how_large(
    data_dir: DataDir, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(data_dir.path.rglob("*"))
    assert main(["report", "data"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("written: report.html (2.") and "4 settings x 3 seeds = 12 runs" in said
    assert (data_dir.path.parent / "report.html").is_file() and sorted(data_dir.path.rglob("*")) == before


def test_it_tells_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["report", "data", "-y", "Epoch", "--min", "--how", "last", "--shared", "-o", "out/a.html", "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == "out/a.html" and told["shared"].startswith("out/plotly-") and told["bytes"] < 200_000
    assert (told["runs"], told["settings"]) == (12, 4) and told["warnings"]


def test_a_wrong_place_or_metric_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "data", "-o", "data/ppo_lr0.1_tanh/ppo_lr0.1_tanh_s0/report.html"]) == 2
    assert main(["report", "data", "-y", "AverageEpRat"]) == 2
    said = capsys.readouterr().err
    assert "only read" in said and "Did you mean 'AverageEpRet'?" in said and "Traceback" not in said
