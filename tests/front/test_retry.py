"""Failed runs tried again from their own directories."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.front.request import Request
from sweep.front.retry import Retried, retry
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job
from sweep.launch.resources import Capacity
from sweep.launch.slots import Slots
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, read_status, write_status
from sweep.rundir.submission import read_submission

GB = 2**30


@pytest.fixture
def play(workplace: Path) -> Callable[..., Retried]:
    """Return a function that tries what is under the data directory again, on a fake engine."""

    def run(engine: FakeEngine | None = None, **asked: Any) -> Retried:
        slots = Slots(Capacity((0, 1), 8 * GB, ()), 0, lambda: 8 * GB)
        return retry(workplace / "data", Request(None, **asked), engine or FakeEngine(FakeClock(), on_end=done), slots)

    return run


def done(job: Job) -> int:
    status = read_status(job.run)
    assert status is not None
    write_status(job.run, status.begun().ended_as(State.DONE))
    return 0


def state(run: RunDir) -> State:
    status = read_status(run)
    assert status is not None
    return status.state


def test_what_has_failed_is_tried_again_and_nothing_else(made: Any, play: Any) -> None:
    runs = [made(f"a/a_s{number}", one) for number, one in enumerate(State)]
    result = play()
    assert [outcome.job.run for outcome in result.outcomes] == [run for run in runs if run.path.name == "a_s3"]
    assert [state(run) for run in runs] == [
        State.PENDING, State.RUNNING, State.DONE, State.DONE, State.INTERRUPTED,
    ]  # fmt: skip
    assert (result.exit_code, result.outcomes[0].job.name) == (0, "a seed 3")
    assert list(result.lines())[-1].startswith("1 failed run tried again: 1 done, 0 failed, in ")


def test_a_run_that_fails_again_is_told_with_its_cause(made: Any, play: Any) -> None:
    run = made("a/a_s0", State.FAILED)
    result = play(FakeEngine(FakeClock(), on_end=lambda job: 3))
    assert (result.exit_code, state(run)) == (1, State.FAILED)
    assert "rank 0 ended with exit code 3" in next(result.lines())
    assert result.as_json()["failed"] == 1


def test_each_run_gets_the_share_that_it_had(made: Any, play: Any) -> None:
    made("a/a_s0", State.FAILED, num_cpu=2)
    made("a/a_s1", State.FAILED)
    engine = FakeEngine(FakeClock(), on_end=done)
    demands = {outcome.job.name: outcome.job.demand.cores for outcome in play(engine).outcomes}
    assert demands == {"a seed 0": 2, "a seed 1": 1}
    assert engine.clock.now == 2.0


def test_what_is_asked_for_now_counts_instead_of_the_record(made: Any, play: Any) -> None:
    made("a/a_s0", State.FAILED, threads=1)
    (outcome,) = play(threads=2, memory="1G").outcomes
    assert (outcome.job.demand.threads, outcome.job.demand.memory) == (2, GB)


def test_a_run_that_somebody_else_has_is_skipped_and_said(made: Any, play: Any) -> None:
    mine, theirs = made("a/a_s0", State.FAILED), made("a/a_s1", State.FAILED)
    lock = take(theirs.lock)
    result = play()
    assert lock is not None
    lock.release()
    assert (state(mine), state(theirs), result.exit_code) == (State.DONE, State.FAILED, 2)
    assert f"skipped: {theirs.path}: process " in "\n".join(result.lines())


def test_where_nothing_has_failed_nothing_is_done(made: Any, play: Any) -> None:
    made("a/a_s0", State.DONE)
    result = play()
    assert (result.exit_code, result.as_json()["failed_before"]) == (0, 0)
    assert next(result.lines()).startswith("nothing has failed under ")


def without_record(run: RunDir) -> None:
    (run.own / "launch.json").unlink()


def moved(run: RunDir) -> None:
    shutil.copytree(run.path, run.path.with_name("copy_s0"))
    shutil.rmtree(run.path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_record, "does not hold what its run was started with"),
        (lambda run: run.payload.unlink(), "does not hold what its run was started with"),
        (lambda run: run.payload.chmod(0o666), "could have been written by somebody else and is not run"),
        (moved, "when it ran, and its call still says so"),
    ],
)
def test_what_cannot_be_started_from_its_directory_is_one_clear_line_and_nothing_is_started(
    made: Any, play: Any, spoil: Callable[[RunDir], object], message: str
) -> None:
    good = made("a/a_s1", State.FAILED)
    spoil(made("a/a_s0", State.FAILED))
    with pytest.raises(LaunchError, match=message) as caught:
        play()
    assert "\n" not in str(caught.value)
    assert "--retry-failed" in str(caught.value)
    assert state(good) is State.FAILED


def test_a_run_that_needs_more_than_there_is_is_refused(made: Any, play: Any) -> None:
    made("a/a_s0", State.FAILED, num_cpu=3)
    with pytest.raises(LaunchError, match="a run needs 3 cores"):
        play()


def test_a_stop_leaves_what_was_not_started_as_it_was(made: Any, play: Any) -> None:
    runs = [made(f"a/a_s{number}", State.FAILED) for number in range(5)]
    engine = FakeEngine(FakeClock(), takes=lambda job: 9.0)

    def stopped(wait_s: float) -> Any:
        engine.poll = poll  # type: ignore[method-assign]
        raise KeyboardInterrupt

    poll, engine.poll = engine.poll, stopped  # type: ignore[method-assign]
    result = play(engine, parallel=1)
    assert (result.stopped, result.exit_code) == (True, 75)
    assert [state(run) for run in runs] == [State.INTERRUPTED, State.PENDING, *[State.FAILED] * 3]


def test_failed_runs_are_submitted_and_left(made: Any, workplace: Path) -> None:
    runs, fake = [made("a/a_s0", State.FAILED), made("a/a_s1", State.FAILED, 2)], FakeSlurm()
    request = Request(None, engine="slurm", slurm={"time": "1h"})
    result = retry(workplace / "data", request, slurm=fake.slurm())
    assert (result.exit_code, sorted(result.submitted)) == (0, [("12", 1), ("13", 1)])
    assert list(result.lines()) == ["2 failed runs, submitted to Slurm: job 12: 1 run, job 13: 1 run"]
    assert {state(run) for run in runs} == {State.PENDING}
    assert all(read_submission(run) for run in runs)
    assert retry(workplace / "data", request, slurm=fake.slurm()).wanted == 0


def test_what_slurm_does_not_take_has_failed_as_before(made: Any, workplace: Path) -> None:
    run, fake = made("a/a_s0", State.FAILED), FakeSlurm(refusal="Invalid account")
    before = read_status(run)
    with pytest.raises(LaunchError, match="Slurm does not take these jobs: Invalid account"):
        retry(workplace / "data", Request(None, engine="slurm"), slurm=fake.slurm())
    assert (read_status(run), read_submission(run)) == (before, None)


def test_a_run_that_is_tried_again_here_is_no_job_s_any_more(handed: Any, play: Any) -> None:
    run = handed(0, State.FAILED)
    assert (play().exit_code, read_submission(run)) == (0, None)


def test_that_runs_of_slurm_s_are_run_here_is_said_in_one_line(
    handed: Any, made: Any, play: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    handed(0, State.FAILED)
    play()
    one = capsys.readouterr().out.splitlines()[0]
    assert one == "this ran with Slurm and is now run here; --engine slurm submits it"
    handed(1, State.FAILED)
    handed(2, State.FAILED)
    play(retries=1)
    two = capsys.readouterr().out.splitlines()[0]
    assert two == "these ran with Slurm and are now run here; --engine slurm submits them"
    handed(3, State.FAILED)
    made("b/b_s0", State.FAILED)
    play()
    assert capsys.readouterr().out.startswith("1 of these 2 runs ran with Slurm and is now run here")


def test_of_runs_that_were_always_here_nothing_is_said(
    made: Any, play: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made("a/a_s0", State.FAILED)
    play()
    assert "Slurm" not in capsys.readouterr().out
