"""Which outputs a logger has, what becomes of one that fails, and how a logger goes on in a run that resumes."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.base.errors import LoggerError, SettingsError
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.runtime.context.logged import CURRENT
from sweep.runtime.log.epoch_logger import EpochLogger
from sweep.runtime.log.logger import Logger
from sweep.runtime.outputs.output import Home


class Recorder:
    """An output that remembers what it was told, and fails at one verb if asked to."""

    def __init__(self, name: str = "recorder", fails_at: str = "") -> None:
        self.name, self.fails_at = name, fails_at
        self.calls: list[tuple[Any, ...]] = []

    def _take(self, verb: str, *arguments: Any) -> None:
        self.calls.append((verb, *arguments))
        if verb == self.fails_at:
            raise RuntimeError(f"no {verb}\ntoday")

    def open(self, home: Home, goes_on: bool) -> None:
        self._take("open", goes_on)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self._take("row", dict(row), step)

    def message(self, text: str, color: str) -> None:
        self._take("message", text, color)

    def mark(self) -> Any:
        self._take("mark")
        return {"calls": len(self.calls)}

    def roll_back(self, mark: Any) -> None:
        self._take("roll_back", mark)

    def flush(self) -> None:
        self._take("flush")

    def close(self, state: str) -> None:
        self._take("close", state)

    def hparams(self, values: Any) -> None:
        self._take("hparams", values)

    def verbs(self) -> list[str]:
        return [call[0] for call in self.calls if call[0] != "message"]


def row(logger: Logger, value: float = 0) -> None:
    logger.log_tabular("A", value)
    logger.dump_tabular()


def progress(folder: Path) -> str:
    return (folder / "progress.txt").read_text()


# Which there are


def test_a_run_has_a_table_a_log_and_rows_with_every_digit(tmp_path: Path) -> None:
    row(Logger(str(tmp_path)), 0.1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.txt", "metrics.jsonl", "progress.txt"]
    assert (tmp_path / "metrics.jsonl").read_text() == '{"A": 0.1}\n'


def test_a_minus_takes_a_usual_output_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row(Logger(str(tmp_path), outputs=["-console", "-log", "-metrics"]))
    assert [path.name for path in tmp_path.iterdir()] == ["progress.txt"]
    assert capsys.readouterr().out == ""


def test_the_settings_name_outputs_for_every_logger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_OUTPUTS", "['-log']")
    Logger(str(tmp_path / "one"))
    Logger(str(tmp_path / "two"), outputs=["log"])
    assert not (tmp_path / "one/log.txt").exists()
    assert (tmp_path / "two/log.txt").exists()
    monkeypatch.setenv("SWEEP_OUTPUTS", "tensorboard")
    with pytest.raises(SettingsError, match="a list of texts"):
        Logger(str(tmp_path / "three"))


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        (["tensorbord"], "'tensorbord' is no output; there are .* Did you mean 'tensorboard'"),
        ("tensorbord", "'tensorbord' is no output"),
        (["-progress"], "every run has its progress.txt"),
        (["-x"], "'x' is no output"),
        ([3], "is no output, it lacks name, open"),
        ([Recorder], "lacks name|is a class"),
        (3, "is no list"),
    ],
)
def test_what_is_no_output_is_an_error_and_makes_nothing(tmp_path: Path, outputs: Any, words: str) -> None:
    with pytest.raises(LoggerError, match=words):
        Logger(str(tmp_path / "run"), outputs=outputs)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "module"), [("wandb", "wandb"), ("mlflow", "mlflow"), ("tensorboard", "tensorboard")])
def test_a_package_that_is_not_installed_is_an_error_that_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    def missing(wanted: str, package: str | None = None) -> Any:
        if wanted.split(".")[0] == module:
            raise ModuleNotFoundError(f"No module named {module!r}")
        return found(wanted, package)

    found = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(LoggerError, match=f"pip install {module}"):
        Logger(str(tmp_path), outputs=[name])


def test_loggers_with_other_files_in_one_directory_leave_one_another_alone(tmp_path: Path) -> None:
    train, evaluation = Logger(str(tmp_path)), Logger(str(tmp_path), output_fname="evaluation.txt")
    for value in (1, 2):
        row(train, value)
        row(evaluation, -value)
    assert progress(tmp_path) == "A\n1\n2\n"
    assert (tmp_path / "evaluation.txt").read_text() == "A\n-1\n-2\n"
    assert (tmp_path / "evaluation.metrics.jsonl").read_text() == '{"A": -1}\n{"A": -2}\n'
    assert not (tmp_path / ".sweep").exists()


def test_an_output_gets_rows_messages_and_the_configuration_before_the_first_row(tmp_path: Path) -> None:
    output = Recorder()
    logger = Logger(str(tmp_path), exp_name="demo", outputs=[output])
    logger.save_config({"lr": 1e-3, "net": {"sizes": (64, 64), "act": None}, "seed": 3})
    row(logger, 1)
    logger.log_tabular("A", 2)
    logger.dump_tabular(step=500)
    logger.log("hello", "cyan")
    logger.close("failed")
    logger.close("done")
    values = {"lr": 0.001, "net:act": "null", "net:sizes": "[64, 64]"}
    assert [call for call in output.calls if call[0] != "message"] == [
        ("open", False),
        ("hparams", values),
        ("row", {"A": 1}, 0),
        ("row", {"A": 2}, 500),
        ("close", "failed"),
    ]
    assert ("message", "hello", "cyan") in output.calls


# One that fails


@pytest.mark.parametrize("verb", ["open", "row", "message", "hparams", "flush", "mark", "roll_back"])
def test_an_output_that_fails_is_off_after_one_warning_and_training_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    write_status(RunDir(tmp_path), Status(State.PENDING).begun())
    (tmp_path / "config.json").write_text('{"lr": 1}')
    bad, good = Recorder("bad", verb), Recorder("good")
    logger = Logger(str(tmp_path), outputs=[bad, good])
    row(logger)
    logger.writer.flush()
    logger.roll_back(logger.marks())
    row(logger, 1)
    logger.close()
    assert progress(tmp_path) == "A\n0\n1\n"
    assert (tmp_path / "metrics.jsonl").read_text() == '{"A": 0}\n{"A": 1}\n'
    assert [call[1:] for call in good.calls if call[0] == "row"] == [({"A": 0}, 0), ({"A": 1}, 1)]
    assert bad.calls[-1][0] == verb
    warning = f"The output 'bad' failed and is off from here on (RuntimeError: no {verb} today); training goes on."
    assert capsys.readouterr().out.count(warning) == 1
    status = read_status(RunDir(tmp_path))
    assert status is not None
    assert status.outputs_off == {"bad": f"RuntimeError: no {verb} today"}
    assert status.ended_as(State.DONE).outputs_off == status.outputs_off
    assert status.ended_as(State.FAILED).begun().outputs_off == {}


def test_an_output_that_cannot_be_closed_is_noted(tmp_path: Path) -> None:
    write_status(RunDir(tmp_path), Status(State.PENDING).begun())
    Logger(str(tmp_path), outputs=[Recorder("bad", "close")]).close()
    status = read_status(RunDir(tmp_path))
    assert status is not None
    assert list(status.outputs_off) == ["bad"]


def test_two_outputs_that_fail_at_the_same_warning_are_told_once_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = Logger(str(tmp_path), outputs=[Recorder("one", "message"), Recorder("other", "message")])
    row(logger)
    said = capsys.readouterr().out
    assert [said.count(f"The output {name!r} failed") for name in ("one", "other")] == [1, 1]


def test_outputs_that_are_equal_are_two(tmp_path: Path) -> None:
    class Equal(Recorder):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        __hash__ = None  # type: ignore[assignment]

    one, other = Equal(), Equal()
    row(Logger(str(tmp_path), outputs=[one, other]), 3)
    assert one.verbs()[:2] == other.verbs()[:2] == ["open", "row"]


def test_without_a_status_a_failure_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path), outputs=[Recorder("bad", "row")])
    row(logger)
    assert "The output 'bad' failed" in (tmp_path / "log.txt").read_text()
    assert not (tmp_path / "status.json").exists()


def test_a_full_disk_under_the_runs_own_record_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = Logger(str(tmp_path))
    row(logger, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(OSError, match="No space"):
            row(logger, 2)
    assert progress(tmp_path) == "A\n1\n"


# A run that resumes


class Run(SimpleNamespace):
    """What a logger sees of its run."""

    def logger_of(self, stem: str) -> Logger | None:
        return next((one for one in self.loggers if one.stem == stem), None)

    def attach(self, logger: Logger) -> None:
        self.loggers.append(logger)


@pytest.fixture
def resumed() -> Callable[[Path], Run]:
    def make(path: Path) -> Run:
        run = Run(path=path, resumes=True, loggers=[])
        CURRENT.set(run)
        return run

    return make


def begun(folder: Path, rows: int = 2) -> dict[str, Any]:
    """Log some rows, and return the marks behind them as a file would hold them; then log two more."""
    logger = EpochLogger(str(folder))
    for value in range(rows):
        row(logger, value)
    logger.store(Loss=0.1)
    logger.track("t (max)", 7)
    logger.log_tabular("Half", 0.25)
    marks: dict[str, Any] = json.loads(json.dumps(logger.marks(), allow_nan=False))
    logger.dump_tabular()
    logger.store(Loss=100)
    row(logger, 100)
    return marks


def test_in_a_run_that_resumes_rows_stay_until_the_logger_goes_back(
    tmp_path: Path, resumed: Callable[[Path], Run]
) -> None:
    marks = begun(tmp_path)
    there = progress(tmp_path)
    run = resumed(tmp_path)
    logger = EpochLogger(str(tmp_path))
    assert run.loggers == [logger]
    assert progress(tmp_path) == there
    logger.log("hello")
    row(logger, -1)  # as the first attempt did before its loop
    logger.writer.add_scalar("s", 1)
    assert progress(tmp_path) == there
    logger.roll_back(marks)
    assert progress(tmp_path) == "A\n0\n1\n"
    logger.dump_tabular()
    logger.log_tabular("Loss", average_only=True)
    logger.dump_tabular()
    logger.close()
    assert progress(tmp_path) == "A\tHalf\tLoss\n0\t\t\n1\t\t\n\t0.25\t\n\t\t0.1\n"
    assert [json.loads(line) for line in (tmp_path / "tracked.jsonl").read_text().splitlines()] == [
        {"t (max)": 7.0, "step": 2}
    ]
    assert "hello" in (tmp_path / "log.txt").read_text()
    assert (tmp_path / ".sweep/orphans/progress.1.txt").read_text() == "A\tHalf\n\t0.25\n100\t\n"


def test_a_logger_elsewhere_is_not_the_runs(tmp_path: Path, resumed: Callable[[Path], Run]) -> None:
    run = resumed(tmp_path / "run")
    row(Logger(str(tmp_path / "other")), 3)
    assert progress(tmp_path / "other") == "A\n3\n"
    assert run.loggers == []


@pytest.mark.parametrize("state", ["failed", "interrupted", ""])
def test_a_run_that_ends_before_its_logger_went_back_can_still_be_gone_on_with(
    tmp_path: Path, resumed: Callable[[Path], Run], state: str
) -> None:
    marks = begun(tmp_path)
    there = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    resumed(tmp_path)
    logger = Logger(str(tmp_path))
    row(logger, -1)
    logger.track("t", 1)
    logger.close(state)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == there
    again = Logger(str(tmp_path))
    again.roll_back(marks)
    assert progress(tmp_path) == "A\n0\n1\n"


def test_a_run_that_is_done_without_having_gone_back_has_its_new_rows_alone(
    tmp_path: Path, resumed: Callable[[Path], Run]
) -> None:
    begun(tmp_path)
    resumed(tmp_path)
    logger = Logger(str(tmp_path))
    row(logger, -1)
    logger.close("done")
    assert progress(tmp_path) == "A\n-1\n"
    assert (tmp_path / ".sweep/orphans/progress.1.txt").exists()


def test_an_output_that_the_snapshot_does_not_know_begins_anew(tmp_path: Path, resumed: Callable[[Path], Run]) -> None:
    marks = begun(tmp_path)
    resumed(tmp_path)
    new, same = Recorder("new"), Recorder("same")
    marks["outputs"]["same"] = {"calls": 3}
    logger = Logger(str(tmp_path), outputs=[new, same])
    assert (new.calls, same.calls) == ([], [])
    logger.roll_back(marks)
    row(logger, 5)
    assert new.verbs() == ["open", "row"]
    assert same.calls[:2] == [("open", True), ("roll_back", {"calls": 3})]
    assert ("open", False) in new.calls


def test_two_outputs_of_one_name_have_marks_of_their_own(tmp_path: Path) -> None:
    one, other = Recorder("same"), Recorder("same")
    logger = Logger(str(tmp_path), outputs=[one, other])
    row(logger)
    one.calls.append(("more",))
    marks = logger.marks()
    logger.roll_back(marks)
    assert one.calls[-1] == ("roll_back", marks["outputs"]["same"])
    assert other.calls[-1] == ("roll_back", marks["outputs"]["same#2"])
    assert one.calls[-1] != other.calls[-1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda marks: marks.clear(),
        lambda marks: marks.update(rows="x"),
        lambda marks: marks.update(row=[["A", {"$": "nothing", "value": "00"}]]),
        lambda marks: marks.update(row=3),
        lambda marks: marks.update(tracked={}),
        lambda marks: marks.update(tracked={"last": 0, "series": {"a": "zz"}}),
        lambda marks: marks.update(stored={"a": "00"}),
        lambda marks: marks.update(stored=[1]),
        lambda marks: marks.update(outputs=None),
        lambda marks: marks["outputs"].update(progress={}),
        lambda marks: marks["outputs"].update(metrics={"bytes": "many"}),
        lambda marks: marks["outputs"].update(log=3),
    ],
)
def test_damaged_marks_are_an_error_in_one_line(tmp_path: Path, damage: Callable[[dict[str, Any]], Any]) -> None:
    logger = EpochLogger(str(tmp_path))
    row(logger)
    marks = logger.marks()
    damage(marks)
    with pytest.raises(LoggerError, match="damaged") as caught:
        logger.roll_back(marks)
    assert "\n" not in str(caught.value)


VALUES = st.lists(st.floats(allow_nan=False, width=32), min_size=1, max_size=5)


@given(st.lists(VALUES, min_size=1, max_size=6), st.data())
@settings(max_examples=25)
def test_statistics_that_go_on_in_another_process_have_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, epochs: list[list[float]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    at = data.draw(st.integers(0, len(epochs) - 1))
    inside = data.draw(st.integers(0, len(epochs[at])))

    def train(logger: EpochLogger, first: int, values: int) -> EpochLogger:
        for epoch, all_values in list(enumerate(epochs))[first:]:
            for value in all_values[values if epoch == first else 0 :]:
                logger.store(Loss=value)
            logger.log_tabular("Loss", with_min_and_max=True)
            logger.dump_tabular()
        return logger

    train(EpochLogger(str(folder / "whole"), outputs=["-console"]), 0, 0).close()
    first = EpochLogger(str(folder / "cut"), outputs=["-console"])
    for epoch in range(at):
        for value in epochs[epoch]:
            first.store(Loss=value)
        first.log_tabular("Loss", with_min_and_max=True)
        first.dump_tabular()
    for value in epochs[at][:inside]:
        first.store(Loss=value)
    marks = json.loads(json.dumps(first.marks(), allow_nan=False))
    train(first, at, inside)
    first.roll_back(marks)
    train(first, at, inside).close()
    for name in ("progress.txt", "metrics.jsonl", "log.txt"):
        ours, theirs = ((folder / one / name).read_bytes() for one in ("cut", "whole"))
        assert ours.split(b"\n", 1)[1:] == theirs.split(b"\n", 1)[1:]
