"""The driver's and the worker's end of a run on an executor, apart from one another: futures that a test resolves."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.causes import Cause
from sweep.launch.engines.errand import Errand, run_errand
from sweep.launch.engines.executor import AT_ONCE, Boundless, ExecutorEngine, workers_of
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand
from sweep.rundir.lending import lend, take_work
from sweep.rundir.lock import Lock, take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, Status, write_status

SLOT = Boundless().take(Demand())
DIED = (Kind.LOST, "the worker that ran it died")
UNWANTED = (Kind.KILLED, "it was ended before it began")


@dataclass
class Recorder:
    """An executor that runs nothing."""

    errands: list[Errand] = field(default_factory=list)
    futures: list[Future[Any]] = field(default_factory=list)
    broken: str = ""

    def submit(self, function: Any, /, *words: Any) -> Future[Any]:
        if self.broken:
            raise RuntimeError(self.broken)
        assert function is run_errand
        self.errands.append(pickle.loads(pickle.dumps(words[0])))
        self.futures.append(Future())
        return self.futures[-1]


@pytest.fixture
def executor() -> Recorder:
    return Recorder()


@pytest.fixture
def engine(tmp_path: Path, executor: Recorder) -> ExecutorEngine:
    environ = {"SWEEP_RUN_ORIGIN": "/o", "PATH": "/bin"}
    return ExecutorEngine(executor, Machine(Path(sys.executable)), tmp_path, environ, Limits(timeout_s=9.0))


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    run = RunDir(tmp_path / "a" / "a_s0")
    run.own.mkdir(parents=True)
    write_status(run, Status(State.PENDING))
    lock = take(run.lock)
    assert lock is not None
    yield Job(run, "a seed 0", Demand(), lock)
    lock.release()


def worker(job: Job) -> Lock:
    lock = take_work(job.run.lock)
    assert lock is not None
    return lock


def test_what_is_submitted_is_plain_data_with_what_the_run_is_told(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    job.run.stop.write_text("stop")
    engine.submit(job, SLOT)
    [errand] = executor.errands
    assert (errand.run, errand.attempt, errand.timeout_s, errand.folder) == (str(job.run.path), 0, 9.0, str(Path.cwd()))
    assert errand.environ == {"SWEEP_RUN_ORIGIN": "/o"}
    assert not job.run.stop.exists()


def test_two_errands_are_never_equal(engine: ExecutorEngine, executor: Recorder, job: Job) -> None:
    engine.submit(job, SLOT)
    engine.submit(job, SLOT)
    first, second = executor.errands
    assert first != second
    assert replace(first, ticket=second.ticket) == second


def test_a_run_has_ended_when_its_future_is_done_and_nothing_of_it_is_alive(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    engine.submit(job, SLOT)
    assert engine.poll(0) == []
    lock = worker(job)
    executor.futures[0].set_exception(OSError("the worker is gone\nreally"))
    assert engine.poll(0) == []
    lock.release()
    [ended] = engine.poll(0)
    assert (ended.job, ended.cause) == (job, Cause(Kind.LOST, "the executor lost it: OSError: the worker is gone"))
    assert engine.poll(0) == []


def test_what_the_worker_has_seen_is_the_cause(engine: ExecutorEngine, executor: Recorder, job: Job) -> None:
    engine.submit(job, SLOT)
    executor.futures[0].set_result(("timeout", "it took too long"))
    assert engine.poll(0)[0].cause == Cause(Kind.TIMEOUT, "it took too long")


def test_a_run_that_waits_is_taken_back_and_could_not_begin_any_more(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    engine.submit(job, SLOT)
    engine.cancel([job])
    assert engine.poll(0)[0].cause == Cause(*UNWANTED)
    assert run_errand(executor.errands[0]) == UNWANTED


def test_a_run_that_goes_on_is_told_by_its_stop_file_and_may_be_hurried(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    engine.submit(job, SLOT)
    executor.futures[0].set_running_or_notify_cancel()
    engine.cancel([job])
    assert job.run.stop.read_text() == "stop"
    engine.cancel([job], now=True)
    engine.cancel([job])
    assert job.run.stop.read_text() == "now"
    assert engine.poll(0) == []


def test_an_executor_that_takes_nothing_any_more_is_one_line(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    executor.broken = "shut down\nlong ago"
    with pytest.raises(LaunchError, match="takes no more runs: RuntimeError: shut down; make a new one") as caught:
        engine.submit(job, SLOT)
    assert "\n" not in str(caught.value)


def test_an_errand_of_a_driver_that_has_died_is_not_run(engine: ExecutorEngine, executor: Recorder, job: Job) -> None:
    engine.submit(job, SLOT)
    assert job.lock is not None
    job.lock.release()
    assert run_errand(executor.errands[0]) == UNWANTED


def test_an_errand_whose_first_worker_is_still_ending_its_run_is_not_run_again(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    engine.submit(job, SLOT)
    lock = worker(job)
    assert run_errand(executor.errands[0]) == DIED
    lock.release()


@pytest.mark.parametrize("state", [State.RUNNING, State.INTERRUPTED, State.DONE])
def test_an_errand_that_was_begun_before_is_not_run_again(
    engine: ExecutorEngine, executor: Recorder, job: Job, state: State
) -> None:
    engine.submit(job, SLOT)
    begun = Status(State.PENDING).begun()
    write_status(job.run, begun if state is State.RUNNING else begun.ended_as(state))
    assert run_errand(executor.errands[0]) == DIED


def test_a_worker_that_does_not_see_the_directory_says_so_in_one_line(
    engine: ExecutorEngine, executor: Recorder, job: Job
) -> None:
    engine.submit(job, SLOT)
    kind, text = run_errand(replace(executor.errands[0], run="/not/here"))
    assert kind == Kind.ERROR
    assert text.startswith("it cannot be run on ")
    assert "/not/here" in text


def test_an_executor_is_kept_busy_with_as_many_runs_as_it_has_workers() -> None:
    assert workers_of(Recorder()) == AT_ONCE
    recorder: Any = Recorder()
    recorder._max_workers = 3
    assert workers_of(recorder) == 3


def test_lending_is_what_makes_a_run_the_worker_s(job: Job) -> None:
    assert job.lock is not None
    assert take_work(job.run.lock) is None
    lend(job.lock, job.run.lock)
    worker(job).release()
