"""What a report says, without a browser."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.report.content import Report, gather, title_of
from sweep.results.report.curves import MOST_LINES, MOST_POINTS
from sweep.results.report.data import runs_csv, settings_csv
from sweep.results.report.request import ReportRequest

from ..conftest import DataDir, curve
from .conftest import HOSTILE, hostile, ordinary

REQUEST = ReportRequest(("data",))


@pytest.fixture
def report(data_dir: DataDir) -> Report:
    return gather(ordinary(data_dir).find(), REQUEST, now=0.0)


def test_it_says_what_was_asked(report: Report) -> None:
    assert report.title == "ppo"
    assert report.asked.shape == "2 act x 2 lr = 4 settings x 3 seeds = 12 runs"
    assert report.asked.parameters == (("act", ("relu", "tanh")), ("lr", ("0.01", "0.1")))
    assert report.asked.fixed == (("gamma", "0.9"),)
    facts = dict(report.asked.facts)
    assert facts["function"] == ("agents:ppo",) and facts["seeds"] == ("0-2",)
    assert report.counts == {"done": 11, "failed": 1}


def test_a_grid_that_is_not_full_says_so(data_dir: DataDir) -> None:
    for lr, act in ((1, "a"), (2, "a"), (2, "b")):
        data_dir.run(f"x_{lr}{act}", 0, curve(1.0, 2.0), lr=lr, act=act)
    shape = gather(data_dir.find(), REQUEST).asked.shape
    assert shape == "3 settings of 2 act x 2 lr = 4 x 1 seed = 3 runs"


def test_warnings_say_what_changes_how_the_numbers_are_read(report: Report, data_dir: DataDir) -> None:
    said = "\n".join(report.warnings)
    assert "1 of 12 runs have no score" in said and "end at different TotalEnvInteracts" in said
    data_dir.run("ppo_lr9_tanh", 0, curve(1.0), "running", lr=9, act="tanh", gamma=0.9)
    assert gather(data_dir.find(), REQUEST).warnings[0] == "1 run of 13 is not over: all numbers may change"


def test_its_numbers_are_those_of_the_table(report: Report) -> None:
    from sweep.results.table.ranking import rank

    again = rank(report.runs)
    assert [row.as_json() for row in report.ranking.rows] == [row.as_json() for row in again.rows]


def test_every_section_has_the_command_that_makes_it_again(report: Report) -> None:
    assert report.commands["ranking"] == "sweep table data -y AverageEpRet"
    assert report.commands["effects"] == "sweep table data -y AverageEpRet --by act lr"
    assert report.commands["curves"].startswith("sweep plot data -y AverageEpRet --color ")
    assert report.commands["rerun"].endswith("--best 3 --seeds 100:110")
    assert report.commands["failures"] == "sweep status data"


def test_commands_keep_what_was_asked_and_quote_it(data_dir: DataDir) -> None:
    ordinary(data_dir)
    asked = ReportRequest(("my data", "b"), "AverageEpRet", "last", "min", "Epoch", True)
    said = gather(data_dir.find(), asked).commands
    assert said["report"] == "sweep report 'my data' b -y AverageEpRet --how last --min -x Epoch --parallel"


def test_a_map_has_the_mean_the_best_and_n_of_each_pair(report: Report) -> None:
    (heat,) = report.heats
    assert {heat.down, heat.across} == {"lr", "act"}
    squares = [square for line in heat.squares for square in line]
    assert sorted(square.runs for square in squares if square) == [2, 3, 3, 3]
    assert all(square.mean == square.best and square.settings == 1 for square in squares if square)


def test_a_pair_that_no_run_has_is_an_empty_cell(data_dir: DataDir) -> None:
    for lr, act in ((1, "a"), (2, "a"), (2, "b")):
        data_dir.run(f"x_{lr}{act}", 0, curve(1.0, 2.0 * lr), lr=lr, act=act)
    (heat,) = gather(data_dir.find(), REQUEST).heats
    assert sum(square is None for line in heat.squares for square in line) == 1


def test_curves_are_dotted_where_seeds_have_ended_and_count_those_that_are_there(report: Report) -> None:
    curves = {curve.label: curve for _, inside in report.curves.panels for curve in inside}
    cut = curves["ppo_lr0.01_tanh"]
    assert cut.dotted_from == 10 and list(cut.n) == [3] * 10 + [2] * 30
    assert curves["ppo_lr0.1_tanh"].dotted_from is None


def test_a_long_curve_is_drawn_by_few_points_from_end_to_end_and_that_is_said(data_dir: DataDir) -> None:
    data_dir.run("x", 0, curve(*(float(row) for row in range(1000))), lr=1)
    curves = gather(data_dir.find(), REQUEST).curves
    ((_, (line,)),) = curves.panels
    assert len(line.x) == MOST_POINTS and (line.y[0], line.y[-1]) == (0.0, 999.0)
    assert "of 1,000 points a line 250 are drawn" in curves.notes


def test_of_very_many_settings_the_curves_of_the_best_are_drawn_and_that_is_said(data_dir: DataDir) -> None:
    for lr in range(MOST_LINES + 3):
        data_dir.run(f"x_lr{lr}", 0, curve(0.0, float(lr)), lr=lr)
    curves = gather(data_dir.find(), REQUEST).curves
    drawn = {line.label for _, inside in curves.panels for line in inside}
    assert len(drawn) == MOST_LINES and "x_lr62" in drawn and "x_lr0" not in drawn
    assert "of 63 settings the best 60 are drawn" in curves.notes


def test_one_outlier_does_not_flatten_all_curves(data_dir: DataDir) -> None:
    heights = [float(row) for row in range(200)]
    data_dir.run("x", 0, curve(*heights[:100], 1e9, *heights[100:]), lr=1)
    curves = gather(data_dir.find(), REQUEST).curves
    assert curves.span[1] < 1000 and "the y axis is cut: outliers lie beyond it" in curves.notes


def test_numbers_that_are_none_are_not_in_the_span(data_dir: DataDir) -> None:
    data_dir.run("x", 0, curve(1.0, math.inf, math.nan, 3.0), lr=1)
    assert np.isfinite(gather(data_dir.find(), REQUEST).curves.span).all()


def test_failures_of_one_cause_stand_together_with_what_they_said_last(report: Report) -> None:
    (failure,) = report.failures
    assert failure.cause == "rank 0: ValueError: loss is nan" and len(failure.runs) == 1
    assert failure.last_lines(2) == ["Traceback", "ValueError: loss is nan"]


def test_the_tables_hold_every_run_and_every_setting(report: Report) -> None:
    runs = list(csv.DictReader(io.StringIO(runs_csv(report.ranking))))
    assert len(runs) == 12 and {row["state"] for row in runs} == {"done", "failed"}
    assert [row["score"] for row in runs if row["state"] == "failed"] == [""]
    rows = list(csv.DictReader(io.StringIO(settings_csv(report.ranking))))
    assert [int(row["place"]) for row in rows] == [1, 2, 3, 4]
    assert float(rows[0]["mean"]) == pytest.approx(report.ranking.rows[0].mean)


def test_no_cell_of_a_table_is_a_formula_or_steers_a_terminal(data_dir: DataDir) -> None:
    ranking = gather(hostile(data_dir).find(), REQUEST).ranking
    for text in (runs_csv(ranking), settings_csv(ranking)):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert "'=HYPERLINK(1)" in cells and not any(cell.startswith("=") for cell in cells)
        assert not any(letter in text for letter in "\x1b\u2028\u202e")
    assert len(HOSTILE) == len(ranking.rows)


def test_a_title_is_what_all_names_begin_with_else_the_folders_name(data_dir: DataDir, tmp_path: Path) -> None:
    data_dir.run("a_x_1", 0, curve(1.0), lr=1)
    assert title_of(data_dir.find()) == "a_x_1"
    data_dir.run("a_x_2", 0, curve(1.0), lr=2)
    assert title_of(data_dir.find()) == "a_x"
    data_dir.run("b", 0, curve(1.0), lr=3)
    assert title_of(data_dir.find()) == "a_x_1"


def test_runs_without_a_score_are_reported_too(data_dir: DataDir) -> None:
    for seed in range(2):
        data_dir.run("x", seed, curve(1.0, 2.0), "failed", cause="it broke", lr=1)
    report = gather(data_dir.find(), REQUEST)
    assert not report.ranking.scored() and not report.heats and len(report.failures) == 1


def test_without_any_row_there_is_nothing_to_report(data_dir: DataDir) -> None:
    data_dir.run("x", 0, (), "failed", cause="it broke", lr=1)
    with pytest.raises(UsageError, match="nothing"):
        gather(data_dir.find(), REQUEST)
