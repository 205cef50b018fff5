"""The context of a run: state, loop, rows, and a function that works alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import snapshots_in
from sweep.runtime.context.current import current_run, running, with_run
from sweep.runtime.context.run import RunContext
from sweep.runtime.snapshots.errors import SnapshotError, SnapshotNotFound


@pytest.fixture
def directory(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "run")
    run.path.mkdir()
    return run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Lines:
    """A logger with one output: a list of rows."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.pending: str | None = None
        self.closed = ""
        self.steps: list[tuple[int, int | None]] = []

    def dump_tabular(self) -> None:
        if self.pending is not None:
            self.rows.append(self.pending)
        self.pending = None

    def marks(self) -> dict[str, Any]:
        return {"rows": len(self.rows)}

    def roll_back(self, marks: Mapping[str, Any]) -> None:
        del self.rows[marks["rows"] :]

    def end_step(self, step: int, total: int | None = None) -> None:
        self.steps.append((step, total))

    def close(self, state: str = "done") -> None:
        self.closed = state


def attempt(directory: RunDir, until: int, total: int, lines: Lines, **how: Any) -> list[float]:
    """Run a small learner that is cut off after the row of a step; return its weights."""
    run = RunContext(directory)
    run.attach(lines)
    weights, rng = np.zeros(1), np.random.default_rng(0)
    run.state(weights=weights, rng=rng)
    if how:
        run.snapshots(**how)
    for epoch in run.epochs(total):
        weights += rng.normal() + random.random() + np.random.rand()
        lines.pending = f"{epoch} {weights[0]!r}"
        if epoch == until:
            lines.dump_tabular()
            break
    return [float(one) for one in weights]


def seeded() -> None:
    random.seed(1)
    np.random.seed(1)


def test_a_run_that_was_cut_off_ends_as_one_that_was_not(directory: RunDir, tmp_path: Path) -> None:
    straight, cut = Lines(), Lines()
    seeded()
    other = RunDir(tmp_path / "other")
    weights = attempt(other, 99, 6, straight)
    seeded()
    attempt(directory, 2, 6, cut)
    assert len(cut.rows) == 3  # the row of step 2 is there, its snapshot is not
    random.random()
    attempt(directory, 4, 6, cut)
    np.random.rand(7)
    assert attempt(directory, 99, 6, cut) == weights
    assert cut.rows == straight.rows
    assert len(cut.rows) == 6


def test_a_run_whose_total_is_reached_does_nothing_more_and_says_so(
    directory: RunDir, capsys: pytest.CaptureFixture[str]
) -> None:
    attempt(directory, 99, 3, Lines())
    attempt(directory, 99, 3, lines := Lines())
    assert lines.rows == []
    assert "done      3 of 3, the last one was 2; nothing is left to do" in capsys.readouterr().out


def test_a_larger_total_goes_on(directory: RunDir) -> None:
    attempt(directory, 99, 3, Lines())
    attempt(directory, 99, 5, lines := Lines())
    assert [row[0] for row in lines.rows] == ["3", "4"]


def test_a_restore_tells_source_arguments_and_counters(directory: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    directory.config.write_text('{"lr": 0.5}')
    first = RunContext(directory)
    steps = first.counter()
    first.state(steps=steps)
    for _ in first.epochs(2):
        steps += 4
    again = RunContext(directory)
    again.state(steps=again.counter())
    assert list(again.epochs(3)) == [2]
    out = capsys.readouterr().out
    assert f"Going on from {directory.snapshots / 'step_000000001'}" in out
    assert "argument  lr = 0.5" in out
    assert "counter   steps = 8" in out


def test_a_logger_that_is_made_late_goes_back_too(directory: RunDir) -> None:
    attempt(directory, 2, 5, cut := Lines())
    run = RunContext(directory)
    run.state(weights=np.zeros(1), rng=np.random.default_rng(0))
    assert run.resumes
    loop = iter(run.epochs(5))
    assert next(loop) == 2
    run.attach(cut)
    run.attach(cut)
    assert [row[0] for row in cut.rows] == ["0", "1"]
    assert run.restored["weights"].shape == (1,)


def test_what_cannot_be_saved_fails_at_the_first_snapshot_and_is_only_warned_of_later(
    directory: RunDir, capsys: pytest.CaptureFixture[str]
) -> None:
    bad: dict[str, Any] = {"a": (one for one in "generator")}
    run = RunContext(directory)
    run.state(bad=bad)
    with pytest.raises(SnapshotError, match="the item 'bad'"):
        list(run.epochs(2))
    late: dict[str, Any] = {}
    run = RunContext(directory)
    run.state(late=late)
    for epoch in run.epochs(3):
        if epoch == 1:
            late["a"] = (one for one in "generator")
    assert list(snapshots_in(directory.snapshots)) == [0]
    assert "step 1 was not saved, the snapshot before it stays: the item 'late'" in capsys.readouterr().out


def test_the_best_is_judged_by_the_rows_and_survives_a_restart(directory: RunDir) -> None:
    def rows(scores: list[float]) -> None:
        run = RunContext(directory)
        run.state(seen=[])
        run.snapshots("last", keep_best=1, metric="Return")
        for epoch in run.epochs(len(scores)):
            run.logger.log_tabular("Epoch", epoch)
            run.logger.log_tabular("Return", scores[epoch])
        run.close("done")

    rows([1.0, 9.0, 2.0, 3.0])
    assert list(snapshots_in(directory.snapshots)) == [1, 2, 3]
    rows([0, 0, 0, 0, 4.0, 5.0])
    assert list(snapshots_in(directory.snapshots)) == [1, 4, 5]
    run = RunContext(directory)
    seen: list[int] = [7]
    run.state(seen=seen)
    assert run.load("best") == {"seen": []}
    assert seen == []
    with pytest.raises(SnapshotNotFound, match="those of the steps 1, 4, 5"):
        run.load(3)


def test_an_unknown_metric_is_told_at_the_first_row(directory: RunDir) -> None:
    run = RunContext(directory)
    run.state(seen=[])
    run.snapshots(keep_best=1, metric="Retrun")
    with pytest.raises(SnapshotError, match=r"metric='Retrun' is no column.*Did you mean 'Return'"):
        for _ in run.epochs(2):
            run.logger.log_tabular("Return", 1.0)


def test_a_name_is_registered_once_and_a_run_has_one_loop(directory: RunDir) -> None:
    run = RunContext(directory)
    run.state(a=[])
    with pytest.raises(SnapshotError, match="registered already"):
        run.state(a=[])
    assert list(run.epochs(1)) == [0]
    with pytest.raises(SnapshotError, match="one loop"):
        list(run.epochs(1))


def test_snapshots_that_nothing_is_registered_for_are_never_ignored(directory: RunDir) -> None:
    attempt(directory, 99, 2, Lines())
    with pytest.raises(SnapshotError, match="registers nothing to restore"):
        list(RunContext(directory).epochs(5))


def test_steps_have_a_boundary_after_some_of_them_and_after_the_last(directory: RunDir) -> None:
    run, lines = RunContext(directory), Lines()
    run.attach(lines)
    run.state(seen=[])
    run.snapshots("all")
    assert list(run.steps(10, every=4)) == list(range(10))
    assert list(snapshots_in(directory.snapshots)) == [3, 7, 9]
    assert lines.steps == [(step, 10) for step in range(1, 11)]


def test_a_snapshot_may_be_asked_for_and_one_is_made_of_an_exception(directory: RunDir) -> None:
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError), running(directory) as run:
        run.state(seen=seen)
        run.snapshots("gap", 100, on_exception=True)
        for epoch in run.epochs(50):
            seen.append(epoch)
            if epoch == 7:
                run.save()
            assert 1 / (20 - epoch)
    assert list(snapshots_in(directory.snapshots)) == [0, 7]
    later = RunContext(directory)
    later.state(seen=seen)
    assert later.load("exception") == {"seen": list(range(21))}
    assert later.load() == {"seen": list(range(8))}


@pytest.mark.parametrize(("error", "state"), [(None, "done"), (ValueError, "failed"), (KeyboardInterrupt, "failed")])
def test_the_outputs_are_closed_with_the_end_of_the_run(
    directory: RunDir, error: type[BaseException] | None, state: str
) -> None:
    lines = Lines()

    def train() -> None:
        with running(directory) as run:
            run.attach(lines)
            if error is not None:
                raise error

    if error is None:
        train()
    else:
        with pytest.raises(error):
            train()
    assert lines.closed == state


# Alone


def test_outside_a_sweep_the_loop_is_a_range_and_nothing_is_written(tmp_path: Path) -> None:
    run = RunContext()
    run.state(weights=np.zeros(1))
    assert list(run.epochs(3)) == [0, 1, 2]
    assert not run.resumes
    assert list(tmp_path.iterdir()) == []


def test_outside_a_sweep_rows_go_to_a_local_directory(tmp_path: Path) -> None:
    run = RunContext()
    for epoch in run.epochs(2):
        run.logger.log_tabular("Epoch", epoch)
    (row,) = (tmp_path / "data" / "local").glob("*/progress.txt")
    assert row.read_text() == "Epoch\n0\n1\n"
    assert run.owns(row.parent)
    run.close("done")


def test_outside_a_sweep_snapshots_are_made_where_they_are_asked_for(tmp_path: Path) -> None:
    def alone(total: int) -> list[int]:
        run = RunContext()
        run.state(seen=[])
        run.snapshots(directory=tmp_path / "here")
        return list(run.epochs(total))

    assert alone(2) == [0, 1]
    assert alone(4) == [2, 3]


def test_a_run_is_known_to_what_its_function_calls_and_forgotten_after_it(directory: RunDir) -> None:
    def look() -> tuple[RunContext, RunContext]:
        outside = current_run()
        assert outside is current_run()
        with running(directory) as run:
            assert current_run() is run
            assert run.owns(directory.path)
            assert not run.owns(directory.path.parent)
        return outside, current_run()

    before, after = copy_context().run(look)
    assert before is after
    assert not before.owns(directory.path)


def taking(run: Any = None, lr: float = 0) -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("thunk", "kwargs", "given"),
    [(taking, {}, True), (lambda **rest: None, {}, False), (lambda lr: None, {}, False), (taking, {"run": 3}, False)],
)
def test_the_run_is_given_to_a_function_that_names_it(
    directory: RunDir, thunk: Any, kwargs: dict[str, Any], given: bool
) -> None:
    run = RunContext(directory)
    assert (with_run(thunk, kwargs, run).get("run") is run) == given


def test_a_ring_memory_is_saved_in_segments_that_snapshots_share(directory: RunDir) -> None:
    from sweep.runtime.memory.ring import Ring

    def fill(total: int) -> Ring:
        run = RunContext(directory)
        memory = Ring(100, fields={"x": ((2,), "float32")})
        run.state(memory=memory)
        for epoch in run.epochs(total):
            memory.add(x=np.full((1, 2), epoch, np.float32))
        return memory

    fill(3)
    again = fill(5)
    assert again["x"][:5].ravel().tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    newest = snapshots_in(directory.snapshots)[4] / "memory"
    assert sum(file.stat().st_nlink > 1 for file in newest.glob("segment_*")) > 0
