"""One run on behalf of a driver elsewhere: which cores it gets, and when it is not wanted any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.engines.errand import Errand, _seen_to_its_end, cores_of, run_errand
from sweep.launch.job import Job
from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.rundir.lending import lend
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, Status, write_status

Make = Callable[..., Errand]


def test_a_run_gets_cores_by_its_slots_where_the_host_has_that_many(errand: Make) -> None:
    here = (0, 2, 1, 3)
    assert cores_of(errand(), here) == (2, 1)
    assert cores_of(errand(of=5), here) == ()
    assert cores_of(errand(numbers=()), here) == here


def test_a_worker_whose_run_was_started_again_elsewhere_ends_its_own_at_once(job: Job) -> None:
    """As after a file server has given its lock away, while it could not be reached."""
    status = Status(State.PENDING).begun()
    write_status(job.run, status)
    ends: list[Ended] = []
    told: list[bool] = []

    class Elsewhere:
        def poll(self, wait_s: float) -> list[Ended]:
            return ends

        def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
            told.append(now)
            ends.append(Ended(job, Cause(Kind.KILLED, "it was ended")))

    watch = Watch(job.run, Limits(), 0.0)
    write_status(job.run, replace(status, attempt=2))
    assert _seen_to_its_end(Elsewhere(), job, watch, attempt=1).kind == Kind.KILLED  # type: ignore[arg-type]
    assert told == [True]


def test_an_errand_whose_run_was_started_since_is_refused(run: RunDir, errand: Make) -> None:
    lock = take(run.lock)
    assert lock is not None
    lend(lock, run.lock)
    write_status(run, replace(Status(State.PENDING), attempt=3))
    assert run_errand(errand())[0] == Kind.LOST
    lock.release()
