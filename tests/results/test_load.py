"""`sweep.load`: from directories to frames in one line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.find import NoRunsFound
from sweep.results.load import load
from sweep.results.score import Score, UnknownMetric

from .conftest import DataDir, curve

pytest.importorskip("pandas")


def test_a_row_a_run(sweep_dir: DataDir) -> None:
    frame = load(sweep_dir.path).runs
    assert len(frame) == 12
    assert frame["run/state"].value_counts().to_dict() == {"done": 10, "failed": 1, "pending": 1}


def test_curves_have_the_metric_and_the_steps(sweep_dir: DataDir) -> None:
    results = load(sweep_dir.path)
    frame = results.curves("Performance")
    assert {"metric/TotalEnvInteracts", "metric/AverageEpRet", "config/lr", "run/seed"} <= set(frame.columns)
    assert len(frame) == 10 * 20 + 5
    assert list(results.curves(["AverageEpRet"], x="Epoch").columns[-2:]) == ["metric/Epoch", "metric/AverageEpRet"]


def test_settings_and_best_are_ranked_by_a_metric_or_a_score(sweep_dir: DataDir) -> None:
    results = load(sweep_dir.path)
    frame = results.settings("AverageEpRet", how="last")
    assert frame["score/mean"].is_monotonic_decreasing
    assert results.best(2, Score("AverageEpRet", "last")).equals(frame.iloc[:2])
    assert results.best(1, "AverageEpRet", better="min")["config/lr"].tolist() == [0.01]
    assert results.settings()["score/n"].sum() == 10
    assert results.settings(which="all")["score/n"].sum() == 11


def test_directories_of_others_stand_beside_our_own(data_dir: DataDir) -> None:
    data_dir.run("a", rows=curve(1))
    data_dir.spinningup("b", rows=curve(2))
    data_dir.garage("c", [{"AverageReturn": 3.0}])
    data_dir.sb3("d", [{"rollout/ep_rew_mean": 4.0}])
    data_dir.monitor("e", (5.0, 10, 1.0))
    frame = load(data_dir.path).runs
    assert sorted(frame["run/source"]) == ["garage", "sb3", "sb3", "spinningup", "sweep"]
    values = frame[["metric/AverageEpRet", "metric/AverageReturn", "metric/rollout/ep_rew_mean", "metric/r"]].to_numpy()
    assert sorted(np.nansum(values, axis=1)) == [1, 2, 3, 4, 5]


def test_an_unknown_metric_lists_what_there_is(sweep_dir: DataDir) -> None:
    results = load(sweep_dir.path)
    for ask in (results.curves, results.settings, results.ranked):
        with pytest.raises(
            UnknownMetric, match=r"no metric 'AverageEpRte'; there are Epoch, .* Did you mean 'AverageEpRet'"
        ):
            ask("AverageEpRte")


def test_wrong_uses_are_one_clear_line(sweep_dir: DataDir) -> None:
    results = load(sweep_dir.path)
    with pytest.raises(UsageError, match="k=0"):
        results.best(0)
    with pytest.raises(UsageError, match="unknown"):
        results.settings(how="median")
    with pytest.raises(NoRunsFound):
        load(sweep_dir.path / "none*")


def test_runs_that_have_no_rows_yet_are_there(data_dir: DataDir) -> None:
    data_dir.run(state="pending")
    results = load(data_dir.path)
    assert results.metrics == []
    assert results.runs["run/state"].tolist() == ["pending"]
    assert math.isnan(results.settings()["score/mean"][0])
    with pytest.raises(UnknownMetric, match="no run has written a row yet"):
        results.curves()


def test_a_run_that_is_being_written_shows_the_rows_that_are_whole(data_dir: DataDir) -> None:
    run = data_dir.run(state="running", host="elsewhere", rows=curve(1, 2))
    with run.progress.open("a") as file:
        file.write("2\t3.")
    results = load(data_dir.path)
    assert len(results.curves()) == 2
    with run.progress.open("a") as file:
        file.write("5\t3000\n")
    assert results.curves()["metric/AverageEpRet"].tolist() == [1, 2, 3.5]


def test_what_a_notebook_shows_is_escaped_and_short(data_dir: DataDir) -> None:
    for seed in range(30):
        data_dir.run("<script>x", seed, key="<b>&\x1b[0m" if seed else "plain", same="<i>")
    shown = load(data_dir.path)._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;script&gt;x_s0" in shown
    assert "\x1b" not in shown
    assert "and 10 runs more" in shown
    assert "30 done" in shown


def test_a_plot_of_one_metric_is_one_figure(sweep_dir: DataDir) -> None:
    figure = pytest.importorskip("matplotlib.figure")
    assert isinstance(load(sweep_dir.path).plot(), figure.Figure)
    assert len(load(sweep_dir.path).plot(["AverageEpRet", "Epoch"])) == 2
