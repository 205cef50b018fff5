"""The command plot: files, formats, and one line for each mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sweep.cli import main

pytest.importorskip("matplotlib", reason="figures need matplotlib")


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_display_a_file_is_written_and_named(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "data"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("AverageEpRet over Epoch\n") and text.endswith("written: plot.png\n")
    assert "mean, band = 95% t interval over 3 seeds" in text
    assert (swept.parent / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_every_metric_is_a_file_of_its_own(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plot", "data", "-y", "AverageEpRet", "Loss", "--color", "lr", "--col", "act", "-o", "new/c.svg", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == ["new/c_AverageEpRet.svg", "new/c_Loss.svg"]
    assert [(one["y"], one["x"]) for one in told["figures"]] == [("AverageEpRet", "Epoch"), ("Loss", "Epoch")]
    assert all((swept.parent / file).read_text().startswith("<?xml") for file in told["files"])


def test_the_flags_of_the_reference_are_taken(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plot", "data", "--value", "Performance", "--xaxis", "Epoch", "--legend", "a", "b", "--select", "lr0-2"]
    assert main([*words, "--exclude", "_s2", "--smooth", "2", "--est", "max", "--count", "-o", "x.pdf"]) == 2
    assert "the legend has 2 names for 4 lines" in capsys.readouterr().err
    assert main([*words, "--exclude", "_s2", "--smooth", "2", "--est", "max", "-o", "x.pdf"]) == 0
    assert "each point is the mean of the last 2 rows" in capsys.readouterr().out


def test_what_looks_alike_in_a_figure_is_said(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "data", "--color", "lr"]) == 0
    assert "lines that differ in act alone look alike" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plot"], "no path: name a directory of runs"),
        (["plot", "dta"], "there is no run at 'dta'; in the working directory there are data. Did you mean 'data'?"),
        (["plot", "data", "-y", "Los"], "Did you mean 'Loss'?"),
        (["plot", "data", "-s", "0"], "smooth 0 is no number of rows"),
        (["plot", "data", "-s", "x"], "invalid int value"),
        (["plot", "data", "--color", "l"], "the parameter 'l' does not vary in these runs"),
        (["plot", "data", "--band", "ci"], "band 'ci' is unknown; there are t, sd"),
        (["plot", "data", "--est", "median", "--band", "t"], "band 't' is one of a mean"),
        (["plot", "data", "--select", "x"], "of 12 runs none is left"),
        (["plot", "data", "-o", "x.docx"], "'x.docx' is no figure's name; it ends in .png, .svg, .pdf"),
        (["plot", "data", "-o", "data/ppo_lr0-1_actrelu/ppo_lr0-1_actrelu_s0/x.png"], "where only the run writes"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_and_no_file(
    swept: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(swept.parent.rglob("*"))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said and said.startswith("sweep: ") and said.count("\n") == 1
    assert sorted(swept.parent.rglob("*")) == before
