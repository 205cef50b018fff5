"""`ExperimentGrid`: settings, printing, notebooks, and what is refused before anything is written."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from sweep import ExperimentGrid, SweepError, call_experiment, setup_logger_kwargs
from sweep.front.request import RUN_KEYS
from sweep.front.share import ranks_per_run


def train(lr: float = 0.1, hidden: Any = None, seed: int = 0) -> None: ...


def test_print_says_what_exists_by_name_where_no_function_is_known(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "data" / "g_lr1" / "g_lr1_s0").mkdir(parents=True)
    ExperimentGrid("g").add("lr", [1, 2]).print()
    assert "in data: 1 of these directories exist, 1 are new" in capsys.readouterr().out


def test_print_says_what_exists_by_identity_where_the_function_is_known(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ExperimentGrid("g").add("lr", [1, 2]).print(train)
    said = capsys.readouterr().out
    assert "in data: 2 new" in said
    assert "1 rank a run, " in said


def test_a_grid_for_a_larger_machine_can_be_looked_at_but_not_run_here(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = ExperimentGrid("g").add("lr", [1, 2])
    grid.print(train, num_cpu=4096)
    assert "warning: a run needs 4,096 cores (4,096 ranks, 1 thread each) and may use" in capsys.readouterr().out
    with pytest.raises(SweepError, match=r"a run needs 4,096 cores .*; lower num_cpu or threads"):
        grid.run(train, num_cpu=4096, dry_run=True)
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"parallel": 0}, "parallel is 0; it is the number of runs at once"),
        ({"parallel": "all"}, "parallel is 'all'"),
        ({"threads": 1.5}, "threads is 1.5; it is the number of threads per rank"),
        ({"gpus": -1}, "gpus is -1; it is a number of GPUs per run"),
        ({"gpus": 1.5}, "gpus is 1.5; it is a whole number of GPUs"),
        ({"gpus": 4096}, "a run needs gpus=4096 and may use"),
        ({"memory": "lots"}, "memory"),
        ({"memory": "900T"}, "a run needs 921,600.00 GiB of memory"),
        ({"timeout": "soon"}, "timeout is 'soon'; write seconds, or a time such as '90s'"),
        ({"timeout": 0}, "timeout is 0; write seconds"),
        ({"datestamp": "no"}, "datestamp is 'no'; it is True or False"),
        ({"retry_failed": "no"}, "retry_failed is 'no'"),
        ({"dry_run": 1}, "dry_run is 1"),
        ({"data_dir": 3}, "data_dir is 3; it is the path of a directory"),
        ({"data_dir": b"x"}, "data_dir is b'x'"),
        ({"wait": "x"}, "wait is 'x'; it is a number of seconds"),
        ({"wait": float("inf")}, "wait is inf"),
    ],
)
def test_a_share_that_cannot_be_is_one_line_and_nothing_on_disk(
    workplace: Path, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(SweepError, match=message) as caught:
        ExperimentGrid("g").add("lr", [1, 2]).run(train, **asked)
    assert "\n" not in str(caught.value)
    assert list(workplace.iterdir()) == []


def test_print_warns_of_what_run_refuses(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = ExperimentGrid("g").add("leraning", [1, 2])
    grid.print(train)
    assert "warning: train() takes no argument 'leraning'" in capsys.readouterr().out
    with pytest.raises(SweepError, match="takes no argument 'leraning'"):
        grid.run(train)
    assert list(workplace.iterdir()) == []


def test_a_dry_run_returns_the_plan_and_writes_nothing(workplace: Path) -> None:
    result = ExperimentGrid("g").add("lr", [1, 2]).run(train, dry_run=True)
    assert (result.plan.runs, result.exit_code) == (2, 0)
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ExperimentGrid("g").run(), "no function to run"),
        (lambda: ExperimentGrid("").add("lr", [1]).run(train), "a variant has no name"),
        (lambda: ExperimentGrid("g").add("lr", [1]).run(train, num_cpu=0), "num_cpu is 0"),
        (lambda: ExperimentGrid("g").add("lr", [1]).run(train, num_cpu="all"), "num_cpu is 'all'"),
        (lambda: ExperimentGrid("g").add("lr", [1]).run(train, order="random"), "order 'random' is unknown"),
        (
            lambda: ExperimentGrid("g").add("hidden", ["a", "A"]).run(train),
            "two variants would both be called 'g_hida'",
        ),
        (lambda: ExperimentGrid("g").add("lr", [1, 2]).exclude("lr > 0").run(train), "no variant is left"),
        (lambda: ExperimentGrid("g").add("hidden", lambda: 1).run(3), "3 is not a function"),
    ],
)
def test_what_cannot_be_launched_is_one_line_and_nothing_on_disk(workplace: Path, build: Any, message: str) -> None:
    with pytest.raises(SweepError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)
    assert list(workplace.iterdir()) == []


def test_a_notebook_shows_the_grid_or_its_mistake(workplace: Path) -> None:
    assert "2 settings x 1 seed = 2 runs" in ExperimentGrid("g").add("lr", [1, 2])._repr_html_()
    clash = ExperimentGrid("g").add("hidden", ["a", "A"])._repr_html_()
    assert "this grid cannot run" in clash


def test_the_setting_turns_automatic_shorthands_off(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_DEFAULT_SHORTHAND", "False")
    grid = ExperimentGrid("g").add("opt:learning_rate", [1, 2])
    assert [name for name, _ in grid.named_variants()] == ["g_opt-learning_rate1", "g_opt-learning_rate2"]


def test_yaml_remembers_its_function_and_its_run_block(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workplace / "here.py").write_text("def train(lr): ...\n")
    file = workplace / "grid.yaml"
    file.write_text("name: y\nthunk: here:train\ngrid:\n  lr: [1, 2]\nrun:\n  data_dir: results\n")
    grid = ExperimentGrid.from_yaml(file)
    grid.run(dry_run=True)
    assert "in results: 2 new" in capsys.readouterr().out
    again = workplace / "again.yaml"
    grid.to_yaml(again)
    assert ExperimentGrid.from_yaml(again).definition == grid.definition
    assert "thunk: here:train" in again.read_text()


def test_logger_arguments_follow_the_reference_s_table(workplace: Path) -> None:
    assert setup_logger_kwargs("ppo", 10) == {"output_dir": "data/ppo/ppo_s10", "exp_name": "ppo"}
    assert setup_logger_kwargs("ppo", data_dir="x") == {"output_dir": "x/ppo", "exp_name": "ppo"}
    stamped = setup_logger_kwargs("ppo", 0, datestamp=True)["output_dir"]
    assert stamped.count("-") == 7
    assert stamped.endswith("-ppo_s0")
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: setup_logger_kwargs("a", seed="/../x"), "seed is '/../x'; a seed is a whole number"),
        (lambda: setup_logger_kwargs("a", data_dir=3), "data_dir is 3"),
        (lambda: setup_logger_kwargs("../a"), "'../a' cannot name a directory"),
        (lambda: call_experiment("a", train, seed="x"), "seed is 'x'"),
        (lambda: call_experiment("a", train, data_dir=3), "data_dir is 3"),
        (lambda: call_experiment("a", train, datestamp="no"), "datestamp is 'no'"),
        (lambda: call_experiment("a", train, lrr=1), "takes no argument 'lrr'"),
        (lambda: ExperimentGrid.from_yaml(None), "from_yaml: None is no path"),
    ],
)
def test_a_wrong_call_is_one_line_and_nothing_on_disk(workplace: Path, call: Any, message: str) -> None:
    with pytest.raises(SweepError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert list(workplace.iterdir()) == []


def test_a_tilde_is_the_home_directory(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(workplace / "home"))
    assert setup_logger_kwargs("a", data_dir="~/x")["output_dir"] == str(workplace / "home" / "x" / "a")


def test_a_yaml_run_block_takes_every_keyword_of_run(workplace: Path) -> None:
    (workplace / "here.py").write_text("def train(lr): ...\n")
    block = (
        "dry_run: true, wait: 0, order: shuffle, parallel: 1, threads: 1, gpus: 0, timeout: 2h, memory: 1M, "
        "stall_timeout: 5min, retries: {killed: 2}, halt: 'soon,fail=5', fresh: false, share: false, start: spawn, "
        "pin: true, engine: local"
    )
    (workplace / "grid.yaml").write_text(f"name: y\nthunk: here:train\ngrid: {{lr: [1, 2]}}\nrun: {{{block}}}\n")
    assert ExperimentGrid.from_yaml(workplace / "grid.yaml").run().dry
    of_one_launch = {"self", "thunk", "shard", "index"}
    assert set(RUN_KEYS) == set(inspect.signature(ExperimentGrid.run).parameters) - of_one_launch


def test_ranks_are_a_number_or_auto() -> None:
    assert ranks_per_run(3) == 3
    assert ranks_per_run("auto") >= 1
