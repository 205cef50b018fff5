"""Which runs are found, what is said where none are, and that nothing found on a disk does harm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import SweepError
from sweep.results.find import NoRunsFound, SeveralSweeps, find_runs
from sweep.rundir.paths import RunDir

from .conftest import DataDir, curve


def names(runs: list[Any]) -> list[str]:
    return [run.name for run in runs]


def test_a_run_has_its_exact_configuration_by_colon_keys(data_dir: DataDir) -> None:
    data_dir.run("ppo_lr0-1", 10, lr=0.1, ac__layers=(64, 64), ac__act=os.getcwd, flag=True, none=None)
    (run,) = data_dir.find()
    assert run.config == {"ac:act": "posix:getcwd", "ac:layers": (64, 64), "flag": True, "lr": 0.1, "none": None}
    assert (run.name, run.label, run.seed, run.source) == ("ppo_lr0-1_s10", "ppo_lr0-1", 10, "sweep")
    assert (run.state, run.thunk, run.table) == ("done", "agents:ppo", run.path / "progress.txt")
    assert run.status is not None and run.status.duration_s == pytest.approx(60)


def test_runs_come_in_the_order_of_the_numbers_in_their_names(data_dir: DataDir) -> None:
    for lr in (0.1, 0.03, 0.01):
        for seed in (10, 9):
            data_dir.run(f"ppo_lr{str(lr).replace('.', '-')}", seed, lr=lr)
    assert [(run.config["lr"], run.seed) for run in find_runs(data_dir.path)] == [
        (0.01, 9), (0.01, 10), (0.03, 9), (0.03, 10), (0.1, 9), (0.1, 10),
    ]  # fmt: skip


def test_runs_of_one_setting_differ_in_their_seed_alone(data_dir: DataDir) -> None:
    data_dir.run("a", 0, lr=0.1)
    data_dir.run("a", 1, lr=0.1)
    data_dir.run("b", 0, lr=0.2)
    data_dir.run("c", 0, lr=0.1, thunk="agents:trpo")
    first, second, *others = (run.setting for run in data_dir.find())
    assert first == second
    assert len({first, *others}) == 3


def test_one_and_one_point_zero_and_true_are_three_settings(data_dir: DataDir) -> None:
    for name, value in (("a", 1), ("b", 1.0), ("c", True), ("d", "1"), ("e", (1,)), ("f", [1])):
        data_dir.run(name, value=value)
    settings = [run.setting for run in data_dir.find()]
    assert len(set(settings)) >= 5


@pytest.mark.parametrize("pattern", [".", "ppo", "ppo/ppo_s0", "pp*", "*", "ppo/*", "**", "ppo/ppo_s0/progress.txt"])
def test_a_run_is_found_by_any_folder_above_it_by_globs_and_by_its_table(data_dir: DataDir, pattern: str) -> None:
    data_dir.run("ppo", rows=curve(1))
    assert names(data_dir.find(pattern)) == ["ppo_s0"]


def test_a_prefix_finds_the_directories_that_begin_with_it(data_dir: DataDir) -> None:
    for name in ("ppo_lr1e-3", "ppo_lr10", "trpo"):
        data_dir.run(name)
    assert names(data_dir.find("ppo")) == ["ppo_lr1e-3_s0", "ppo_lr10_s0"]
    assert names(data_dir.find("ppo_lr1")) == ["ppo_lr1e-3_s0", "ppo_lr10_s0"]


def test_a_prefix_of_several_sweeps_is_refused_and_the_glob_for_all_is_named(data_dir: DataDir) -> None:
    for name in ("ppo_lr1", "ppo2_lr1"):
        data_dir.run(name)
    with pytest.raises(SeveralSweeps, match=r"several sweeps: ppo, ppo2\. Name one of them, or .*/data/ppo\*'\.$"):
        data_dir.find("ppo")
    assert len(data_dir.find("ppo*")) == 2
    assert len(data_dir.find("ppo_")) == 1


def test_the_locks_of_launches_tell_sweeps_apart_whose_names_have_underscores(data_dir: DataDir) -> None:
    for name in ("my_grid_lr1", "my_grid_lr2", "my_other_lr1"):
        data_dir.run(name)
    (data_dir.path / ".sweep").mkdir()
    for name in ("my_grid", "my_other"):
        (data_dir.path / ".sweep" / f"{name}.lock").touch()
    with pytest.raises(SeveralSweeps, match="my_grid, my_other"):
        data_dir.find("my")
    assert len(data_dir.find("my_gr")) == 2


def test_patterns_that_overlap_give_each_run_once(data_dir: DataDir) -> None:
    data_dir.run("ppo", 0)
    data_dir.run("ppo", 1)
    assert len(data_dir.find("ppo/ppo_s0", ".", "ppo", "p*")) == 2


def test_runs_are_sorted_with_numbers_by_size(data_dir: DataDir) -> None:
    for seed in (10, 9, 100):
        data_dir.run("ppo", seed)
    assert names(data_dir.find()) == ["ppo_s9", "ppo_s10", "ppo_s100"]


def test_without_a_pattern_it_is_the_data_directory_of_the_settings(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.run()
    monkeypatch.chdir(data_dir.path.parent)
    assert names(find_runs()) == ["ppo_s0"]


def test_in_the_directory_of_a_run_the_run_is_a_dot(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data_dir.run().path)
    assert names(find_runs(".")) == ["ppo_s0"]


def test_a_run_without_seed_in_its_path_may_hold_runs_with_one(data_dir: DataDir) -> None:
    inner = data_dir.run("ppo", 3)
    (inner.path.parent / "progress.txt").write_text("Epoch\n1\n")
    assert names(data_dir.find()) == ["ppo", "ppo_s3"]


def test_nothing_else_below_a_run_is_looked_at(data_dir: DataDir) -> None:
    run = data_dir.run()
    (run.snapshots / "0001").mkdir(parents=True)
    (run.snapshots / "0001" / "progress.txt").write_text("Epoch\n1\n")
    (data_dir.path / ".sweep" / "aside" / "ppo_s1").mkdir(parents=True)
    (data_dir.path / ".sweep" / "aside" / "ppo_s1" / "progress.txt").write_text("Epoch\n1\n")
    assert names(data_dir.find()) == ["ppo_s0"]


def test_where_there_is_nothing_the_message_says_what_there_is(data_dir: DataDir) -> None:
    data_dir.run("ppo_lr1")
    data_dir.run("trpo")
    with pytest.raises(
        NoRunsFound, match=r"no run at '.*/data/pppo_lr1'; in '.*/data' there are ppo_lr1, trpo\. Did you"
    ):
        data_dir.find("pppo_lr1")
    with pytest.raises(NoRunsFound, match=r"no folder matches '.*/data/x\*'; in"):
        data_dir.find("x*")


@pytest.mark.parametrize(
    "pattern", ["", "\0", "a\nb", "[", "nothing/at/all", "x" * 5000, "***", "/nothing", "~nobody/x"]
)
def test_a_pattern_that_means_nothing_is_one_clear_line(
    pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SweepError) as caught:
        find_runs(pattern)
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).isprintable()


def test_one_pattern_of_several_that_means_no_run_is_an_error_too(data_dir: DataDir) -> None:
    data_dir.run()
    (data_dir.path / "empty").mkdir()
    with pytest.raises(NoRunsFound, match=r"no run in '.*/data/empty'"):
        data_dir.find("ppo", "empty")


def test_a_running_run_is_dead_when_nobody_holds_its_lock(data_dir: DataDir, held: Callable[[RunDir], Any]) -> None:
    run = data_dir.run(state="running")
    assert not run.lock.exists()
    assert data_dir.find()[0].state == "dead"
    assert not run.lock.exists(), "looking makes no lock"
    with held(run):
        assert data_dir.find()[0].state == "running"
    assert data_dir.find()[0].state == "dead"


def test_a_run_of_another_machine_is_running_as_its_locks_cannot_be_asked_about(data_dir: DataDir) -> None:
    data_dir.run(state="running", host="elsewhere")
    assert data_dir.find()[0].state == "running"


def test_looking_changes_no_byte_and_no_time(sweep_dir: DataDir) -> None:
    def state() -> list[tuple[str, int, int]]:
        return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sweep_dir.path.rglob("*"))

    before = state()
    assert len(sweep_dir.find()) == 12
    assert state() == before


def test_links_in_circles_end_and_a_link_to_a_run_is_no_second_run(data_dir: DataDir) -> None:
    run = data_dir.run()
    (data_dir.path / "latest").symlink_to(run.path)
    (data_dir.path / "up").symlink_to(data_dir.path.parent)
    (data_dir.path / "self").symlink_to("self")
    (data_dir.path / "ppo" / "here").symlink_to(".")
    assert names(data_dir.find()) == ["ppo_s0"]
    assert names(data_dir.find("latest")) == ["latest"]


def test_a_link_to_runs_elsewhere_is_followed(data_dir: DataDir, tmp_path: Path) -> None:
    DataDir(tmp_path / "scratch").run("far")
    (data_dir.path / "there").symlink_to(tmp_path / "scratch")
    assert names(data_dir.find()) == ["far_s0"]


def test_a_file_that_blocks_is_not_waited_for(data_dir: DataDir) -> None:
    for name in ("config.json", "status.json", ".sweep/variant.json"):
        run = data_dir.run(name.replace("/", "-").strip("."), state="running")
        (run.path / name).unlink()
        os.mkfifo(run.path / name)
    os.mkfifo(data_dir.run("lock", state="running").lock)
    assert len(data_dir.find()) == 4


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "3", '"x"', "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000, "9" * 10_000, "\xff\xfe",
        '{"identity": 1, "exp_name": [], "thunk": {}, "config": []}',
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": {"a": {"$object": 3}, "b": {"$tuple": 1}}}',
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": {"a": {"$float": "x"}, "": {"": {}}, "c": NaN}}',
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": {"seed": "no"}, "parent": {"path": 1}}',
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": {}, "runtime_only": [[1], {}]}',
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": ' + '{"a":' * 900 + "1" + "}" * 900 + "}",
        '{"identity": "x", "exp_name": "x", "thunk": "x", "config": {"a": ' + "[" * 900 + "]" * 900 + "}}",
        '{"state": "running", "host": {}, "pid": "x", "started": "y", "ended": NaN, "outputs_off": 3, "attempt": null}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("file", ["config.json", "status.json", ".sweep/variant.json"])
def test_a_damaged_file_never_makes_finding_fail(data_dir: DataDir, file: str, text: str) -> None:
    run = data_dir.run(rows=curve(1), lr=0.1)
    (run.path / file).write_text(text, encoding="latin-1")
    (found,) = data_dir.find()
    assert found.name == "ppo_s0"
    assert json.dumps([found.label, found.thunk, found.state, list(found.config)]).isprintable()
    assert hash(found) == hash(data_dir.find()[0])


def test_a_configuration_of_many_megabytes_is_not_read(data_dir: DataDir) -> None:
    folder = data_dir.spinningup(lr=0.1)
    (folder / "config.json").write_text(json.dumps({"lr": "x" * 5_000_000}))
    assert data_dir.find()[0].config == {}


def test_a_run_with_a_damaged_record_has_the_configuration_for_people(data_dir: DataDir) -> None:
    run = data_dir.run(lr=0.1)
    run.variant.write_text("{")
    (found,) = data_dir.find()
    assert (found.config, found.seed, found.state, found.label) == ({"lr": 0.1}, 0, "done", "ppo")


def test_control_characters_in_names_are_written_out(data_dir: DataDir) -> None:
    folder = data_dir.spinningup("a\x1b[31m\nb", 0, curve(1), **{"k\x07": 1})
    (run,) = data_dir.find()
    assert run.name == r"a\x1b[31m\nb_s0"
    assert run.label == r"a\x1b[31m\nb"
    assert list(run.config) == [r"k\x07"]
    assert run.path == folder


def test_folders_that_may_not_be_read_are_passed_over(data_dir: DataDir) -> None:
    data_dir.run("a")
    data_dir.run("b").path.parent.chmod(0)
    try:
        assert "a_s0" in names(data_dir.find())
    finally:
        (data_dir.path / "b").chmod(0o755)
