"""In what two groups of runs differ."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sweep.base.files import write_json
from sweep.results.diff.view import Compared, compare, diff_page
from sweep.results.score import Score, UnknownMetric
from sweep.results.text.page import plain_lines
from sweep.rundir.paths import RunDir

from .conftest import DataDir, curve


def compared(data_dir: DataDir, a: str, b: str, **score: Any) -> Compared:
    return compare((a, b), data_dir.find(a), data_dir.find(b), Score(**{"how": "last", **score}))


def text(found: Compared) -> str:
    return "\n".join(plain_lines(diff_page(found)))


def record(run: RunDir, commit: str, numpy: str, dirty: bool = False) -> None:
    program = {"git": {"commit": commit, "dirty": dirty}, "python": "CPython 3.11", "packages": {"numpy": numpy}}
    write_json(run.provenance, {"attempts": [{"program": program, "machine": {"host": "here"}}]})


def test_two_settings_differ_in_the_parameters_that_differ(data_dir: DataDir) -> None:
    for seed in (0, 1, 2):
        data_dir.run("a", seed, curve(1, 10 + seed), lr=0.1, opt__beta=0.9, clip=0.2)
        data_dir.run("b", seed, curve(1, 15 + seed), lr=0.01, opt__beta=0.9, clip=0.2)
    found = compared(data_dir, "a", "b")
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert told["config"] == [{"key": "lr", "a": [0.1], "b": [0.01]}]
    assert set(told["same"]) == {"function", "opt:beta", "clip", "seed"}
    [pair] = told["scores"]
    assert (pair["a"]["mean"], pair["b"]["mean"]) == (11, 16)
    assert pair["difference"] == {"mean": 5, "low": 5, "high": 5, "n": 3, "paired": True}
    assert " lr         0.1  0.01" in text(found)


def test_two_runs_differ_in_their_seed(data_dir: DataDir) -> None:
    for seed in (0, 7):
        data_dir.run(seed=seed, rows=curve(1, seed), lr=0.1)
    found = compared(data_dir, "ppo/ppo_s0", "ppo/ppo_s7")
    assert [one.key for one in found.values if one.differ] == ["seed"]
    assert " seed       0  7" in text(found)
    assert "difference of means (the seeds differ)" in text(found)


def test_two_sweeps_are_compared_setting_by_setting(data_dir: DataDir) -> None:
    for sweep, lrs, epochs in (("old", (0.1, 0.01), 10), ("new", (0.01, 0.001), 20)):
        for lr in lrs:
            for seed in (0, 1):
                DataDir(data_dir.path / sweep).run(f"ppo_lr{lr}", seed, curve(lr, epochs), lr=lr, epochs=epochs)
    found = compared(data_dir, "old", "new")
    told = found.as_json()
    assert {one["key"] for one in told["config"]} == {"epochs", "lr"}
    there = [(pair["params"]["lr"], pair["a"] is not None, pair["b"] is not None) for pair in told["scores"]]
    assert there == [(0.001, False, True), (0.01, True, True), (0.1, True, False)]
    assert "not there" in text(found)


def test_code_and_packages_are_told_where_they_differ(data_dir: DataDir) -> None:
    record(data_dir.run("a"), "a" * 40, "2.4")
    record(data_dir.run("b"), "b" * 40, "2.5", dirty=True)
    told = {fact["what"]: (fact["a"], fact["b"]) for fact in compared(data_dir, "a", "b").as_json()["origin"]}
    assert told == {
        "commit": (["aaaaaaaaaa"], ["bbbbbbbbbb with changes"]),
        "package numpy": (["2.4"], ["2.5"]),
    }


def test_what_only_one_has_recorded_is_told(data_dir: DataDir) -> None:
    record(data_dir.run("a"), "a" * 40, "2.4")
    data_dir.run("b")
    assert "not recorded" in text(compared(data_dir, "a", "b"))


def test_a_record_of_any_shape_is_no_reason_to_fail(data_dir: DataDir) -> None:
    for name, shape in (("a", []), ("b", {"attempts": [{"program": 3, "machine": {"cpu": "x", "gpus": [1]}}]})):
        write_json(data_dir.run(name).provenance, shape)
    assert "GPUs" in text(compared(data_dir, "a", "b"))


def test_runs_that_are_not_done_do_not_count_unless_asked(data_dir: DataDir) -> None:
    data_dir.run("a", rows=curve(1, 2))
    data_dir.run("b", rows=curve(1, 3), state="failed")
    assert "no score" in text(compared(data_dir, "a", "b"))
    everything = compare(("a", "b"), data_dir.find("a"), data_dir.find("b"), Score(how="last"), "all")
    assert everything.scores.pairs[0].b == {0: 3}


def test_without_a_common_column_there_are_no_scores(data_dir: DataDir) -> None:
    data_dir.run("a", rows=[{"Epoch": 0, "Loss": 1}])
    data_dir.run("b", rows=[{"Step": 0, "Return": 1}])
    assert "no scores: the two have no column in common" in text(compared(data_dir, "a", "b"))
    with pytest.raises(UnknownMetric):
        compared(data_dir, "a", "b", metric="Reward")


def test_the_same_runs_differ_in_nothing(sweep_dir: DataDir) -> None:
    found = compare(("a", "b"), sweep_dir.find(), sweep_dir.find(), Score())
    assert "the parameters are the same" in text(found)
    assert all(pair.gap is None or pair.gap.mean == 0 for pair in found.scores.pairs)


def test_values_of_any_kind_are_inert(data_dir: DataDir) -> None:
    data_dir.run("a", opt="\x1b[2J\u2028")
    data_dir.run("b", opt=float("nan"))
    found = compared(data_dir, "a", "b")
    assert all(line.isprintable() for line in plain_lines(diff_page(found)))
    json.dumps(found.as_json(), allow_nan=False)
