"""Settings: who belongs together, what counts, and who is first."""

from __future__ import annotations

import random

import pytest

from sweep.base.errors import UsageError
from sweep.results.score import Score, UnknownMetric
from sweep.results.settings import settings
from sweep.results.table_file import read_table

from .conftest import DataDir, curve


def test_settings_are_ranked_and_have_what_varies(sweep_dir: DataDir) -> None:
    found = settings(sweep_dir.find(), Score("AverageEpRet", "last"))
    assert [(one.label, one.mean) for one in found] == [
        ("ppo_lr0-1_relu", 200), ("ppo_lr0-1_tanh", 200), ("ppo_lr0-01_relu", 29), ("ppo_lr0-01_tanh", 24),
    ]  # fmt: skip
    assert found[0].params == {"lr": 0.1, "ac:act": "relu"}


def test_runs_that_failed_or_are_not_done_are_left_out_and_counted(sweep_dir: DataDir) -> None:
    by_label = {one.label: one for one in settings(sweep_dir.find(), Score("AverageEpRet", "last"))}
    failed, pending = by_label["ppo_lr0-1_relu"], by_label["ppo_lr0-01_tanh"]
    assert (list(failed.scores), failed.n, len(failed.runs), failed.left_out) == ([0, 20], 2, 3, 1)
    assert (list(pending.scores), pending.left_out) == ([0, 10], 1)


def test_all_counts_the_last_rows_of_what_failed_but_no_run_without_rows(sweep_dir: DataDir) -> None:
    by_label = {one.label: one for one in settings(sweep_dir.find(), Score("AverageEpRet", "last"), which="all")}
    assert by_label["ppo_lr0-1_relu"].scores[10] == 50
    assert by_label["ppo_lr0-01_tanh"].n == 2


def test_the_rank_never_depends_on_the_order_of_the_runs(sweep_dir: DataDir) -> None:
    runs = sweep_dir.find()
    expected = settings(runs, Score("AverageEpRet"))
    for seed in range(5):
        random.Random(seed).shuffle(runs)
        assert settings(runs, Score("AverageEpRet")) == expected


def test_hiding_a_setting_changes_no_number_of_another(sweep_dir: DataDir) -> None:
    runs = sweep_dir.find()
    whole = {one.key: dict(one.scores) for one in settings(runs, Score("AverageEpRet"))}
    part = settings([run for run in runs if run.config["lr"] == 0.1], Score("AverageEpRet"))
    assert all(dict(one.scores) == whole[one.key] for one in part)


def test_less_is_better_turns_the_rank_round_and_no_score_is_last(data_dir: DataDir) -> None:
    for lr, height in ((0.1, 1.0), (0.2, 2.0), (0.3, float("nan"))):
        data_dir.run(f"a{lr}", rows=curve(height), lr=lr)
    assert [one.params["lr"] for one in settings(data_dir.find(), Score("AverageEpRet"))] == [0.2, 0.1, 0.3]
    assert [one.params["lr"] for one in settings(data_dir.find(), Score("AverageEpRet", better="min"))] == [
        0.1,
        0.2,
        0.3,
    ]


def test_of_two_runs_with_one_seed_the_last_counts_and_runs_without_seed_all_do(data_dir: DataDir) -> None:
    data_dir.spinningup("a/2026-01-01", 0, curve(1))
    for name, height in (("x_1", 3.0), ("x_2", 5.0)):
        data_dir.garage(name, [{"Epoch": 0, "AverageReturn": height}], exp_name="x")
    (garage,) = settings([run for run in data_dir.find() if run.source == "garage"], Score())
    assert garage.scores == {-1: 3.0, -2: 5.0}
    assert garage.values.tolist() == [5, 3]


def test_one_run_without_seed_stands_under_none(data_dir: DataDir) -> None:
    data_dir.sb3(rows=[{"rollout/ep_rew_mean": 1.0}])
    assert settings(data_dir.find(), Score())[0].scores == {None: 1.0}


def test_tables_that_were_read_before_are_taken(sweep_dir: DataDir) -> None:
    runs = sweep_dir.find()
    expected = settings(runs, Score("AverageEpRet"))
    assert settings(runs, Score("AverageEpRet"), {run: read_table(run) for run in runs}) == expected
    assert settings(runs, Score("AverageEpRet"), read_table) == expected


def test_an_unknown_metric_is_refused_but_runs_without_rows_are_not(data_dir: DataDir) -> None:
    data_dir.run("a", state="pending")
    assert settings(data_dir.find(), Score("Nothing"))[0].n == 0
    data_dir.run("b", rows=curve(1))
    with pytest.raises(UnknownMetric, match="there are Epoch, AverageEpRet, TotalEnvInteracts"):
        settings(data_dir.find(), Score("Nothing"))
    with pytest.raises(UsageError, match="neither 'done' nor 'all'"):
        settings(data_dir.find(), Score(), which="some")


def test_a_setting_without_a_key_that_others_have_shows_it_as_absent(data_dir: DataDir) -> None:
    data_dir.run("a", clip=0.2)
    data_dir.run("b")
    assert sorted(str(one.params["clip"]) for one in settings(data_dir.find(), Score())) == ["-", "0.2"]


def test_of_no_runs_there_are_no_settings() -> None:
    assert settings([], Score()) == []
