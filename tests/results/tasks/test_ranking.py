"""Settings over several tasks: what goes together, its numbers, and what must be known of them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest

from sweep.base.errors import UsageError
from sweep.results.find import find_runs
from sweep.results.run import Run
from sweep.results.statistics.bootstrap import improvement_interval, stratified_interval
from sweep.results.statistics.robust import iqm
from sweep.results.statistics.scores import Floats
from sweep.results.table.formats import markdown
from sweep.results.table.ranking import rank
from sweep.results.tasks.page import tasks_table
from sweep.results.tasks.ranking import TaskRanking, rank_tasks

from ..conftest import DataDir, curve
from .conftest import SCORES, fill


def ranked(
    runs: Sequence[Run], normalise: Sequence[str] = (), task: Sequence[str] = ("env",), **how: str
) -> TaskRanking:
    return rank_tasks(rank(runs, how=how.pop("how", "last"), **how), task, normalise)


def scores(lr: float) -> list[Floats]:
    import numpy as np

    ends = {"Ant-v4": (1000.0, 6000.0), "Hopper-v4": (10.0, 60.0)}
    return [(np.array(SCORES[env, lr]) - low) / (high - low) for env, (low, high) in ends.items()]


def test_numbers_are_those_of_the_statistics_on_normalised_scores(tasks_dir: DataDir) -> None:
    found = ranked(tasks_dir.find(), ["minmax"])
    assert (found.tasks, found.keys) == (("Ant-v4", "Hopper-v4"), ("lr",))
    assert [row.setting.params for row in found.rows] == [{"lr": 0.2}, {"lr": 0.1}]
    best, other = found.rows
    assert best.iqm == iqm(scores(0.2)) and other.iqm == iqm(scores(0.1))
    assert best.interval == stratified_interval(scores(0.2))
    assert best.gap == pytest.approx(1 - sum(map(sum, scores(0.2))) / 6)
    assert best.mark == "best" and math.isnan(best.p_better) and best.p_interval is None
    assert other.p_better == pytest.approx((0 + 1.5 / 9) / 2)  # on Hopper one of nine is better and one equal
    assert other.p_interval == improvement_interval(scores(0.1), scores(0.2)) and other.mark == "worse"


def test_the_title_says_what_it_is_and_over_how_much(tasks_dir: DataDir) -> None:
    found = ranked(tasks_dir.find(), ["minmax"])
    assert found.title == (
        "interquartile mean (IQM), 95% stratified bootstrap interval, over 12 runs on 2 tasks, 6 for each setting"
    )
    assert found.told_tasks == "tasks (env): Ant-v4, Hopper-v4" and not found.warnings


def test_tasks_that_are_not_on_one_scale_are_told_unless_it_is_meant(tasks_dir: DataDir) -> None:
    assert "not on one scale (Ant-v4 1000 .. 6000, Hopper-v4 10 .. 60)" in ranked(tasks_dir.find()).warnings[0]
    assert not ranked(tasks_dir.find(), ["none"]).warnings
    assert not ranked(tasks_dir.find(), ["none"]).has_gap


def test_lower_can_be_better_with_and_without_a_scale(tasks_dir: DataDir) -> None:
    for normalise in (["none"], ["minmax"]):
        found = ranked(tasks_dir.find(), normalise, better="min")
        assert [row.setting.params["lr"] for row in found.rows] == [0.1, 0.2]
        assert found.rows[1].p_better == pytest.approx((0 + 1.5 / 9) / 2)


def test_a_setting_without_a_task_is_marked_and_not_ranked(tasks_dir: DataDir) -> None:
    for seed in range(3):
        tasks_dir.run("ppo_envant-v4_lr9", seed, curve(9000.0), env="Ant-v4", lr=9)
        tasks_dir.run("ppo_envhopper-v4_lr9", seed, curve(9000.0), "failed", env="Hopper-v4", lr=9)
    found = ranked(tasks_dir.find(), ["0:10000"])
    assert found.places() == [1, 2, None] and found.rows[2].lacks == ("Hopper-v4",)
    assert found.rows[2].mark == "incomplete" and math.isnan(found.rows[2].iqm) and found.rows[2].setting.n == 3
    said = "\n".join(found.warnings)
    assert "3 of 18 runs have no score" in said
    assert "1 of 3 settings cannot be ranked: no score on some task (Hopper-v4: 1)" in said
    assert "lacks Hopper-v4" in markdown(tasks_table(found))


def test_hiding_a_setting_changes_no_number_of_another(tasks_dir: DataDir) -> None:
    whole, one = (ranked(tasks_dir.find(pattern), ["0:6000"]).rows[-1] for pattern in ("*", "*lr0-1*"))
    assert (whole.iqm, whole.interval, whole.gap) == (one.iqm, one.interval, one.gap)


def test_a_parameter_that_goes_with_the_task_can_be_a_part_of_it(data_dir: DataDir) -> None:
    for env, steps in (("Ant", 3), ("Hop", 1)):
        for seed in range(2):
            data_dir.run(f"ppo_{env}", seed, curve(1.0 + seed), env=env, steps=steps)
    split = ranked(data_dir.find())
    assert split.places() == [None, None] and "say --task env steps" in split.warnings[-1]
    whole = ranked(data_dir.find(), task=["env", "steps"])
    assert whole.places() == [1] and whole.tasks == ("Ant", "Hop") and whole.rows[0].setting.label == "ppo"


def test_different_functions_with_the_same_parameters_are_two_settings(data_dir: DataDir) -> None:
    for name in ("ppo", "trpo"):
        for env in ("a", "b"):
            for seed in range(2):
                data_dir.run(f"{name}_env{env}", seed, curve(len(name)), thunk=f"agents:{name}", env=env)
    found = ranked(data_dir.find())
    assert [row.setting.label for row in found.rows] == ["trpo", "ppo"]
    assert "| trpo | 4 |" in markdown(tasks_table(found))


def test_runs_of_other_programs_go_together_by_their_names_without_the_task(data_dir: DataDir) -> None:
    for name in ("ppo", "trpo"):
        for env in ("Ant-v4", "Hop-v4"):
            for seed in range(2):
                data_dir.spinningup(f"{name}-{env.lower()}", seed, curve(len(name)), env=env)
    found = ranked(data_dir.find())
    assert [(row.setting.label, row.setting.n) for row in found.rows] == [("trpo", 4), ("ppo", 4)]


def test_settings_that_cannot_be_told_apart_are_refused(data_dir: DataDir) -> None:
    for name, env in (("x", "a"), ("x", "b"), ("y", "a")):
        data_dir.spinningup(f"{name}_{env}", 0, curve(1.0), env=env)
    assert len(ranked(data_dir.find()).rows) == 2
    data_dir.spinningup("x_A", 0, curve(1.0), env="a")
    with pytest.raises(UsageError, match="have the same parameters on the task a"):
        ranked(data_dir.find())


def test_runs_without_a_task_are_left_out_and_counted(tasks_dir: DataDir) -> None:
    tasks_dir.run("other", 0, curve(1.0), lr=0.1)
    found = ranked(tasks_dir.find(), ["minmax"])
    assert "1 of 13 runs have no parameter 'env'" in found.warnings[0] and len(found.rows) == 2


@pytest.mark.parametrize(
    ("task", "message"), [("envs", "Did you mean 'env'"), ("gamma", "There are env, lr"), ("lr", "of one task: lr has")]
)
def test_what_is_no_task_is_refused(data_dir: DataDir, task: str, message: str) -> None:
    runs = fill(data_dir, {key: values for key, values in SCORES.items() if key[1] == 0.1}).find()
    with pytest.raises(UsageError, match=message):
        ranked(runs, task=[task])


def test_one_seed_on_a_task_has_no_interval(data_dir: DataDir) -> None:
    found = ranked(fill(data_dir, {key: values[:1] for key, values in SCORES.items()}).find(), ["minmax"])
    assert [row.interval for row in found.rows] == [None, None]
    assert found.rows[1].mark == "unresolved" and found.rows[1].p_better == 0.0
    assert "4 times a ranked setting has fewer than 3 seeds" in found.warnings[0]


def test_the_order_of_the_runs_changes_nothing_and_json_has_no_nan(tasks_dir: DataDir) -> None:
    runs = find_runs(tasks_dir.path)
    one, other = ranked(runs).as_json(), ranked(runs[::-1]).as_json()
    assert json.dumps(one, allow_nan=False) == json.dumps(other, allow_nan=False)


def test_means_by_task_are_in_the_unit_of_the_scores(tasks_dir: DataDir) -> None:
    found = ranked(tasks_dir.find(), ["minmax"])
    table = tasks_table(found, by_task=True)
    assert [column.name for column in table.columns][3:5] == ["Ant-v4", "Hopper-v4"]
    assert [cell.text for cell in table.rows[0]][3:5] == ["5,000", "40"]
    row = found.plain_rows()[0]
    assert (row["place"], row["config/lr"], row["task/Ant-v4"], row["task/Hopper-v4"]) == (1, 0.2, 5000.0, 40.0)
    assert found.as_json()["settings"][0]["by_task"][1]["scaled"] == pytest.approx(0.6)
