"""Real processes behind the verbs of an engine: what a supervisor starts, shows and ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine
from sweep.launch.slots import Demand, Slot
from sweep.launch.supervisor.processes import command_line, environment, ours, read
from sweep.rundir.lock import holder, take
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.status import Kind, State, Status, read_status, write_status

CORES = tuple(sorted(os.sched_getaffinity(0)))
ANY = Slot((), (), 0)


class Stage:
    """Jobs in a temporary directory and an engine that runs them."""

    def __init__(self, folder: Path, start: str = "auto", **machine: Any) -> None:
        self.folder, self.made = folder, 0
        self.seen: list[bytes] = []
        self.engine = LocalEngine(Machine(Path(sys.executable), start=start, **machine), folder)

    def job(self, thunk: Callable[[], Any]) -> Job:
        run = RunDir(self.folder / f"run{self.made}")
        self.made += 1
        run.own.mkdir(parents=True)
        write_payload(run, Call(thunk, {}), 1)
        write_status(run, Status(State.PENDING))
        return Job(run, run.path.name, Demand(), take(run.lock))

    def ends(self) -> Iterator[Ended]:
        """Yield what ends, for as long as a test may take."""
        for _ in range(600):
            yield from self.engine.poll(0.1)
        raise AssertionError("nothing ended in a minute")

    def wait_until_up(self, job: Job) -> None:
        """Wait until the function of a run has said that it is up."""
        while not job.run.output.exists() or "up" not in job.run.output.read_text():
            self.engine.poll(0.01)

    def warm(self) -> int:
        (pid,) = (pid for pid in marked(self.engine._token) if is_warm(pid))
        return pid

    def spares(self) -> list[int]:
        """Return the living children of the warm process, as soon as there are any; no run may be going on."""
        warm = self.warm()
        while not (found := children_of(warm)):
            self.engine.poll(0.01)
        return found

    @contextmanager
    def driver_leaves(self) -> Iterator[None]:
        """Have the driver gone before the supervisor reads what is said meanwhile, and wait for its end."""
        supervisor, wire = self.engine._process, self.engine._wire
        assert supervisor is not None
        assert wire is not None
        supervisor.send_signal(signal.SIGSTOP)
        yield
        self.engine._selector.unregister(wire)
        wire.close()
        supervisor.send_signal(signal.SIGCONT)
        supervisor.wait(60)
        self.engine._wire = self.engine._process = None

    def finish(self, thunk: Callable[[], Any], slot: Slot = ANY) -> tuple[Job, Cause]:
        job = self.job(thunk)
        self.engine.submit(job, slot)
        return job, next(self.ends()).cause


@pytest.fixture(params=["fork", "spawn"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, request.param)
    yield stage
    stage.engine.close()
    assert not list(marked(stage.engine._token))


def marked(token: str) -> Iterator[int]:
    """Yield the processes that an engine has started."""
    return (pid for pid in ours() if environment(pid).get("SWEEP_TOKEN") == token)


def state(job: Job) -> State:
    status = read_status(job.run)
    assert status is not None
    return status.state


def test_what_a_run_prints_goes_to_its_log_and_not_to_the_screen(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    def talk() -> None:
        print("out")
        os.write(2, b"err\n")

    job, _ = stage.finish(talk)
    assert state(job) is State.DONE
    assert job.run.output.read_text() == "out\nerr\n"
    assert capfd.readouterr().out == ""


def test_a_shown_run_is_shown_whole_and_only_this_attempt(tmp_path: Path) -> None:
    def talk() -> None:
        import time

        print("one")
        time.sleep(0.2)
        print("two")

    stage = Stage(tmp_path)
    stage.engine._show = stage.seen.append
    job = stage.job(talk)
    job.run.output.write_text("an earlier attempt\n")
    stage.engine.submit(job, ANY)
    next(stage.ends())
    assert b"".join(stage.seen) == b"one\ntwo\n"
    assert job.run.output.read_text() == "an earlier attempt\none\ntwo\n"
    stage.engine.close()


def test_the_record_says_how_a_run_was_started(stage: Stage) -> None:
    job, _ = stage.finish(lambda: None)
    status = read_status(job.run)
    assert status is not None
    assert status.start == stage.engine._machine.start
    assert status.attempt == 1


def test_a_rank_that_is_killed_is_told_with_its_signal(stage: Stage) -> None:
    job, cause = stage.finish(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert cause == Cause(Kind.KILLED, "rank 0 was killed by SIGKILL")
    assert state(job) is State.RUNNING


def test_a_rank_that_leaves_in_the_middle_is_told_with_its_code(stage: Stage) -> None:
    _, cause = stage.finish(lambda: os._exit(0))
    assert cause == Cause(Kind.ERROR, "rank 0 ended with exit code 0 before the function returned")


def test_a_rank_that_raises_is_told_with_its_error(stage: Stage) -> None:
    _, cause = stage.finish(lambda: {}["lr"])
    assert cause == Cause(Kind.ERROR, "rank 0: KeyError: 'lr'")


def test_a_process_that_the_function_has_forked_never_speaks_for_the_run(stage: Stage) -> None:
    def train() -> None:
        import time

        if os.fork() == 0:
            return
        time.sleep(0.5)
        raise ValueError("the real rank fails")

    job, cause = stage.finish(train)
    assert cause == Cause(Kind.ERROR, "rank 0: ValueError: the real rank fails")
    assert state(job) is State.RUNNING


def test_a_forked_process_that_raises_does_not_fail_the_run(stage: Stage) -> None:
    def train() -> None:
        child = os.fork()
        if child == 0:
            raise ValueError("only the copy fails")
        os.waitpid(child, 0)

    job, _ = stage.finish(train)
    assert state(job) is State.DONE
    assert job.run.failures() == []


def test_a_full_disk_is_named_where_not_even_a_failure_could_be_written(stage: Stage) -> None:
    def train() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    _, cause = stage.finish(train)
    assert cause == Cause(Kind.ERROR, "rank 0 failed and could not write why; is the disk full?")


def test_its_input_is_empty_and_its_threads_are_set(stage: Stage) -> None:
    def ask() -> None:
        print(repr(sys.stdin.read()), os.environ["OPENBLAS_NUM_THREADS"])

    job, _ = stage.finish(ask)
    assert job.run.output.read_text() == "'' 1\n"


def test_it_runs_on_the_cores_of_its_slot(stage: Stage) -> None:
    job, _ = stage.finish(lambda: print(sorted(os.sched_getaffinity(0))), Slot(CORES[-1:], (), 0))
    assert job.run.output.read_text() == f"[{CORES[-1]}]\n"


def test_a_run_that_is_given_no_cores_has_all_though_one_before_it_had_one(stage: Stage) -> None:
    for slot, cores in ((Slot(CORES[:1]), CORES[:1]), (ANY, CORES)):
        job, _ = stage.finish(lambda: print(sorted(os.sched_getaffinity(0))), slot)
        assert job.run.output.read_text() == f"{list(cores)}\n"


def test_several_run_at_once_and_each_end_is_told_once(stage: Stage) -> None:
    def leave(code: int) -> Callable[[], None]:
        return lambda: os._exit(code)

    jobs = [stage.job(leave(number)) for number in (3, 1, 2)]
    for job in jobs:
        stage.engine.submit(job, ANY)
    found = stage.ends()
    ends = [next(found), next(found), next(found)]
    assert {(end.job, end.cause.text.split()[6]) for end in ends} == set(zip(jobs, "312", strict=True))
    assert stage.engine.poll(0) == []


def wait_for_a_child() -> None:
    import subprocess

    print("up", flush=True)
    subprocess.run(["sleep", "60"], start_new_session=True, check=False)


def wait_deaf_to_a_stop() -> None:
    import time

    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    print("up", flush=True)
    time.sleep(60)


def test_cancelling_ends_the_whole_tree_and_the_end_is_told(stage: Stage) -> None:
    job = stage.job(wait_for_a_child)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    stage.engine.cancel([job])
    assert next(stage.ends()).cause.text == "it was ended"
    assert not [
        pid for pid in marked(stage.engine._token) if environment(pid).get("SWEEP_RUN_DIR") == str(job.run.path)
    ]
    stage.engine.cancel([job])  # it is over: nothing to do


def test_a_run_that_saves_when_it_is_asked_to_stop_has_its_time(stage: Stage) -> None:
    def train() -> None:
        import time

        def save(number: int, frame: object) -> None:
            time.sleep(0.3)
            print("saved", flush=True)
            os._exit(0)

        signal.signal(signal.SIGUSR1, save)
        print("up", flush=True)
        time.sleep(60)

    job = stage.job(train)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    stage.engine.cancel([job])
    next(stage.ends())
    assert job.run.output.read_text() == "up\nsaved\n"


def test_a_lock_is_held_until_the_run_has_ended_though_the_driver_lets_go(stage: Stage) -> None:
    job = stage.job(wait_for_a_child)
    assert job.lock is not None
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    job.lock.release()
    assert holder(job.run.lock) is not None
    stage.engine.cancel([job], now=True)
    next(stage.ends())
    assert holder(job.run.lock) is None


def test_a_long_output_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    def flood() -> None:
        print("begin")
        for number in range(200_000):
            print(number)

    stage = Stage(tmp_path, output_limit=100_000)
    job, _ = stage.finish(flood)
    text = job.run.output.read_text()
    assert text.startswith("begin\n0\n1\n")
    assert text.endswith("199999\n")
    assert "bytes left out" in text
    assert len(text) < 120_000
    stage.engine.close()


def test_a_warm_process_that_does_not_answer_is_ended_with_the_runs_that_are(tmp_path: Path) -> None:
    stage = Stage(tmp_path, grace_s=0.1)
    job = stage.job(wait_for_a_child)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    warm = stage.warm()
    os.kill(warm, signal.SIGSTOP)
    waiting = stage.job(lambda: None)
    stage.engine.submit(waiting, ANY)
    stage.engine.cancel([job, waiting])
    found = stage.ends()
    assert {next(found).job, next(found).job} == {job, waiting}
    again, _ = stage.finish(lambda: None)
    assert state(again) is State.DONE
    stage.engine.close()


def children_of(parent: int) -> list[int]:
    """Return the living children of a process."""
    found = {pid: process for pid in ours() if (process := read(pid))}
    return [pid for pid, process in found.items() if process.parent == parent and process.state not in "ZX"]


@pytest.mark.parametrize("is_known", [True, False])
def test_processes_that_are_killed_while_they_wait_for_a_run_are_replaced(tmp_path: Path, is_known: bool) -> None:
    stage = Stage(tmp_path, "fork")
    stage.finish(lambda: None)
    warm = stage.warm()
    waiting = stage.spares()
    if not is_known:
        os.kill(warm, signal.SIGSTOP)  # so that it does not tell of it
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    while set(waiting) & set(children_of(warm)):
        stage.engine.poll(0.01)
    job = stage.job(lambda: None)
    stage.engine.submit(job, ANY)
    if not is_known:
        stage.engine.poll(0.1)
        os.kill(warm, signal.SIGCONT)
    next(stage.ends())
    assert state(job) is State.DONE
    stage.engine.close()


def test_the_last_word_of_a_driver_that_leaves_is_heard(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fork", grace_s=600.0)
    job = stage.job(wait_deaf_to_a_stop)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    with stage.driver_leaves():  # it ends within a minute, and not in the ten of its grace
        stage.engine.cancel([job], now=True)


def test_runs_of_a_warm_process_that_is_killed_are_lost_though_another_begins_at_that_moment(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fork", grace_s=0.2)
    job = stage.job(wait_for_a_child)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    warm = stage.warm()
    supervisor = stage.engine._process
    assert supervisor is not None
    supervisor.send_signal(signal.SIGSTOP)  # so that it sees both at once
    os.kill(warm, signal.SIGKILL)
    while (process := read(warm)) is not None and process.state != "Z":
        stage.engine.poll(0.01)
    other = stage.job(lambda: None)
    stage.engine.submit(other, ANY)
    supervisor.send_signal(signal.SIGCONT)
    ends = stage.ends()
    causes = {end.job: end.cause for end in (next(ends), next(ends))}
    assert causes[job] == Cause(Kind.LOST, "rank 0 was lost: the warm process was killed by SIGKILL")
    assert state(other) is State.DONE or causes[other] == causes[job]  # given to a process that was dying too
    again, _ = stage.finish(lambda: None)
    assert state(again) is State.DONE
    stage.engine.close()


def test_a_warm_process_that_has_stopped_answering_is_replaced_when_a_run_that_waits_for_it_is_ended(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path, "fork", grace_s=0.1)
    stage.finish(lambda: None)
    warm = stage.warm()
    waiting = stage.spares()
    os.kill(warm, signal.SIGSTOP)
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    job = stage.job(lambda: None)
    stage.engine.submit(job, ANY)
    deadline = time.monotonic() + 5.5  # for so long it may be that it is only slow
    while time.monotonic() < deadline:
        assert not stage.engine.poll(0.1)
    stage.engine.cancel([job])
    assert next(stage.ends()).job is job
    again, _ = stage.finish(lambda: None)
    assert state(again) is State.DONE
    stage.engine.close()


def test_a_supervisor_that_does_not_answer_is_ended_when_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.launch.engines.local._CLOSE_S", 0.2)
    stage = Stage(tmp_path, grace_s=0.1)
    stage.finish(lambda: None)
    assert stage.engine._process is not None
    stage.engine._process.send_signal(signal.SIGSTOP)
    stage.engine.close()
    assert not list(marked(stage.engine._token))


def test_a_supervisor_that_begins_after_its_driver_has_gone_starts_nothing(stage: Stage) -> None:
    job = stage.job(lambda: None)
    stage.engine.submit(job, ANY)
    with stage.driver_leaves():
        pass  # the supervisor is an interpreter that has not yet read a line
    assert not job.run.output.exists()
    assert state(job) is State.PENDING


def is_warm(pid: int) -> bool:
    """Say whether a process is the warm one: the child of a supervisor that runs our module."""
    process = read(pid)
    words = " ".join(command_line(pid))
    parent = " ".join(command_line(process.parent)) if process else ""
    return "sweep.runtime.process.warm" in words and "sweep.launch.supervisor" in parent


def test_when_the_supervisor_is_killed_its_runs_are_lost_and_the_next_goes_on(stage: Stage) -> None:
    job = stage.job(wait_for_a_child)
    stage.engine.submit(job, ANY)
    stage.wait_until_up(job)
    assert stage.engine._process is not None
    stage.engine._process.kill()
    assert next(stage.ends()).cause == Cause(Kind.LOST, "the supervisor was killed by SIGKILL")
    assert not list(marked(stage.engine._token))
    job, _ = stage.finish(lambda: None)
    assert state(job) is State.DONE
