"""Frames hold what the runs hold, in columns that no parameter can hide."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.frames import curves_frame, runs_frame, settings_frame
from sweep.results.score import Score
from sweep.results.settings import settings
from sweep.results.table_file import last_row, read_table

from .conftest import DataDir, curve

pd = pytest.importorskip("pandas")


def test_what_differs_is_up_front_and_what_does_not_is_last(data_dir: DataDir) -> None:
    data_dir.run("a", 0, curve(1, 2), lr=0.1, epochs=5)
    data_dir.run("b", 1, curve(3), lr=0.2, epochs=5)
    frame = runs_frame(data_dir.find(), last_row)
    assert list(frame.columns[:4]) == ["config/lr", "run/seed", "run/state", "run/name"]
    assert frame.columns[-1] == "config/epochs"
    assert frame["metric/AverageEpRet"].tolist() == [2, 3]
    assert frame["config/lr"].dtype == float
    assert frame["run/seed"].tolist() == [0, 1]


def test_tuples_mixed_types_and_missing_seeds_are_kept(data_dir: DataDir) -> None:
    data_dir.run("a", 0, layers=(64, 64), act=None)
    data_dir.run("b", 1, layers=(32,), act="tanh")
    data_dir.sb3("c")
    frame = runs_frame(data_dir.find(), last_row)
    assert frame["config/layers"].tolist() == [(64, 64), (32,), "-"]
    assert frame["config/act"].tolist() == [None, "tanh", "-"]
    assert frame["run/seed"].isna().tolist() == [False, False, True]


def test_a_seed_that_no_column_of_numbers_can_hold_is_kept(data_dir: DataDir) -> None:
    data_dir.spinningup("a", 2**70)
    data_dir.sb3("b")
    assert runs_frame(data_dir.find(), last_row)["run/seed"].tolist() == [2**70, None]


def test_curves_are_a_row_for_each_row(data_dir: DataDir) -> None:
    data_dir.run("a", 0, curve(1, 2), lr=0.1)
    data_dir.run("b", 5, curve(3), lr=0.2)
    data_dir.run("c", 6, state="pending", lr=0.2)
    runs = data_dir.find()
    frame = curves_frame(runs, [read_table(run) for run in runs], ["Epoch", "AverageEpRet", "Other", ""])
    assert frame["config/lr"].tolist() == [0.1, 0.1, 0.2]
    assert frame["run/seed"].tolist() == [0, 0, 5]
    assert frame["metric/AverageEpRet"].tolist() == [1, 2, 3]
    assert np.isnan(frame["metric/Other"]).all()
    assert frame["run/row"].tolist() == [0, 1, 0]


def test_settings_have_their_interval_and_what_was_left_out(sweep_dir: DataDir) -> None:
    frame = settings_frame(settings(sweep_dir.find(), Score("AverageEpRet", "last")))
    first = frame[frame["run/label"] == "ppo_lr0-1_tanh"].iloc[0]
    assert (first["score/n"], first["score/mean"], first["score/min"], first["score/max"]) == (3, 200, 190, 210)
    assert first["score/sd"] == pytest.approx(10)
    assert first["score/low"] == pytest.approx(200 - 4.302653 * 10 / 3**0.5, abs=1e-4)
    assert frame["run/left_out"].sum() == 2


def test_no_settings_are_an_empty_frame() -> None:
    assert settings_frame([]).empty


def test_without_pandas_the_error_names_what_to_install(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir.run()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pip install 'sweep\[plot\]'"):
        runs_frame(data_dir.find(), last_row)
