"""Real processes behind the three verbs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sweep.launch.engines import local
from sweep.launch.engines.base import Ended
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine
from sweep.launch.slots import Slot
from sweep.rundir.paths import RunDir

CORES = tuple(sorted(os.sched_getaffinity(0)))


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Job]:
    """Return a function that makes a job whose process runs a text as a Python program."""
    programs: dict[Job, str] = {}
    monkeypatch.setattr(local, "child_argv", lambda job, machine: [sys.executable, "-c", programs[job]])

    def make(code: str) -> Job:
        run = RunDir(tmp_path / f"run{len(programs)}")
        run.path.mkdir()
        job = Job(run, run.path.name)
        programs[job] = code
        return job

    return make


@pytest.fixture
def engine() -> LocalEngine:
    return LocalEngine(Machine(Path(sys.executable)))


def ended(engine: LocalEngine) -> Iterator[Ended]:
    """Yield what ends, for as long as a test may take."""
    for _ in range(600):
        yield from engine.poll(0.1)
    raise AssertionError("nothing ended in a minute")


def finish(engine: LocalEngine, job: Job, slot: Slot | None = None) -> int:
    engine.submit(job, slot or Slot((), (), 0))
    return next(ended(engine)).exit_code


def test_what_it_prints_goes_to_the_log_and_not_to_the_screen(
    play: Callable[[str], Job], engine: LocalEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    job = play("import sys; print('out'); print('err', file=sys.stderr)")
    assert finish(engine, job) == 0
    assert sorted(job.run.output.read_text().split()) == ["err", "out"]
    assert capfd.readouterr().out == ""


def test_a_shown_run_is_shown_whole_and_only_this_attempt(play: Callable[[str], Job]) -> None:
    seen: list[bytes] = []
    engine = LocalEngine(Machine(Path(sys.executable)), show=seen.append)
    job = play("import time; print('one', flush=True); time.sleep(0.2); print('two')")
    job.run.output.write_text("an earlier attempt\n")
    assert finish(engine, job) == 0
    assert b"".join(seen) == b"one\ntwo\n"
    assert job.run.output.read_text() == "an earlier attempt\none\ntwo\n"


def test_a_signal_is_a_negative_exit_code(play: Callable[[str], Job], engine: LocalEngine) -> None:
    assert finish(engine, play("import os; os.kill(os.getpid(), 9)")) == -signal.SIGKILL


def test_its_input_is_empty_and_its_threads_are_set(play: Callable[[str], Job], engine: LocalEngine) -> None:
    job = play("import os, sys; print(repr(sys.stdin.read()), os.environ['OPENBLAS_NUM_THREADS'])")
    assert finish(engine, job) == 0
    assert job.run.output.read_text() == "'' 1\n"


def test_it_runs_on_the_cores_of_its_slot(play: Callable[[str], Job], engine: LocalEngine) -> None:
    job = play("import os, time; time.sleep(0.2); print(sorted(os.sched_getaffinity(0)))")
    finish(engine, job, Slot(CORES[-1:], (), 0))
    assert job.run.output.read_text() == f"[{CORES[-1]}]\n"


def test_several_run_at_once_and_each_end_is_told_once(play: Callable[[str], Job], engine: LocalEngine) -> None:
    jobs = [play(f"import time; time.sleep(0.{number}); raise SystemExit({number})") for number in (3, 1, 2)]
    for job in jobs:
        engine.submit(job, Slot((), (), 0))
    found = ended(engine)
    assert {(one.job, one.exit_code) for one in (next(found), next(found), next(found))} == set(
        zip(jobs, (3, 1, 2), strict=True)
    )
    assert engine.poll(0) == []


def test_cancelling_ends_the_whole_tree_and_the_end_is_told(play: Callable[[str], Job], engine: LocalEngine) -> None:
    inner = "import time; time.sleep(60)"
    job = play(f"import subprocess, sys; print('up', flush=True); subprocess.run([sys.executable, '-c', {inner!r}])")
    engine.submit(job, Slot((), (), 0))
    (process,) = psutil.Process().children()
    while not process.children():
        assert process.is_running()
    family = [process, *process.children(recursive=True)]
    engine.cancel([job])
    assert next(ended(engine)).exit_code == -signal.SIGTERM
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family[1:])
    engine.cancel([job])  # it is over: nothing to do
