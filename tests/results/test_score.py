"""A run's score is what its name says, and nothing is scored that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.score import Score, UnknownMetric, default_metric, default_x, resolve_metric
from sweep.results.table_file import Table

NAN = float("nan")


def table(*heights: float, x: tuple[float, ...] = ()) -> Table:
    return Table({"y": np.array(heights, dtype=float), "x": np.array(x or range(len(heights)), dtype=float)})


@pytest.mark.parametrize(
    ("how", "better", "expected"),
    [
        ("last", "max", 2), ("best", "max", 9), ("best", "min", 0), ("auc", "max", (0.5 + 5 + 5.5) / 3),
        ("at:0.5", "max", 0.5),
        ("at:3", "max", 2), ("at:3.1", "max", NAN), ("above:5", "max", 2), ("above:10", "max", NAN),
        ("above:0.5", "min", 0),
        ("last34%", "max", 5.5), ("last100%", "max", 3), ("last10%", "max", 2),
    ],
)  # fmt: skip
def test_each_rule_is_what_it_says(how: str, better: str, expected: float) -> None:
    score = Score("y", how, better).of(table(0, 1, 9, 2), "x")
    assert score == pytest.approx(expected, nan_ok=True)


def test_the_last_tenth_is_one_of_x_and_not_of_rows() -> None:
    rows = table(0, 0, 0, 4, 8, x=(0, 1, 2, 95, 100))
    assert Score("y").of(rows, "x") == 6
    assert Score("y").of(rows, "") == 8


def test_rows_are_taken_in_the_order_of_x() -> None:
    assert Score("y", "last").of(table(1, 3, 2, x=(1, 3, 2)), "x") == 3


def test_values_that_are_logged_now_and_then_count_as_they_are() -> None:
    assert Score("y", "last").of(table(1, NAN, NAN, 4, NAN, NAN), "x") == 4
    assert Score("y", "best").of(table(NAN, 1, NAN), "x") == 1


@pytest.mark.parametrize("how", ["last", "last10%", "auc"])
def test_a_run_that_has_become_nan_has_no_last_value(how: str) -> None:
    assert np.isnan(Score("y", how).of(table(1, 2, NAN, NAN), "x"))


def test_a_run_whose_values_become_infinite_has_an_infinite_score() -> None:
    assert Score("y", "last").of(table(1, np.inf), "x") == np.inf


def test_a_single_row_is_its_own_score() -> None:
    assert [Score("y", how).of(table(3), "x") for how in ("last", "last10%", "best", "auc")] == [3, 3, 3, 3]


@pytest.mark.parametrize("rows", [Table({}), table(), table(NAN), Table({"x": np.array([1.0])})])
def test_without_a_number_there_is_no_score(rows: Table) -> None:
    assert np.isnan(Score("y").of(rows, "x"))
    assert np.isnan(Score("y").of(rows, ""))


@pytest.mark.parametrize(
    "how", ["lats", "", "last0%", "last101%", "at:", "at:x", "above:nan", "at:inf", "last-5%", "best "]
)
def test_an_unknown_rule_is_refused_with_those_that_there_are(how: str) -> None:
    with pytest.raises(UsageError, match="there are last, last10%"):
        Score("y", how)


def test_a_direction_is_max_or_min() -> None:
    with pytest.raises(UsageError, match="neither 'max' nor 'min'"):
        Score("y", better="higher")


@pytest.mark.parametrize(
    ("how", "better", "higher"), [("last", "max", True), ("last", "min", False), ("above:1", "max", False)]
)
def test_reaching_a_threshold_early_is_better(how: str, better: str, higher: bool) -> None:
    assert Score("y", how, better).higher_is_better is higher


def test_a_score_says_what_it_is() -> None:
    assert str(Score("Ret")) == "mean of the last 10 % of Ret, higher is better"
    assert str(Score("Loss", "last", "min")) == "last value of Loss, lower is better"
    assert str(Score("Ret", "above:400")) == "first x at or above 400 of Ret, lower is better"


def test_performance_is_the_return_of_the_evaluation_if_there_is_one() -> None:
    assert resolve_metric("Performance", ["AverageEpRet", "AverageTestEpRet"])[0] == "AverageTestEpRet"
    assert resolve_metric("Performance", ["Epoch", "AverageEpRet"]) == (
        "AverageEpRet", "Performance is AverageEpRet here",
    )  # fmt: skip


def test_a_stored_value_may_be_called_without_the_word_that_the_logger_adds() -> None:
    assert resolve_metric("EpRet", ["AverageEpRet"])[0] == "AverageEpRet"
    assert resolve_metric("EpRet", ["AverageEpRet", "EpRet"]) == ("EpRet", "")


def test_an_unknown_metric_lists_those_that_there_are() -> None:
    with pytest.raises(UnknownMetric, match=r"no metric 'Los'; there are Epoch, Loss\. Did you mean 'Loss'\?"):
        resolve_metric("Los", ["Epoch", "Loss"])
    with pytest.raises(UnknownMetric, match="no run has written a row yet"):
        resolve_metric("Loss", [])


@pytest.mark.parametrize(
    ("columns", "metric", "x"),
    [
        (["Epoch", "AverageEpRet", "TotalEnvInteracts"], "AverageEpRet", "TotalEnvInteracts"),
        (["Epoch", "Loss", "Time"], "Loss", "Epoch"),
        (["time/total_timesteps", "rollout/ep_rew_mean"], "rollout/ep_rew_mean", "time/total_timesteps"),
        (["r", "l", "t", "TotalEnvInteracts"], "r", "TotalEnvInteracts"),
        (["Loss"], "Loss", ""), (["Epoch"], "Epoch", "Epoch"),
    ],
)  # fmt: skip
def test_without_a_name_it_is_what_one_would_look_at_first(columns: list[str], metric: str, x: str) -> None:
    assert (default_metric(columns), default_x(columns)) == (metric, x)
