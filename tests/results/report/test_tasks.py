"""The section of several tasks: there if it was asked for, with figures that plotly knows, and inert."""

from __future__ import annotations

import json
import re

import pytest

from sweep.cli import main
from sweep.results.report.content import Report, gather
from sweep.results.report.figures.style import Figure
from sweep.results.report.page import figures, page
from sweep.results.report.request import ReportRequest

from ..conftest import DataDir, curve
from .conftest import HOSTILE, hostile, ordinary
from .test_page import STEERS, Elements, painted


def made(data: DataDir, *normalise: str, task: str = "act", better: str = "max") -> Report:
    return gather(data.find(), ReportRequest(("data",), better=better, task=(task,), normalise=normalise))


def drawn(report: Report) -> dict[str, Figure]:
    return {name: one for name, one in figures(report).items() if name.startswith("tasks-")}


def test_without_a_task_there_is_no_such_section(data_dir: DataDir) -> None:
    report = gather(ordinary(data_dir).find(), ReportRequest(("data",)))
    assert report.tasks is None and not drawn(report) and 'id="tasks"' not in page(report, "")


def test_the_section_has_a_place_for_each_figure_and_the_numbers_of_the_table(data_dir: DataDir) -> None:
    report = made(ordinary(data_dir), "minmax")
    text, found = page(report, ""), report.tasks
    assert found is not None and sorted(re.findall('data-figure="(tasks-[^"]*)"', text)) == sorted(drawn(report))
    assert set(drawn(report)) == {"tasks-iqm", "tasks-gap", "tasks-profiles", "tasks-pairs"}
    assert "Interquartile mean (IQM), 95% stratified bootstrap interval, over 11 runs on 2 tasks, 5 to 6" in text
    assert "sweep table data -y AverageEpRet --task act --normalise=minmax --by-task" in text
    assert drawn(report)["tasks-iqm"]["data"][0]["x"] == pytest.approx([row.iqm for row in found.rows], rel=1e-4)
    chances = drawn(report)["tasks-pairs"]["data"][0]["z"]
    assert chances[1][0] == pytest.approx(found.rows[1].p_better, abs=1e-4) and chances[0][0] is None
    assert chances[0][1] + chances[1][0] == pytest.approx(1.0)


def test_a_profile_falls_from_all_runs_to_none(data_dir: DataDir) -> None:
    lines = [one for one in drawn(made(ordinary(data_dir), "minmax"))["tasks-profiles"]["data"] if "fill" not in one]
    assert len(lines) == 2
    for one in lines:
        assert (one["y"][0], one["y"][-1]) == (1.0, 0.0) and one["y"] == sorted(one["y"], reverse=True)


def test_without_a_scale_there_is_no_gap_and_lower_can_be_better(data_dir: DataDir) -> None:
    report = made(ordinary(data_dir), better="min")
    assert "tasks-gap" not in drawn(report)
    chances = drawn(report)["tasks-pairs"]["data"][0]["z"]
    assert chances[0][1] > 0.5 > chances[1][0]


def test_its_figures_are_ones_that_plotly_knows(data_dir: DataDir) -> None:
    go = pytest.importorskip("plotly.graph_objects")
    for figure in drawn(made(ordinary(data_dir), "minmax")).values():
        go.Figure(painted(figure))


def test_what_tasks_and_settings_are_called_is_only_text(data_dir: DataDir) -> None:
    for env in HOSTILE[:3]:
        for text in HOSTILE:
            data_dir.run(f"x{HOSTILE.index(env)}{HOSTILE.index(text)}", 0, curve(1.0), env=env, value=text)
    report = made(data_dir, task="env")
    text = page(report, "")
    found = Elements(text)
    assert found.count["script"] == 3 and not found.count["img"] + found.count["svg"] + found.count["b"]
    assert not STEERS.search(text)
    told = json.dumps(drawn(report), allow_nan=False)
    assert "<script" not in told and "<a " not in told


def test_settings_that_all_lack_a_task_are_a_table_without_figures(data_dir: DataDir) -> None:
    report = made(hostile(data_dir), task="value")
    assert not drawn(report) and "11 of 11 settings cannot be ranked" in page(report, "")


def test_the_command_takes_a_task(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("plotly")
    ordinary(data_dir)
    monkeypatch.chdir(data_dir.path.parent)
    assert main(["report", "data", "--shared", "--task", "act", "--normalise", "minmax"]) == 0
    assert 'id="tasks"' in (data_dir.path.parent / "report.html").read_text(encoding="utf-8")
    assert main(["report", "data", "--task", "axt"]) == 2 and main(["report", "data", "--normalise", "minmax"]) == 2
    said = capsys.readouterr().err
    assert "Did you mean 'act'?" in said and "--task KEY" in said
