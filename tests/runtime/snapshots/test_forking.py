"""A fork begins: what it takes of its parent's snapshot, what it does not, and which values stay its own."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.asked import STOP_SIGNALS
from sweep.rundir.parent import bring
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import snapshots_in
from sweep.rundir.variant_file import Parent, Story, write_variant
from sweep.runtime.context.run import RunContext
from sweep.runtime.snapshots.errors import CorruptSnapshot, SnapshotError


class Optimizer:
    def __init__(self, lr: float) -> None:
        self.lr, self.steps = lr, 0


def learn(run: RunContext, epochs: int, lr: float = 0.5, until: int | None = None, **more: Any) -> dict[str, Any]:
    """Run a small learner and return what it ends with."""
    weights, optimizer, rng = np.zeros(1), Optimizer(lr), np.random.default_rng(7)
    run.state(weights=weights, optimizer=optimizer, rng=rng, **more)
    seen, first = [], None
    for epoch in run.epochs(epochs):
        first = rng.random() if first is None else first
        weights += optimizer.lr
        optimizer.steps += 1
        seen.append(epoch)
        if epoch == until:
            break
    return {"weights": weights[0], "optimizer": optimizer, "epochs": seen, "first": first}


@pytest.fixture
def parent(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "parent")
    learn(RunContext(run), 3)
    return run


@pytest.fixture
def fork(tmp_path: Path, parent: RunDir) -> Callable[..., RunDir]:
    def make(items: tuple[str, ...] = (), **changed: Any) -> RunDir:
        run = RunDir(tmp_path / "fork")
        run.own.mkdir(parents=True)
        bring(snapshots_in(parent.snapshots)[2], run)
        begun = Parent(str(parent.path), "id", 2, {key: [0.5, value] for key, value in changed.items()}, items)
        write_variant(run, "id", "fork", "m:train", changed, story=Story(parent=begun))
        return run

    return make


def test_it_counts_from_0_with_what_the_parent_had(fork: Callable[..., RunDir]) -> None:
    run = RunContext(fork())
    found = learn(run, 2)
    assert (found["epochs"], found["weights"], found["optimizer"].steps) == ([0, 1], 2.5, 5)
    assert (run.forked, run.resumes) == (True, False)


def test_random_numbers_are_its_own(fork: Callable[..., RunDir]) -> None:
    directory = fork()
    random.seed(3)
    state = random.getstate()
    found = learn(RunContext(directory), 1)
    assert found["first"] == np.random.default_rng(7).random()
    assert random.getstate() == state


def test_once_it_has_a_snapshot_of_its_own_it_goes_on_from_that(fork: Callable[..., RunDir]) -> None:
    directory = fork()
    learn(RunContext(directory), 4, until=2)
    run = RunContext(directory)
    found = learn(run, 4)
    assert (found["epochs"], found["weights"]) == ([2, 3], 3.5)
    assert (run.forked, run.resumes) == (False, True)


def test_cut_off_before_its_first_snapshot_it_begins_with_the_parent_s_again(fork: Callable[..., RunDir]) -> None:
    directory = fork()
    learn(RunContext(directory), 4, until=0)
    assert learn(RunContext(directory), 1)["weights"] == 2.0


def test_a_changed_parameter_wins_over_the_snapshot(fork: Callable[..., RunDir]) -> None:
    found = learn(RunContext(fork(lr=0.25)), 2, lr=0.25)
    assert (found["optimizer"].lr, found["optimizer"].steps, found["weights"]) == (0.25, 5, 2.0)


def test_it_can_be_limited_to_some_items(fork: Callable[..., RunDir]) -> None:
    found = learn(RunContext(fork(items=("weights",))), 1)
    assert (found["weights"], found["optimizer"].steps) == (2.0, 1)


def test_an_item_that_the_parent_did_not_have_is_begun_anew_and_said(
    fork: Callable[..., RunDir], capsys: pytest.CaptureFixture[str]
) -> None:
    found = learn(RunContext(fork()), 1, critic={"v": 0})
    assert found["weights"] == 2.0
    assert "does not have 'critic': begun anew" in capsys.readouterr().out


def test_what_cannot_begin_leaves_the_handlers_of_signals_as_they_were(fork: Callable[..., RunDir]) -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    run = RunContext(fork())
    run.state(nothing=np.zeros(7))
    with pytest.raises(SnapshotError):
        next(run.epochs(5))
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before


def test_where_nothing_fits_it_is_an_error(fork: Callable[..., RunDir]) -> None:
    run = RunContext(fork())
    run.state(other=np.zeros(1))
    with pytest.raises(SnapshotError, match="has nothing that the function registers: it has weights, optimizer, and"):
        next(iter(run.epochs(1)))


def test_a_function_that_registers_nothing_is_an_error(fork: Callable[..., RunDir]) -> None:
    with pytest.raises(SnapshotError, match="has a snapshot to begin with, but the function registers nothing"):
        next(iter(RunContext(fork()).epochs(1)))


def test_another_shape_is_an_error_that_names_the_item(fork: Callable[..., RunDir]) -> None:
    run = RunContext(fork())
    run.state(weights=np.zeros(2))
    with pytest.raises(SnapshotError, match="'weights' does not take its state back"):
        next(iter(run.epochs(1)))


def test_a_damaged_parent_s_snapshot_is_an_error(fork: Callable[..., RunDir]) -> None:
    directory = fork()
    file = next(directory.parent.glob("*/weights.npz"))
    file.unlink()  # which is a name of the parent's file too
    with pytest.raises(CorruptSnapshot, match="is damaged, with which this fork begins"):
        learn(RunContext(directory), 1)


def test_the_parent_is_not_changed(parent: RunDir, fork: Callable[..., RunDir]) -> None:
    before = {path: path.read_bytes() for path in parent.path.rglob("*") if path.is_file()}
    learn(RunContext(fork(lr=0.1)), 4, lr=0.1)
    assert {path: path.read_bytes() for path in parent.path.rglob("*") if path.is_file()} == before


def test_an_extended_run_takes_a_changed_value_once(tmp_path: Path) -> None:
    directory = RunDir(tmp_path / "run")
    learn(RunContext(directory), 2)
    directory.own.mkdir()
    history = ({"attempt": 2, "time": 1e12, "changed": {"lr": [0.5, 0.25]}},)
    write_variant(directory, "id", "run", "m:train", {}, story=Story(history=history))
    found = learn(RunContext(directory), 4, lr=0.25)
    assert (found["optimizer"].lr, found["epochs"], found["weights"]) == (0.25, [2, 3], 1.5)
    old = ({"attempt": 2, "time": 1.0, "changed": {"lr": [0.5, 0.125]}},)
    write_variant(directory, "id", "run", "m:train", {}, story=Story(history=old))
    assert learn(RunContext(directory), 5, lr=0.125)["optimizer"].lr == 0.25
