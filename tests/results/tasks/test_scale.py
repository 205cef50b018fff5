"""Scores of several tasks on one scale."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.tasks.scale import on_one_scale, scale_of

SCORES = {"Ant": np.array([1000.0, 5000.0, 2000.0]), "Hop": np.array([10.0, 30.0])}


@pytest.mark.parametrize("words", [[], ["none"]])
def test_scores_stay_as_they_are_unless_a_scale_is_said(words: list[str]) -> None:
    scale = scale_of(words, SCORES, False)
    assert scale.of("Ant", SCORES["Ant"]) is SCORES["Ant"] and not scale.higher_is_better
    assert "not normalised" in str(scale) and scale.as_json()["stated"] is bool(words)


def test_the_worst_and_the_best_run_of_a_task_are_0_and_1() -> None:
    scale = scale_of(["minmax"], SCORES, True)
    assert scale.of("Ant", SCORES["Ant"]).tolist() == [0.0, 1.0, 0.25]
    assert scale.of("Hop", np.array([20.0])).tolist() == [0.5]


def test_where_less_is_better_the_least_is_1_and_then_more_is_better() -> None:
    scale = scale_of(["minmax"], SCORES, False)
    assert scale.of("Ant", SCORES["Ant"]).tolist() == [1.0, 0.0, 0.75] and scale.higher_is_better


def test_ends_are_said_for_every_task_or_for_one() -> None:
    assert scale_of(["0:10000"], SCORES, True).ends == {"Ant": (0.0, 1e4), "Hop": (0.0, 1e4)}
    both = scale_of(["Ant=-100:1e3", "Hop=60:10"], SCORES, False)
    assert both.ends == {"Ant": (-100.0, 1000.0), "Hop": (60.0, 10.0)} and both.higher_is_better
    assert str(both) == "normalised to 0 .. 1: Ant -100 .. 1,000, Hop 60 .. 10"
    assert scale_of(["minmax", "Hop=0:100"], SCORES, True).ends == {"Ant": (1000.0, 5000.0), "Hop": (0.0, 100.0)}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["minmx"], "Did you mean 'minmax'"),
        (["1:1"], "is no scale"),
        (["0:nan"], "is no scale"),
        (["Ant=0:1:2", "Hop=0:1"], "is no scale"),
        (["minmax", "0:1"], "minmax and 0:1 for every task"),
        (["Ant=0:1"], "nothing of the task 'Hop'; add Hop=LOW:HIGH"),
        (["Hopp=0:1"], "Did you mean 'Hop'"),
    ],
)
def test_what_is_no_scale_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        scale_of(words, SCORES, True)


def test_a_task_whose_scores_are_all_equal_has_no_minmax() -> None:
    with pytest.raises(UsageError, match="all scores on the task 'Hop' are 3"):
        scale_of(["minmax"], {**SCORES, "Hop": np.array([3.0, 3.0])}, True)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ((0.0, 0.1), (0.8, 1.0), True),  # shares of success
        ((100.0, 300.0), (200.0, 500.0), True),
        ((1.0, 3.0), (2.0, 500.0), False),
        ((-200.0, -10.0), (10.0, 200.0), False),
        ((0.0, 0.0), (0.0, 5.0), False),
        ((), (5.0,), True),
    ],
)
def test_tasks_that_are_not_on_one_scale_are_seen(a: tuple[float, ...], b: tuple[float, ...], alike: bool) -> None:
    assert on_one_scale([np.array(a), np.array(b)]) is alike
