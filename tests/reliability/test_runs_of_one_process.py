"""Runs that share a process, one after the other, one inside the other or side by side: an error of one is its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest

from sweep import current_run
from sweep.rundir.paths import RunDir
from sweep.runtime.context.current import running

EPOCHS = 6
FILES = ("progress.txt", "metrics.jsonl", "tracked.jsonl", "log.txt")


class OnPurposeError(Exception):
    """What a run raises here."""


def learn(directory: Path, fails_at: int = -1, between: Callable[[int], object] = lambda epoch: None) -> None:
    """Be a run from its beginning to its end, or to the error in the middle of a row."""
    directory.mkdir(parents=True, exist_ok=True)
    with running(RunDir(directory)):
        run, seen = current_run(), list[int]()
        run.state(seen=seen)
        for epoch in run.epochs(EPOCHS):
            seen.append(epoch)
            run.logger.store(Loss=epoch * 0.5)
            run.logger.log_tabular("Epoch", epoch)
            run.track("tracked", epoch)
            between(epoch)
            if epoch == fails_at:
                raise OnPurposeError
            run.logger.log_tabular("Loss", with_min_and_max=True)


def left(directory: Path) -> dict[str, str]:
    """Return what a run has left, but for its own place."""
    return {name: (directory / name).read_text().replace(str(directory), "") for name in FILES}


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """What a run leaves that has the process for itself."""
    copy_context().run(learn, tmp_path / "alone")
    return left(tmp_path / "alone")


def failing(directory: Path) -> None:
    with pytest.raises(OnPurposeError):
        learn(directory, fails_at=2)
    assert (directory / "progress.txt").read_text().splitlines()[1:] == [
        "0\t0.0\t0.0\t0.0\t0.0",
        "1\t0.5\t0.0\t0.5\t0.5",
    ]


def test_a_run_after_one_that_failed_has_its_own_rows_alone(tmp_path: Path, alone: dict[str, str]) -> None:
    failing(tmp_path / "failed")
    learn(tmp_path / "after")
    assert left(tmp_path / "after") == alone


def test_a_run_that_fails_inside_another_leaves_that_as_it_is(tmp_path: Path, alone: dict[str, str]) -> None:
    learn(tmp_path / "outer", between=lambda epoch: epoch == 3 and failing(tmp_path / "inner"))
    assert left(tmp_path / "outer") == alone


def test_a_run_that_fails_beside_another_leaves_that_as_it_is(tmp_path: Path, alone: dict[str, str]) -> None:
    turns, errors = threading.Barrier(2), list[BaseException]()

    def act(directory: Path, **how: Any) -> None:
        try:
            learn(directory, between=lambda epoch: epoch > 2 or turns.wait(30), **how)
        except OnPurposeError as error:
            errors.append(error)

    threads = [
        threading.Thread(target=act, args=(tmp_path / "healthy",)),
        threading.Thread(target=act, args=(tmp_path / "failing",), kwargs={"fails_at": 2}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [type(one) for one in errors] == [OnPurposeError]
    assert left(tmp_path / "healthy") == alone


def test_the_failed_run_goes_on_later_beside_nobody_and_has_the_same_rows(
    tmp_path: Path, alone: dict[str, str]
) -> None:
    failing(tmp_path / "failed")
    learn(tmp_path / "failed")
    names = ("progress.txt", "metrics.jsonl", "tracked.jsonl")
    assert {name: left(tmp_path / "failed")[name] for name in names} == {name: alone[name] for name in names}
