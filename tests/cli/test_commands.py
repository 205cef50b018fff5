"""The command line: help that teaches, mistakes of one line, nothing on disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweep.cli import main
from sweep.cli.commands import ALL
from sweep.cli.help import TOPICS, overview

MODULE = '''
def train(lr=0.1, hidden=(32,), seed=0, order="up", logger_kwargs=None):
    """Train a toy."""
'''
GRID = """
name: toy
thunk: toy_module:train
grid:
  lr: [1e-3, 3e-4]
  seed: [0, 1]
"""


@pytest.fixture
def toy(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (workplace / "toy_module.py").write_text(MODULE)
    (workplace / "grid.yaml").write_text(GRID)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield workplace
    sys.modules.pop("toy_module", None)


def test_help_names_every_command_and_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    overview = capsys.readouterr().out
    for name in ALL:
        assert f"\n  {name} " in overview
        assert ALL[name].text


@pytest.mark.parametrize("words", [["help", "run"], ["run", "--help"]])
def test_the_help_of_a_command_has_examples_and_flags(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "sweep run my_module:train --lr 1e-3 3e-4" in text
    assert "--retry-failed" in text


def test_help_on_a_function_is_its_own(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "toy_module:train", "--help"]) == 0
    assert "train(lr=0.1" in (text := capsys.readouterr().out)
    assert "Train a toy." in text


@pytest.mark.parametrize("text", [*(one.text for one in ALL.values()), *TOPICS.values(), overview(ALL.values())])
def test_help_fits_a_terminal_of_80_columns(text: str) -> None:
    assert max(map(len, text.splitlines())) < 80


def test_print_shows_the_report_and_writes_nothing(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "toy_module:train", "--lr", "1e-3", "3e-4", "--seed", "0", "1", "--exp_name", "toy"]) == 0
    text = capsys.readouterr().out
    assert "2 settings x 2 seeds = 4 runs" in text
    assert "in data: 4 new" in text
    assert not (toy / "data").exists()


def test_a_dry_run_stops_after_the_plan(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--dry-run", "toy_module:train", "--lr", "1", "2"]) == 0
    assert "cmd_train_lr1" in capsys.readouterr().out
    assert not (toy / "data").exists()


def test_a_yaml_grid_is_printed_with_the_changes_of_the_command_line(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["print", "grid.yaml", "lr=1e-2", "seed=[0,1,2]", "--exp_name", "other"]) == 0
    text = capsys.readouterr().out
    assert "1 setting x 3 seeds = 3 runs" in text
    assert "Grid [other]" in text


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org")


def test_completion_prints_shell_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert "sweep" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["rnu"],
            "'rnu' is no command. Did you mean 'run'?",
        ),
        (["frobnicate"], "'frobnicate' is no command; there are run, print, "),
        (["grid.yaml"], "To run it: sweep run grid.yaml"),
        (["help", "rum"], "no help on 'rum'"),
        (["run"], "no target: name a YAML grid or a function"),
        (["--versio"], "'--versio' is nothing that `sweep` takes"),
        (["schema", "x"], "'x' is nothing that `sweep schema` takes"),
        (["run", "toy_module:train", "-lr", "1"], "'-lr' is no flag: an argument is written --lr"),
        (["run", "--wait", "nan", "toy_module:train"], "wait is nan; it is a number of seconds from 0"),
        (["run", "--wait=-5", "toy_module:train"], "wait is -5.0"),
        (["run", "toy_module:train", "--datestamp", "no"], "datestamp is 'no'; it is True or False"),
        (["run", "--data_dir=", "toy_module:train"], "data_dir is ''; it is the path of a directory"),
        (["run", "toy_module:train", "--data_dir", "grid.yaml/sub"], "cannot be made, as"),
        (["run", "toy_module:train", "--data_dir", "x" * 300], "cannot be a directory: File name too long"),
        (["run", "toy_module:train", "--data_dir", "/proc/x"], "cannot be written"),
        (["run", "toy_module:train", "--seed", "1" + "0" * 260], "no directory can be called"),
        (["run", "toy_module:train", "--exp_name", "a:b"], "cannot name a directory"),
        (["run", "--lr", "1", "toy_module:train"], "'--lr' is no flag of `sweep run`; a function's own arguments"),
        (["run", "--num-cup", "2", "toy_module:train"], "Did you mean '--num_cpu'?"),
        (["run", "--order", "random", "toy_module:train"], "--order: invalid choice: 'random'"),
        (["run", "toy_module"], "'toy_module' does not name a function: write module:function"),
        (["run", "toy_modul:train"], "'toy_modul:train' cannot be imported: ModuleNotFoundError"),
        (["run", "toy_module:trian"], "toy_module has no 'trian'. Did you mean 'train'?"),
        (["run", "missing.py:train"], "'missing.py' is not a file"),
        (["run", "toy_module:train", "--rl", "1"], "train() takes no argument 'rl'"),
        (["run", "toy_module:train", "--hiden", "1"], "Did you mean 'hidden'?"),
        (["run", "toy_module:train", "--order", "1"], "write --kw:order for the function's"),
        (["run", "toy_module:train", "--lr", "1", "1"], "'lr' lists 1 twice"),
        (["run", "toy_module:train", "--seed", "x"], "a seed is a whole number, not 'x'"),
        (["run", "toy_module:train", "--num_cpu", "0"], "num_cpu is 0; it is the number of MPI ranks per run"),
        (["run", "--num_cpu", "2", "toy_module:train", "--num_cpu", "3"], "--num_cpu is given twice"),
        (["run", "toy_module:train", "--exp_name", "../up"], "'../up' cannot name a directory"),
        (["run", "--data_dir", "grid.yaml", "toy_module:train"], "data_dir 'grid.yaml' is a file"),
        (["run", "missing.yaml"], "missing.yaml"),
        (["run", "grid.yaml", "--dry-run"], "--dry-run is sweep's own flag: put it before the file"),
        (["run", "grid.yaml", "--lr", "3"], "--lr: after a YAML file stand changes to it, as lr=1 or 'lr=[1,2]'"),
        (["run", "grid.yaml", "lr=1", "lr=2"], "lr= is given twice"),
        (["run", "grid.yaml", "lrr=1"], "the grid has no 'lrr'; it has lr, seed. Did you mean 'lr'?"),
        (["run", "grid.yaml", "run:num_cpu=2"], "changes are for the grid"),
        (["run", "grid.yaml", "learning=3"], "train() takes no argument 'learning'"),
        (["run", "grid.yaml", "lr=[]"], "'lr'"),
        (["run", "--retries", "kiled=1", "toy_module:train"], "'kiled' is no class of failures"),
        (["run", "--halt", "later", "toy_module:train"], "halt is 'later'; it is 'never', 'soon'"),
        (["run", "--stall-timeout", "soon", "grid.yaml"], "stall_timeout is 'soon'; write seconds"),
        (["run", "--start", "cold", "toy_module:train"], "--start: invalid choice: 'cold'"),
        (["run", "toy_module:train", "--pin"], "--pin is sweep's own flag: put it before the target"),
    ],
)
def test_a_wrong_command_line_is_one_line_exit_code_2_and_nothing_on_disk(
    toy: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(toy.rglob("*"))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("sweep: ")
    assert said.count("\n") == 1
    assert [path for path in sorted(toy.rglob("*")) if "__pycache__" not in str(path)] == before


def test_a_settings_mistake_is_told_the_same_way(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "user_config.py").write_text("DEFAULT_DATADIR = 'x'\n")
    assert main(["run", "toy_module:train"]) == 2
    assert "user_config.py:1: 'DEFAULT_DATADIR' is no setting" in capsys.readouterr().err


def test_a_key_of_the_grid_can_be_changed_whatever_it_is_called(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "grid.yaml").write_text(GRID + "  order: [up, down]\n")
    assert main(["print", "grid.yaml", "order=up"]) == 0
    assert "2 settings x 2 seeds = 4 runs" in capsys.readouterr().out


def test_the_name_after_a_yaml_file_may_have_an_equals_sign(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "grid.yaml", "--exp_name", "a=b", "lr=1"]) == 0
    assert "Grid [a=b]" in capsys.readouterr().out


def test_what_a_launch_may_do_about_failures_is_said_by_flags(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = [
        "--retries",
        "killed=3,timeout=1",
        "--halt",
        "now,fail=10%",
        "--stall-timeout",
        "10min",
        "--start",
        "spawn",
    ]
    assert main(["run", "--dry-run", *flags, "--pin", "toy_module:train", "--lr", "1"]) == 0
    assert "cmd_train" in capsys.readouterr().out
