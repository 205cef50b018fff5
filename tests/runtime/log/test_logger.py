"""The logger of one process: rows, messages, configuration, state."""

from __future__ import annotations

import io
import json
import math
import pickle
import subprocess
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from sweep.base.errors import LoggerError
from sweep.runtime.context.run import RunContext
from sweep.runtime.log import logger as logger_module
from sweep.runtime.log.epoch_logger import EpochLogger
from sweep.runtime.log.logger import Logger

Outcome = subprocess.CompletedProcess[str]


@pytest.fixture
def logger(tmp_path: Path) -> Logger:
    return Logger(str(tmp_path / "run"), exp_name="demo")


def rows(logger: Logger) -> str:
    return Path(str(logger.output_dir), "progress.txt").read_text()


def config(logger: Logger) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(str(logger.output_dir), "config.json").read_text())
    return found


# Where things go


def test_the_directory_is_made_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = Logger(str(tmp_path / "a/b"))
    assert logger.output_dir == str(tmp_path / "a/b")
    assert capsys.readouterr().out == f"Metrics of this run go to {tmp_path}/a/b/progress.txt\n"


def test_two_loggers_without_a_directory_in_one_second_get_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger_module, "_DEFAULT_PARENT", tmp_path / "experiments")
    monkeypatch.setattr("time.time", lambda: 1600000000.9)
    assert [Logger().output_dir, Logger().output_dir] == [
        str(tmp_path / "experiments/1600000000"),
        str(tmp_path / "experiments/1600000001"),
    ]


def test_another_name_for_the_metrics_file(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path), output_fname="metrics.tsv")
    logger.log_tabular("A", 1)
    logger.dump_tabular()
    assert (tmp_path / "metrics.tsv").read_text() == "A\n1\n"


def test_starting_again_in_one_directory_keeps_the_old_rows_and_says_where(
    logger: Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.log_tabular("A", 1)
    logger.dump_tabular()
    capsys.readouterr()
    again = Logger(logger.output_dir)
    kept = Path(str(logger.output_dir), ".sweep/orphans/progress.1.txt")
    assert kept.read_text() == "A\n1\n"
    assert rows(again) == ""
    assert str(kept) in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    "module", ["sweep.runtime.log.logger", "sweep.runtime.log.epoch_logger", "sweep.runtime.mpi.helpers"]
)
def test_one_process_loads_neither_mpi_nor_torch(run: Callable[..., Outcome], module: str) -> None:
    outcome = run(
        f"""
        import sys
        sys.modules["mpi4py"] = None  # importing it now fails
        import {module}
        from sweep.runtime.log.epoch_logger import EpochLogger
        from sweep.runtime.mpi.helpers import mpi_avg, mpi_fork, mpi_statistics_scalar
        mpi_fork(1)
        logger = EpochLogger("out")
        logger.store(A=mpi_avg(2.0))
        logger.log_tabular("A", average_only=True)
        logger.log_tabular("B", mpi_statistics_scalar([1, 3])[0])
        logger.dump_tabular()
        print(sorted({{"torch", "tensorflow", "mpi4py.MPI"}} & set(sys.modules)))
        """
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines()[-1] == "[]"


# Rows


def test_columns_may_come_later_and_may_be_missing(logger: Logger) -> None:
    for row in ({"A": 1}, {"A": 2, "B": 0.5}, {"B": 1e-4}):
        for key, value in row.items():
            logger.log_tabular(key, value)
        logger.dump_tabular()
    assert rows(logger) == "A\tB\n1\t\n2\t0.5\n\t0.0001\n"


def test_one_key_twice_in_a_row_is_an_error_that_names_it(logger: Logger) -> None:
    logger.log_tabular("Loss", 1)
    with pytest.raises(LoggerError, match=r"'Loss'.*dump_tabular\(\) after each row"):
        logger.log_tabular("Loss", 2)
    logger.dump_tabular()
    logger.log_tabular("Loss", 3)


@pytest.mark.parametrize("key", [3, None, 1.5, ("a",), ["a"], b"a"])
def test_a_key_that_is_no_text_is_an_error_at_once(logger: Logger, key: Any) -> None:
    with pytest.raises(LoggerError) as caught:
        logger.log_tabular(key, 1)
    assert f"log_tabular({key!r}, ...): the key must be a text" in str(caught.value)
    logger.log_tabular("Loss", 3)
    logger.dump_tabular()
    assert rows(logger) == "Loss\n3\n"


def test_dumping_an_empty_row_writes_nothing(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    logger.dump_tabular()
    assert (rows(logger), capsys.readouterr().out) == ("", "")


def test_an_array_is_one_cell_and_is_read_when_it_is_logged(logger: Logger) -> None:
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    logger.log_tabular("A", array)
    array[:] = 0
    logger.log_tabular("B", np.arange(2000))
    logger.dump_tabular()
    assert rows(logger) == "A\tB\n[[1.0, 2.0], [3.0, 4.0]]\tarray of int64, shape (2000,)\n"


def test_numbers_keep_every_digit(logger: Logger) -> None:
    logger.log_tabular("Small", 1e-4)
    logger.log_tabular("Large", 16777217)
    logger.dump_tabular()
    assert rows(logger) == "Small\tLarge\n0.0001\t16777217\n"


def test_a_console_that_is_gone_costs_neither_the_row_nor_the_training(
    logger: Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    for value in (1, 2):
        logger.log_tabular("A", value)
        logger.dump_tabular()
    logger.log("still here")
    assert rows(logger) == "A\n1\n2\n"
    log = Path(str(logger.output_dir), "log.txt").read_text()
    assert "The output 'console' failed and is off from here on (BrokenPipeError" in log
    assert log.endswith("still here\n")


# Messages


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_appear_on_a_terminal_only_and_never_against_the_users_wish(
    logger: Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    outputs = [Terminal(), io.StringIO(), Terminal()]
    for at, output in enumerate(outputs):
        if at == 2:
            monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "stdout", output)
        logger.log("hello")
    assert [output.getvalue() for output in outputs] == ["\x1b[32;1mhello\x1b[0m\n", "hello\n", "hello\n"]


def test_an_unknown_colour_is_an_error_also_where_no_colours_are_shown(logger: Logger) -> None:
    with pytest.raises(LoggerError, match="Did you mean 'green'"):
        logger.log("hello", color="greem")


def test_a_message_may_be_any_object(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logger.log({"a": 1})
    assert capsys.readouterr().out.endswith("{'a': 1}\n")


# Configuration


def test_config_is_written_to_the_byte_and_printed(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        '{\n    "act":\t"len",\n    "exp_name":\t"demo",\n    "hid":\t[\n        64,\n        64\n    ],\n'
        '    "lr":\t0.001,\n    "net":\t{\n        "a":\ttrue,\n        "b":\t[\n            1,\n            null\n'
        "        ]\n    }\n}"
    )
    logger.save_config({"lr": 1e-3, "hid": (64, 64), "act": len, "net": {"b": [1, None], "a": True}})
    assert Path(str(logger.output_dir), "config.json").read_text() == text
    assert capsys.readouterr().out.endswith(f"Saving config:\n\n{text}\n")


def test_loggers_modules_and_open_files_in_locals_are_left_out(logger: Logger, tmp_path: Path) -> None:
    def train(lr: float, log: Logger, module: Any, file: IO[str], __hidden: int = 1) -> None:
        log.save_config(locals())

    with (tmp_path / "x").open("w") as file:
        train(0.1, logger, types, file)
    assert config(logger) == {"exp_name": "demo", "lr": 0.1}


def test_logger_classes_in_locals_are_left_out_and_other_classes_stay(logger: Logger) -> None:
    class Mine(Logger):
        pass

    logger.save_config({"EpochLogger": EpochLogger, "Logger": Logger, "Mine": Mine, "kind": dict, "lr": 1})
    assert config(logger) == {"exp_name": "demo", "kind": "dict", "lr": 1}


def test_what_was_passed_is_not_changed_and_its_own_name_wins(logger: Logger) -> None:
    mine = {"exp_name": "mine", "log": logger}
    logger.save_config(mine)
    assert mine == {"exp_name": "mine", "log": logger}
    assert config(logger) == {"exp_name": "mine"}


def test_a_name_of_none_is_no_name(logger: Logger) -> None:
    logger.save_config({"exp_name": None})
    assert config(logger) == {"exp_name": "demo"}


def test_config_goes_over_what_the_directory_has(logger: Logger) -> None:
    path = Path(str(logger.output_dir), "config.json")
    path.write_text('{"lr": 1, "seed": 3}')
    logger.save_config({"lr": 2})
    assert config(logger) == {"exp_name": "demo", "lr": 2, "seed": 3}


@pytest.mark.parametrize("there", ['{"lr": ', "[1, 2]"])
def test_an_unreadable_config_is_replaced(logger: Logger, there: str) -> None:
    Path(str(logger.output_dir), "config.json").write_text(there)
    logger.save_config({"lr": 2})
    assert config(logger) == {"exp_name": "demo", "lr": 2}


def test_config_is_strict_json(logger: Logger) -> None:
    logger.save_config({"a": math.nan, "b": np.float32(0.5), "c": np.arange(2)})
    assert config(logger) == {"a": "NaN", "b": 0.5, "c": [0, 1], "exp_name": "demo"}


def test_the_run_itself_is_no_part_of_the_configuration(logger: Logger) -> None:
    logger.save_config({"run": RunContext(), "lr": 1})
    assert config(logger) == {"exp_name": "demo", "lr": 1}


# State


def test_state_is_saved_over_the_last_or_beside_it(logger: Logger) -> None:
    folder = Path(str(logger.output_dir))
    logger.save_state({"a": 1})
    logger.save_state({"a": 2})
    logger.save_state({"a": lambda: 3}, itr=7)
    assert pickle.loads((folder / "vars.pkl").read_bytes()) == {"a": 2}
    assert pickle.loads((folder / "vars7.pkl").read_bytes())["a"]() == 3


def test_a_state_that_cannot_be_pickled_keeps_the_last_and_names_the_culprit(
    logger: Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(str(logger.output_dir), "vars.pkl")
    logger.save_state({"a": 1})
    before = path.read_bytes()
    logger.save_state({"a": 2, "lock": threading.Lock()})
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if "vars" in file.name] == ["vars.pkl"]
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("vars.pkl was not saved: TypeError")
    assert said.endswith("(in lock)")


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    fake = types.ModuleType("torch")
    fake.save = lambda what, file, pickle_module: pickle.dump(what, file)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", fake)
    return fake


def test_the_torch_model_is_saved_with_the_state(logger: Logger, torch: types.ModuleType) -> None:
    logger.setup_pytorch_saver({"w": 1})
    logger.save_state({})
    logger.save_state({}, itr=3)
    folder = Path(str(logger.output_dir), "pyt_save")
    assert sorted(path.name for path in folder.iterdir()) == ["model.pt", "model3.pt"]
    assert pickle.loads((folder / "model.pt").read_bytes()) == {"w": 1}


def test_a_model_that_cannot_be_saved_warns_and_training_goes_on(
    logger: Logger, torch: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.setup_pytorch_saver(threading.Lock())
    logger.save_state({"a": 1})
    assert "model.pt was not saved: TypeError" in capsys.readouterr().out
    assert Path(str(logger.output_dir), "vars.pkl").exists()


def test_no_torch_is_told_like_any_other_failure(
    logger: Logger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    logger.setup_pytorch_saver({"w": 1})
    logger.save_state({})
    assert "model.pt was not saved: ModuleNotFoundError" in capsys.readouterr().out


# The other ranks


def test_a_rank_other_than_the_first_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PMI_RANK", "1")
    monkeypatch.setenv("PMI_SIZE", "2")
    logger = Logger(str(tmp_path / "run"))
    logger.log("hello")
    logger.log_tabular("A", 1)
    logger.dump_tabular()
    logger.log_tabular("A", 1)
    logger.save_config({"a": 1})
    logger.save_state({"a": 1})
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LoggerError):
        logger.log_tabular("A", 1)
