"""Runs killed at random instants and at chosen file system calls: in the end nobody can tell."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable

import pytest
from faults_bench import KILLED, Bench, check, differences, kinds, points, state_of, window
from loops_strace import CALLS, listing
from loops_strace import points as points_of_log

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.rundir.status import State

pytest_plugins = ("faults_fixtures",)
pytestmark = pytest.mark.limit(1800)
Straight = Callable[..., RunDir]
Need = Callable[[str, bool, str], None]
EPOCHS = 4
KILLS_A_RUN = 10


def kill_again_and_again(bench: Bench, run: RunDir, kills: int, span_s: float, dice: random.Random) -> int:
    """Kill the attempts of a run after random times; return how many were killed before one came to its end."""
    killed = 0
    while killed < kills and state_of(run) is not State.DONE:
        killed += bench.attempt(run, kill_s=dice.uniform(0.001, span_s))["code"] == KILLED
    return killed


def test_runs_killed_at_random_instants_end_with_the_rows_and_points_of_undisturbed_ones(
    bench: Bench, straight: Straight, long: bool, dice: random.Random
) -> None:
    wanted, killed, runs, models = 200 if long else 40, 0, 0, kinds()
    while killed < wanted or runs < (20 if long else 4):
        kind = models[runs % len(models)]
        whole, run = straight(kind=kind), bench.run(kind=kind)
        killed += kill_again_and_again(bench, run, KILLS_A_RUN, bench.seconds(whole) / 2, dice)
        check(run if state_of(run) is State.DONE else bench.finish(run), whole, f"after {killed} kills")
        runs += 1
    print(f"{killed} kills over {runs} runs of {models}")


def test_what_is_compared_is_really_there_and_another_run_differs_in_all_of_it(
    bench: Bench, straight: Straight
) -> None:
    whole = straight(kind="numpy")
    header, *rows = whole.progress.read_text().splitlines()
    assert header.split("\t")[-3:] == ["MinCarried", "Kept", "Text"]
    assert [row.split("\t")[0] for row in rows] == [str(epoch) for epoch in range(8)]
    assert len(points(whole).get("Epoch", rows)) == 8
    found = differences(straight(kind="numpy", seed=1), whole)
    shown = ["TensorBoard's points"] if points(whole) else []
    assert found == ["progress.txt", "metrics.jsonl", "tracked.jsonl", *shown, "the last snapshot"]


def whole_or_before(run: RunDir, epoch: int) -> bool:
    """Say whether the newest snapshot is of this epoch or the one before, and whole."""
    step, folder = max(snapshots_in(run.snapshots).items())
    return step in (epoch, epoch - 1) and not damage(folder)


def test_a_run_killed_at_any_call_of_a_row_and_its_snapshot_and_again_while_it_goes_back_ends_the_same(
    bench: Bench, straight: Straight, long: bool
) -> None:
    whole = straight(kind="numpy", epochs=EPOCHS)
    calls = window(bench, kind="numpy", epochs=EPOCHS)
    chosen = calls if long else calls[::4]
    for number, what in chosen:
        run = bench.run(kind="numpy", epochs=EPOCHS)
        assert bench.attempt(run, events={"die_at": number})["code"] == KILLED, what
        assert whole_or_before(run, 2), what
        assert bench.attempt(run, events={"die_at": 1 + number % 40})["code"] == KILLED, f"while it goes on: {what}"
        check(bench.finish(run), whole, what)
    print(f"killed at {len(chosen)} calls of {len(calls)}, and each again at another call")


def test_a_run_killed_by_strace_at_any_system_call_of_a_row_and_its_snapshot_ends_the_same(
    bench: Bench, straight: Straight, long: bool, need: Need
) -> None:
    need("strace", shutil.which("strace") is not None, "it is not installed; the test above does it without")
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    need("strace", tried.returncode == 0, f"it may not trace: {tried.stderr.decode()[:100]}")
    whole, log = straight(kind="numpy", epochs=EPOCHS), bench.home / "strace.log"
    listed = bench.run(kind="numpy", epochs=EPOCHS)
    bench.attempt(listed, strace=listing(log, CALLS + ",linkat,?link,?rmdir"))
    found = [point for point in points_of_log(log, listed.path) if "O_RDONLY" not in point.what]
    first = next(at for at, point in enumerate(found) if '"' + str(listed.snapshots / "step_000000001") in point.what)
    last = max(at for at, point in enumerate(found) if ".step_000000000." in point.what)
    calls = found[first + 1 : last + 1]
    chosen = calls if long else calls[:: len(calls) // 7]
    for point in chosen:
        run = bench.run(kind="numpy", epochs=EPOCHS)
        told = bench.attempt(run, strace=["-o", "/dev/null", *point.inject("signal=KILL")])
        assert told["code"] == KILLED, point
        assert whole_or_before(run, 2), point
        check(bench.finish(run), whole, str(point))
    print(f"killed at {len(chosen)} system calls of {len(calls)}")
