"""The driver's end of runs on several hosts: what workers tell, and hosts that are lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.engines.errand_file import errand_file
from sweep.launch.engines.errand_main import main
from sweep.launch.hosts import engine as engine_module
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.job import Job
from sweep.launch.slots import Demand, Slot
from sweep.rundir.lending import take_work
from sweep.rundir.status import Kind

Make = Callable[[str], "tuple[HostsEngine, HostSlots]"]


def ended(engine: HostsEngine, seconds: float = 20.0) -> Cause:
    deadline = time.monotonic() + seconds
    ends: list[Ended] = []
    while not ends and time.monotonic() < deadline:
        ends = engine.poll(0.1)
    return ends[0].cause


def taken(slots: HostSlots) -> Slot:
    slot = slots.take(Demand())
    assert slot is not None
    return slot


def test_what_a_worker_says_of_the_end_is_handed_on(make: Make, job: Job) -> None:
    engine, slots = make("""say '"begun": "h1"'; say '"kind": "error", "text": "rank 0:\\n  no"'; echo noise""")
    engine.submit(job, taken(slots))
    assert ended(engine) == Cause(Kind.ERROR, "rank 0: no")
    assert slots.take(Demand()) is not None  # the host has answered: there is room for more than one
    assert not errand_file(job.run).exists()


def test_the_errand_has_all_but_what_is_for_reaching_the_host(make: Make, job: Job, tmp_path: Path) -> None:
    engine, slots = make("""cp "$file" "${0%/*}/copy"; say '"begun": "h1"'""")
    engine.submit(job, taken(slots))
    ended(engine)
    found = json.loads((tmp_path / "copy").read_text())
    assert found["machine"]["flags"] == ["-x"]
    assert found["machine"]["launcher"] is None
    assert (found["timeout_s"], found["numbers"], found["of"]) == (9.0, [0], 4)


def test_a_launcher_that_ends_without_a_word_has_lost_its_host(make: Make, job: Job) -> None:
    engine, slots = make("echo 'ssh: connect to host h1 port 22: Connection refused' >&2; exit 255")
    engine.submit(job, slot := taken(slots))
    assert ended(engine) == Cause(Kind.LOST, "host h1 was lost: ssh: connect to host h1 port 22: Connection refused")
    slots.give_back(slot)
    assert slots.take(Demand()) is None  # it is out of service


def test_a_lost_run_has_not_ended_while_its_lock_is_held(make: Make, job: Job) -> None:
    engine, slots = make("exit 255")
    engine.submit(job, taken(slots))
    work = take_work(job.run.lock)
    assert work is not None
    assert engine.poll(0.5) == []
    work.release()
    assert ended(engine) == Cause(Kind.LOST, "host h1 was lost")


def test_a_run_that_has_ended_where_nobody_is_heard_has_ended(make: Make, job: Job) -> None:
    engine, slots = make("""say '"begun": "h1"'; sleep 5 & wait""")
    engine.submit(job, taken(slots))
    work = take_work(job.run.lock)
    assert work is not None
    assert engine.poll(1.5) == [] and engine.poll(0.3) == []
    work.release()
    assert ended(engine) == Cause(Kind.LOST, "host h1 was lost: it is silent")


def test_a_launcher_that_waits_with_nothing_below_it_is_ended(make: Make, job: Job) -> None:
    engine, slots = make('sleep 0.5; say \'"begun": "h1"\'; read line < /dev/ptmx')
    engine.submit(job, taken(slots))
    assert ended(engine).text.startswith("host h1 was lost")


def test_a_run_that_is_cancelled_before_it_has_begun_never_begins(make: Make, job: Job) -> None:
    engine, slots = make("sleep 5 & wait")
    engine.submit(job, slot := taken(slots))
    engine.cancel([job])
    assert job.run.stop.read_text() == "stop"
    assert ended(engine) == Cause(Kind.KILLED, "it was ended before it began")
    slots.give_back(slot)
    assert slots.take(Demand()) is not None  # that was no loss


def test_a_host_that_cannot_begin_is_as_good_as_lost(make: Make, job: Job) -> None:
    engine, slots = make("""say '"kind": "lost", "text": "h1 does not see /x"'""")
    engine.submit(job, slot := taken(slots))
    assert ended(engine) == Cause(Kind.LOST, "h1 does not see /x")
    slots.give_back(slot)
    assert slots.take(Demand()) is None


def test_the_module_of_workers_is_where_the_engine_says() -> None:
    assert main.__module__ == engine_module.ERRAND_MODULE
