"""The commands on a directory of runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sweep.cli import main
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant


@pytest.fixture
def failed(workplace: Path) -> RunDir:
    run = RunDir(workplace / "data" / "a" / "a_s0")
    run.own.mkdir(parents=True)
    write_variant(run, "id", "a", "m:train", {"seed": 0})
    write_status(run, Status(State.FAILED))
    return run


@pytest.mark.parametrize("command", ["stop", "retry", "wait"])
def test_each_has_help_with_an_example_and_its_flags(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["help", command])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert f"  sweep {command} data" in text
    assert "--json" in text
    assert max(map(len, text.splitlines())) < 80


def test_waiting_prints_counts_for_people_or_for_programs(failed: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wait", "data"]) == 1
    assert capsys.readouterr().out == "1 run under data: 1 failed\n"
    assert main(["wait", "--json", "data"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["failed"], told["exit_code"]) == (1, 1, 1)


def test_stopping_where_nothing_is_going_on_is_no_mistake(failed: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop", "--json", "data"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "stopped": [],
        "left": [],
        "slurm": {"stopped": 0, "ended": 0, "left": []},
        "exit_code": 0,
    }


def test_trying_again_where_nothing_has_failed_is_no_mistake(
    failed: RunDir, capsys: pytest.CaptureFixture[str]
) -> None:
    write_status(failed, Status(State.DONE))
    assert main(["retry", "data"]) == 0
    assert capsys.readouterr().out == "nothing has failed under data\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stop"], "no directory: name one of runs"),
        (["stop", "gone"], "'gone' is not there; name a run's directory"),
        (["wait", "--timeout", "soon", "data"], "timeout is 'soon'; write seconds"),
        (["wait", "data", "more"], "'more' is nothing that `sweep wait` takes"),
        (["retry", "--retries", "x", "data"], "retries is 'x'"),
        (["retry", "data"], "does not hold what its run was started with"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(
    failed: RunDir, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
