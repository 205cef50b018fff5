"""Disks that are full or broken under a run that saves itself: it says so, keeps what there was, and goes on later."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import faults_learner
import pytest
from faults_bench import Bench, cause_of, check, differences, said, state_of, window

from sweep import ExperimentGrid
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.rundir.status import State, read_status
from sweep.rundir.supervised import FAILED_EXIT, GOODBYE_EXIT

pytest_plugins = ("faults_fixtures",)
pytestmark = pytest.mark.limit(1800)
Straight = Callable[..., RunDir]
EPOCHS = 4


def readable(run: RunDir) -> bool:
    """Say whether what a run has left is whole: a snapshot to go on from, and rows of one width."""
    newest = snapshots_in(run.snapshots)[max(snapshots_in(run.snapshots))]
    lines = run.progress.read_text().splitlines(keepends=True)
    return not damage(newest) and len({line.count("\t") for line in lines}) == 1 and lines[-1].endswith("\n")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_call_that_fails_ends_the_run_with_its_cause_or_costs_nothing_and_the_next_attempt_goes_on(
    bench: Bench, straight: Straight, long: bool, error: int
) -> None:
    whole = straight(kind="numpy", epochs=EPOCHS)
    calls = window(bench, kind="numpy", epochs=EPOCHS)
    failed = 0
    chosen = calls if long else calls[error == errno.EIO :: 8]  # the two errors share the calls
    for number, what in chosen:
        run = bench.run(kind="numpy", epochs=EPOCHS)
        code = bench.attempt(run, events={"fail_at": number, "error": error})["code"]
        assert code in (FAILED_EXIT, GOODBYE_EXIT), f"{what}: {code}\n{said(run)}"
        assert readable(run), what
        if code == FAILED_EXIT:
            failed += 1
            assert os.strerror(error) in cause_of(run), f"{what}: {cause_of(run)}"
            check(bench.finish(run), whole, what)
        else:
            assert unmissed(run, whole), f"{what}: {differences(run, whole)}"
    print(f"{failed} of {len(chosen)} failing calls ended the run")
    assert failed > len(chosen) / 3


def unmissed(run: RunDir, whole: RunDir) -> bool:
    """Say whether a run that went on over a failing call has everything but what it has told that it lacks."""
    status = read_status(run)
    assert status is not None
    off = {"tensorboard": "TensorBoard's points"}
    told = {off[name] for name in status.outputs_off if name in off}
    return {one for one in differences(run, whole) if not one.endswith("is left")} <= told


def test_files_that_may_not_grow_end_the_run_with_its_cause_and_keep_the_rows_before(
    bench: Bench, straight: Straight, long: bool
) -> None:
    """The limit of the kernel on a file's size is a disk that is full in the middle of a write."""
    whole = straight(kind="numpy", epochs=EPOCHS)
    largest = max(path.stat().st_size for path in whole.path.rglob("*") if path.is_file())
    states = set()
    for limit in range(300, largest + 300, 100 if long else 2500):
        run = bench.run(kind="numpy", epochs=EPOCHS)
        code = bench.attempt(run, limit=limit)["code"]
        assert code in (FAILED_EXIT, GOODBYE_EXIT), f"{limit}: {code}\n{said(run)}"
        states.add(code)
        if state_of(run) is State.DONE:
            assert unmissed(run, whole), f"{limit}: {differences(run, whole)}"
        else:
            assert os.strerror(errno.EFBIG) in said(run), f"{limit}: {said(run)}"
            check(bench.finish(run), whole, f"limit {limit}")
    assert FAILED_EXIT in states


def test_a_launch_whose_run_finds_no_room_any_more_says_so_and_goes_on_when_there_is_some(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = ExperimentGrid("cramped")
    grid.add("room", [str(workplace / "room")])
    assert grid.run(faults_learner.cramped).exit_code == 1
    (run,) = (RunDir(path.parent) for path in (workplace / "data").rglob("progress.txt"))
    status = read_status(run)
    assert status is not None
    assert status.state is State.FAILED
    assert "OSError: [Errno 27] File too large" in status.cause
    assert "File too large" in capsys.readouterr().out
    assert readable(run)
    (workplace / "room").touch()
    assert grid.run(faults_learner.cramped, retry_failed=True).exit_code == 0
    assert run.progress.read_text().splitlines() == ["Epoch", "0", "1", "2", "3"]
    assert "done      2 of 4, the last one was 1" in run.output.read_text()
