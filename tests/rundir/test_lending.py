"""A run's lock in two hands: its owner's, who waits, and a worker's, who runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.rundir.lending import at_work, is_owned, lend, take_work
from sweep.rundir.lock import Lock, holder, take


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def owner(file: Path) -> Lock:
    lock = take(file)
    assert lock is not None
    return lock


def test_nobody_works_on_a_run_that_is_not_lent(file: Path, owner: Lock) -> None:
    assert take_work(file) is None
    owner.release()


def test_one_worker_at_a_time_has_a_run_that_is_lent_and_no_launch_takes_it(file: Path, owner: Lock) -> None:
    lend(owner, file)
    assert (at_work(file), is_owned(file)) == (False, True)
    worker = take_work(file)
    assert worker is not None
    assert (at_work(file), take_work(file), take(file)) == (True, None, None)
    worker.release()
    assert (at_work(file), take(file)) == (False, None)
    owner.release()


def test_a_worker_whose_driver_has_died_knows_and_still_keeps_others_away(file: Path, owner: Lock) -> None:
    lend(owner, file)
    worker = take_work(file)
    assert worker is not None
    owner.release()
    assert (is_owned(file), take(file)) == (False, None)
    worker.release()
    assert holder(file) is None


def test_what_another_launch_has_taken_meanwhile_is_not_worked_on(file: Path, owner: Lock) -> None:
    lend(owner, file)
    owner.release()
    other = take(file)
    assert other is not None
    assert take_work(file) is None
    other.release()


def test_a_run_is_lent_again_for_another_try(file: Path, owner: Lock) -> None:
    for _ in range(2):
        lend(owner, file)
        worker = take_work(file)
        assert worker is not None
        worker.release()
    owner.release()


def test_the_text_goes_on_naming_the_owner(file: Path, owner: Lock) -> None:
    named = file.read_text()
    lend(owner, file)
    worker = take_work(file)
    assert worker is not None
    assert file.read_text() == named
    worker.release()
    owner.release()
