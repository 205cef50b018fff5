"""Directories that something else has made."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sweep.results.table_file import column_names, last_row, read_table

from .conftest import DataDir, curve


def test_a_run_of_spinning_up_has_its_configuration_seed_and_rows(data_dir: DataDir) -> None:
    data_dir.spinningup("ppo-lr0-1", 20, curve(1, 2.5), lr=0.1, ac_kwargs__hidden_sizes=[64, 64], act="Tanh")
    (run,) = data_dir.find()
    assert (run.source, run.state, run.status, run.seed, run.label) == ("spinningup", "unknown", None, 20, "ppo-lr0-1")
    assert run.config == {"lr": 0.1, "ac_kwargs:hidden_sizes": (64, 64), "act": "Tanh"}
    assert read_table(run).columns["AverageEpRet"].tolist() == [1, 2.5]


def test_addresses_in_a_configuration_of_spinning_up_make_no_setting_of_their_own(data_dir: DataDir) -> None:
    data_dir.spinningup("ppo", 0, env_fn="<function <lambda> at 0x7f00aa>", logger={"<Logger at 0x7f>": {"a": 1}})
    data_dir.spinningup("ppo", 1, env_fn="<function <lambda> at 0x7f00bb>", logger={"<Logger at 0x7e>": {"a": 2}})
    first, second = data_dir.find()
    assert first.setting == second.setting
    assert first.config == {"env_fn": "<function <lambda>>"}


def test_a_progress_file_alone_is_a_run_with_the_seed_of_its_name(data_dir: DataDir) -> None:
    for name in ("dqn_s3", "dqn_s4", "dqn-seed5"):
        (data_dir.path / name).mkdir()
        (data_dir.path / name / "progress.txt").write_text("Epoch\n1\n")
    assert [(run.label, run.seed) for run in data_dir.find()] == [("dqn", 5), ("dqn", 3), ("dqn", 4)]
    assert len({run.setting for run in data_dir.find()}) == 1


def test_a_run_of_garage_has_its_variant_and_rows(data_dir: DataDir) -> None:
    rows = [
        {"Evaluation/AverageReturn": 1.5, "TotalEnvSteps": 100},
        {"Evaluation/AverageReturn": 2.5, "TotalEnvSteps": 200},
    ]
    data_dir.garage("trpo_1", rows, seed=4, algo__lr=0.1)
    (run,) = data_dir.find()
    assert (run.source, run.seed, run.config, run.state) == ("garage", 4, {"algo:lr": 0.1}, "unknown")
    assert read_table(run).columns["TotalEnvSteps"].tolist() == [100, 200]
    assert last_row(run) == {"Evaluation/AverageReturn": 2.5, "TotalEnvSteps": 200}


def test_nothing_is_unpickled(data_dir: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data_dir.garage(rows=[{"a": 1}])
    read_table(data_dir.find()[0])
    assert not Path("was_unpickled").exists()


def test_a_run_of_rllab_has_the_arguments_of_its_classes(data_dir: DataDir) -> None:
    folder = data_dir.garage(rows=[{"a": 1}])
    (folder / "variant.json").unlink()
    (folder / "params.json").write_text('{"json_args": {"algo": {"step_size": 0.01}, "seed": 1}}')
    (run,) = data_dir.find()
    assert (run.config, run.seed, run.source) == ({"algo:step_size": 0.01}, 1, "garage")


def test_a_run_of_stable_baselines_has_its_rows_with_cells_that_come_late_or_are_empty(data_dir: DataDir) -> None:
    folder = data_dir.sb3("PPO_1")
    (folder / "progress.csv").write_text(
        "rollout/ep_rew_mean,time/total_timesteps,train/loss\n20.5,2048,\n25.0,4096,0.3\n"
    )
    (run,) = data_dir.find()
    assert (run.source, run.label, run.config) == ("sb3", "PPO_1", {})
    np.testing.assert_equal(read_table(run).columns["train/loss"], [np.nan, 0.3])


def test_a_monitor_file_has_the_environment_and_counts_steps(data_dir: DataDir) -> None:
    data_dir.monitor("a2c", (10.0, 10, 0.5), (30.0, 30, 1.5))
    (run,) = data_dir.find()
    assert (run.source, run.config) == ("sb3", {"env_id": "CartPole-v1"})
    assert {name: column.tolist() for name, column in read_table(run).columns.items()} == {
        "r": [10, 30], "l": [10, 30], "t": [0.5, 1.5], "TotalEnvInteracts": [10, 40],
    }  # fmt: skip
    assert last_row(run)["TotalEnvInteracts"] == 40
    assert column_names(run) == ["r", "l", "t", "TotalEnvInteracts"]


def test_the_monitors_of_several_environments_are_one_run_in_the_order_of_time(data_dir: DataDir) -> None:
    data_dir.monitor("a2c", (1.0, 1, 0.5), (3.0, 3, 2.5), rank=0)
    data_dir.monitor("a2c", (2.0, 2, 0.5), rank=1)  # it began a second later
    (run,) = data_dir.find()
    assert read_table(run).columns["r"].tolist() == [1, 2, 3]
    assert read_table(run).columns["TotalEnvInteracts"].tolist() == [1, 3, 6]


@pytest.mark.parametrize("head", ["", "#{", "#{}", '#{"t_start": "x", "env_id": "\\u001b[0m"}', '#{"a":' * 9000])
def test_the_first_line_of_a_monitor_may_be_anything(data_dir: DataDir, head: str) -> None:
    folder = data_dir.monitor("a2c")
    (folder / "monitor.csv").write_text(f"{head}\nr,l,t\n1,2,3\n")
    (run,) = data_dir.find()
    assert read_table(run).columns["r"].tolist() == [1]


def test_a_monitor_that_blocks_is_passed_over(data_dir: DataDir) -> None:
    os.mkfifo(data_dir.monitor("a2c", (1.0, 1, 0.5), rank=0) / "1.monitor.csv")
    (run,) = data_dir.find()
    assert read_table(run).columns["r"].tolist() == [1]
    assert read_table(run).notes == ("1.monitor.csv cannot be read, or is no plain file",)
