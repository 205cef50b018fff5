"""Settings over several tasks as a frame."""

from __future__ import annotations

import pytest

import sweep
from sweep.base.errors import UsageError

from ..conftest import DataDir, curve


def test_a_frame_has_a_row_a_setting_and_a_column_a_task(tasks_dir: DataDir) -> None:
    pytest.importorskip("pandas")
    tasks_dir.run("ppo_envant-v4_lr9", 0, curve(9000.0), env="Ant-v4", lr=0.9)
    frame = sweep.load(tasks_dir.path).tasks("env", how="last", normalise="0:6000")
    assert list(frame["config/lr"]) == [0.2, 0.1, 0.9] and list(frame["score/mark"]) == ["best", "worse", "incomplete"]
    assert list(frame["task/Hopper-v4"][:2]) == [40.0, 20.0] and list(frame["score/n"]) == [6, 6, 1]
    assert frame["score/iqm"].notna().tolist() == frame["score/place"].notna().tolist() == [True, True, False]
    assert frame["score/place"][0] == 1 and frame["score/lacks"][2] == "Hopper-v4"


def test_a_score_can_be_given_and_a_wrong_task_is_refused(tasks_dir: DataDir) -> None:
    pytest.importorskip("pandas")
    results = sweep.load(tasks_dir.path)
    least = results.tasks("env", sweep.Score("AverageEpRet", "last", "min"), ["minmax"])
    assert list(least["config/lr"]) == [0.1, 0.2]
    with pytest.raises(UsageError, match="Did you mean 'env'"):
        results.tasks("envs")
