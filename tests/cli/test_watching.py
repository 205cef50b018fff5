"""The commands that look at runs: status, watch, logs and diff."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from sweep.cli import main
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant


def make(name: str, seed: int, state: State, lr: float, rows: int = 3) -> RunDir:
    run = Place(Path("data")).run_dir(name, seed)
    run.own.mkdir(parents=True)
    write_variant(run, f"{name}{seed}", name, "m:train", {"lr": lr, "seed": seed})
    write_status(run, Status(state, 1, "", 1, 100.0, 200.0, "rank 0: boom" if state is State.FAILED else ""))
    run.progress.write_text("Epoch\tReturn\n" + "".join(f"{row}\t{row * lr}\n" for row in range(rows)))
    run.output.write_text("begun\nboom\n")
    return run


@pytest.fixture
def runs(workplace: Path) -> Path:
    for seed in (0, 1):
        make("a_lr1", seed, State.DONE, 1.0)
    make("a_lr2", 0, State.DONE, 2.0)
    make("a_lr2", 1, State.FAILED, 2.0)
    return workplace


@pytest.mark.parametrize("command", ["status", "watch", "logs", "diff"])
def test_each_has_help_with_examples_and_its_flags(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["help", command])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert f"  sweep {command} " in text
    assert "--json" in text
    assert max(map(len, text.splitlines())) < 80
    assert text.isascii()


def test_status_tells_how_runs_stand(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "data", "--lines", "1"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("4 runs of 2 settings under data\n")
    assert "failed: 1 run: rank 0: boom\n    a_lr2 s1\n      boom\n    log: data/a_lr2/a_lr2_s1/output.log\n" in told
    assert main(["status", "data/a_lr1"]) == 0


def test_without_a_place_it_is_the_data_directory_of_the_settings(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"] == 4


@pytest.mark.parametrize("command", [["status"], ["watch", "--once"]])
def test_each_json_is_one_object(command: list[str], runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--json", "data"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["done"], told["failed"], told["exit_code"]) == (4, 3, 1, 1)


def test_watch_prints_a_page_where_nobody_looks(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "data", "-y", "Return", "--how", "last"]) == 1
    told = capsys.readouterr().out
    assert "data: 4 runs of 2 settings" in told
    assert "Return" in told


def test_a_terminal_without_rich_is_told_what_to_install(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["watch", "data"]) == 1
    told = capsys.readouterr()
    assert "pip install" in told.err
    assert "4 runs of 2 settings" in told.out
    assert main(["status", "data"]) == 1


def test_logs_prints_the_end_of_a_run(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "data/a_lr2/a_lr2_s1", "-n", "1"]) == 0
    assert capsys.readouterr().out == "boom\n"
    assert main(["logs", "-f", "data/a_lr2/a_lr2_s1"]) == 0
    assert capsys.readouterr().out == "begun\nboom\n"
    assert main(["logs", "--json", "data/a_lr2/a_lr2_s1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["state"], told["lines"]) == ("a_lr2_s1", "failed", ["begun", "boom"])


def test_diff_tells_in_what_two_settings_differ(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "data/a_lr1", "data/a_lr2", "--how", "last"]) == 0
    told = capsys.readouterr().out
    assert "A  data/a_lr1: 2 runs of 1 setting" in told
    assert " lr         1  2" in told
    assert main(["diff", "--json", "data/a_lr1", "data/a_lr2"]) == 0
    assert json.loads(capsys.readouterr().out)["config"] == [{"key": "lr", "a": [1.0], "b": [2.0]}]


def test_a_stream_of_few_characters_gets_them_written_out(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("漢字", 0, State.DONE, 3.0)
    for command in (["status", "data"], ["watch", "--once", "data"], ["diff", "data/a_lr1", "data/a_lr2"]):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
        assert main(command) in (0, 1)
        sys.stdout.flush()
        assert raw.getvalue()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["status", "gone"], "there is no run at 'gone'"),
        (["watch", "gone"], "there is no run at 'gone'"),
        (["watch", "data", "--interval", "soon"], "interval is 'soon'; write seconds"),
        (["watch", "data", "--how", "mean"], "a score by 'mean' is unknown"),
        (["watch", "data", "--once", "-y", "Rturn"], "there is no metric 'Rturn'; there are Epoch, Return"),
        (["status", "data", "--stalled", "0"], "--stalled is 0; it must be a number above 0"),
        (["logs", "data"], "'data' is 4 runs; name one"),
        (["logs"], "no run: name its directory"),
        (["logs", "data/a_lr1/a_lr1_s0", "--rank", "3"], "rank 3 of data/a_lr1/a_lr1_s0 has left no failure"),
        (["logs", "-f", "--json", "data/a_lr1/a_lr1_s0"], "--follow goes with neither --json nor --rank"),
        (["diff", "data"], "not two places: name two"),
        (["diff", "data", "data", "--better", "max"], "'--better' is nothing that `sweep diff` takes"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(
    runs: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
