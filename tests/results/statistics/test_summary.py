"""The usual summary: t interval of one task, interquartile mean and bootstrap of several."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.results.statistics.bootstrap import stratified_interval
from sweep.results.statistics.interval import t_interval
from sweep.results.statistics.robust import iqm
from sweep.results.statistics.summary import summarise

SCORES = [0.2, 0.4, 0.9, 0.5, 0.6]


def test_one_task_has_a_mean_and_its_t_interval() -> None:
    for tasks in (SCORES, [SCORES], np.array(SCORES)):
        found = summarise(tasks)
        assert (found.low, found.high) == t_interval(SCORES)
        assert (found.value, found.n, found.tasks) == (pytest.approx(0.52), 5, 1)
        assert found.label == "mean, 95% t interval over 5 seeds"


def test_several_tasks_have_an_interquartile_mean_and_its_bootstrap_interval() -> None:
    tasks = [SCORES, [0.1, 0.3, 0.2]]
    found = summarise(tasks, repeats=500)
    assert (found.low, found.high) == stratified_interval(tasks, repeats=500)
    assert (found.value, found.n, found.tasks) == (iqm([*SCORES, 0.1, 0.3, 0.2]), 8, 2)
    assert found.label == "interquartile mean, 95% stratified bootstrap interval over 3 to 5 seeds on each of 2 tasks"


def test_one_seed_has_no_interval_and_the_label_says_so() -> None:
    found = summarise([0.7])
    assert found.value == 0.7 and math.isnan(found.low) and math.isnan(found.high)
    assert found.label == "mean, no interval over 1 seed"


def test_no_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="has no scores"):
        summarise([])
