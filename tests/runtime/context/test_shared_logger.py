"""Several loggers of one run on the same files: no row is set aside, whichever comes first, cut off or not."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep.rundir.paths import RunDir
from sweep.runtime.context.current import running
from sweep.runtime.context.run import RunContext
from sweep.runtime.log.epoch_logger import EpochLogger
from sweep.runtime.log.logger import Logger


class Cut(Exception):
    """The run ends here."""


@pytest.fixture
def directory(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "run")
    run.path.mkdir()
    return run


@pytest.fixture(autouse=True)
def only_what_the_test_makes() -> Iterator[None]:
    """Let `gc.collect` pass over all that there was before: the test process holds a great deal."""
    gc.freeze()
    yield
    gc.unfreeze()


def column(directory: RunDir, name: str) -> list[Any]:
    header, *rows = [line.split("\t") for line in directory.progress.read_text().splitlines()]
    found = [json.loads(line) for line in (directory.path / "metrics.jsonl").read_text().splitlines()]
    assert len(found) == len(rows)
    return [row[header.index(name)] for row in rows]


def own_first(run: RunContext) -> Callable[[int], object]:
    logger = EpochLogger(str(run.path))

    def one(epoch: int) -> None:
        row(logger, epoch)
        if epoch == 1:
            run.track("a", 1.0)

    return one


def track_first(run: RunContext) -> Callable[[int], object]:
    run.track("a", 0.0)
    logger = EpochLogger(str(run.path))
    return lambda epoch: row(logger, epoch)


def plain_first(run: RunContext) -> Callable[[int], object]:
    logger = Logger(str(run.path))

    def one(epoch: int) -> None:
        row(logger, epoch)
        run.track("a", float(epoch))
        run.writer.add_scalar("b", 1.0)

    return one


def late(run: RunContext) -> Callable[[int], object]:
    return lambda epoch: row(run.logger if epoch < 2 else EpochLogger(str(run.path)), epoch)


def anew_each_time(run: RunContext) -> Callable[[int], object]:
    def one(epoch: int) -> None:
        logger = EpochLogger(str(run.path))
        row(logger, epoch)
        logger.close()

    return one


def row(logger: Logger, epoch: int) -> None:
    logger.log_tabular("Epoch", epoch)
    logger.dump_tabular()
    gc.collect()


EVERY = pytest.mark.parametrize("made", [own_first, track_first, plain_first, late, anew_each_time])


def train(directory: RunDir, made: Callable[[RunContext], Callable[[int], object]], until: int = 99) -> None:
    with running(directory) as run:
        run.state(c=run.counter())
        log = made(run)
        for epoch in run.epochs(5):
            log(epoch)
            if epoch == until:
                raise Cut


@EVERY
def test_every_row_is_in_the_table(directory: RunDir, made: Any) -> None:
    train(directory, made)
    assert column(directory, "Epoch") == ["0", "1", "2", "3", "4"]
    assert not directory.orphans.exists()


@EVERY
@pytest.mark.parametrize("until", [0, 1, 2, 3])
def test_a_run_that_is_cut_off_ends_with_the_same_rows(directory: RunDir, made: Any, until: int) -> None:
    with pytest.raises(Cut):
        train(directory, made, until)
    train(directory, made)
    assert column(directory, "Epoch") == ["0", "1", "2", "3", "4"]


def test_the_logger_of_the_run_is_the_one_that_its_function_has_made(directory: RunDir) -> None:
    with running(directory) as run:
        other = Logger(str(directory.path), output_fname="other.txt")
        logger = EpochLogger(str(directory.path))
        assert run.logger is logger
        assert EpochLogger(str(directory.path / "elsewhere")) is not run.logger
        row(other, 0)
        row(logger, 7)
    assert column(directory, "Epoch") == ["7"]
    assert (directory.path / "other.txt").read_text() == "Epoch\n0\n"


def test_two_loggers_of_the_same_files_share_the_row_and_what_was_stored(directory: RunDir) -> None:
    with running(directory) as run:
        one, other = run.logger, EpochLogger(str(directory.path))
        one.store(Loss=1.0)
        other.store(Loss=3.0)
        one.log_tabular("Epoch", 0)
        other.log_tabular("Loss", average_only=True)
        other.dump_tabular()
        one.dump_tabular()
    assert directory.progress.read_text() == "Epoch\tLoss\n0\t2.0\n"


def test_values_stored_in_a_logger_that_came_second_come_back(directory: RunDir) -> None:
    def one(run: RunContext) -> Callable[[int], object]:
        Logger(str(run.path))
        logger = EpochLogger(str(run.path))

        def log(epoch: int) -> None:
            logger.store(Epoch=epoch)
            if epoch == 4:
                logger.log_tabular("Epoch", average_only=True)

        return log

    with pytest.raises(Cut):
        train(directory, one, 2)
    train(directory, one)
    assert column(directory, "Epoch") == ["2.0"]


def test_a_closed_logger_s_run_tracks_on_behind_its_rows(directory: RunDir) -> None:
    with running(directory) as run:
        logger = EpochLogger(str(directory.path))
        row(logger, 0)
        logger.close()
        run.track("a", 2.0)
        row(run.logger, 1)
    assert column(directory, "Epoch") == ["0", "1"]
    assert json.loads((directory.path / "tracked.jsonl").read_text())["a"] == 2.0
    assert not directory.orphans.exists()


class Seen:
    """An output that keeps its rows."""

    name = "seen"

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def row(self, row: Any, step: int) -> None:
        self.rows.append(dict(row))

    def __getattr__(self, verb: str) -> Callable[..., None]:
        if verb in ("open", "message", "mark", "roll_back", "flush", "close"):
            return lambda *arguments: None
        raise AttributeError(verb)


def test_outputs_of_a_logger_that_came_second_get_the_rows_too(directory: RunDir) -> None:
    with running(directory) as run:
        run.track("a", 1.0)
        logger = EpochLogger(str(directory.path), outputs=["log", seen := Seen()])
        row(logger, 0)
        logger.log("once")
    assert seen.rows == [{"Epoch": 0}]
    assert (directory.path / "log.txt").read_text().count("once") == 1


def test_a_thread_that_was_given_the_run_has_its_logger(directory: RunDir) -> None:
    with running(directory) as run:
        logger = Logger(str(directory.path))
        row(logger, 0)
        thread = threading.Thread(target=lambda: run.track("a", 1.0))
        thread.start()
        thread.join()
        row(logger, 1)
    assert column(directory, "Epoch") == ["0", "1"]
