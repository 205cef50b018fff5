"""The process of a run, started as the driver starts it, with payloads written here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sweep.base.mpi_command import find_launcher, mpi_argv, mpi_environment
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.status import State, Status, read_status, write_status

Finished = subprocess.CompletedProcess[str]
Start = Callable[..., Finished]
TIMEOUT_S = 60


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "run")
    run.own.mkdir(parents=True)
    write_status(run, Status(State.PENDING).begun())  # as its supervisor does
    return run


@pytest.fixture
def start(run: RunDir) -> Start:
    """Return a function that runs a thunk in the processes of a run, to their end."""

    def start_it(thunk: Callable[..., Any], num_cpu: int = 1, goodbye_s: float = TIMEOUT_S) -> Finished:
        write_payload(run, Call(thunk, {}), num_cpu, goodbye_s)
        argv, environ = command(run, num_cpu)
        return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    return start_it


def command(run: RunDir, num_cpu: int) -> tuple[list[str], Mapping[str, str]]:
    """Return how the ranks are started; under a launcher mpi4py's runner stands around them."""
    child = ["-m", "sweep.runtime.process.child", str(run.path)]
    if num_cpu == 1:
        return [sys.executable, *child], os.environ
    launcher = find_launcher(None, os.environ)
    ranks = [sys.executable, "-m", "mpi4py", *child]
    argv = mpi_argv(launcher, num_cpu, ranks, (), as_root=os.geteuid() == 0)
    return argv, mpi_environment(os.environ, launcher.family)


def state(run: RunDir) -> State:
    status = read_status(run)
    assert status is not None
    return status.state


def error(run: RunDir, rank: int = 0) -> str:
    return str(json.loads(run.failure(rank).read_text())["error"])


# One rank


def test_a_thunk_that_returns_is_done(run: RunDir, start: Start) -> None:
    assert start(lambda: None).returncode == 0
    assert state(run) is State.DONE


def test_a_thunk_that_is_async_has_failed_and_not_run(run: RunDir, start: Start) -> None:
    async def train() -> None:
        pass

    done = start(train)
    assert done.returncode == 1
    assert state(run) is State.RUNNING
    assert error(run) == "TypeError: train() returned a coroutine and ran nothing; write a plain function"
    assert "never awaited" not in done.stderr


def test_a_thunk_that_yields_has_failed_and_not_run(run: RunDir, start: Start) -> None:
    def train() -> Iterator[int]:
        yield 1

    assert start(train).returncode == 1
    assert error(run) == "TypeError: train() returned a generator and ran nothing; write a plain function"


def test_a_thunk_that_is_async_and_yields_has_failed_and_not_run(run: RunDir, start: Start) -> None:
    async def train() -> AsyncIterator[int]:
        yield 1

    done = start(train)
    assert done.returncode == 1
    assert error(run) == "TypeError: train() returned an async generator and ran nothing; write a plain function"
    assert "never awaited" not in done.stderr


# Several ranks


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
@pytest.mark.parametrize("early", [0, 1])
def test_a_rank_that_returns_while_another_waits_for_it_fails_the_run(run: RunDir, start: Start, early: int) -> None:
    def train() -> None:
        from sweep.runtime.mpi.helpers import mpi_sum, proc_id

        if proc_id() != early:
            mpi_sum(1)

    started = time.monotonic()
    done = start(train, num_cpu=2, goodbye_s=1.0)
    assert time.monotonic() - started < 30
    assert done.returncode != 0
    assert state(run) is State.RUNNING
    assert error(run, early) == (
        f"sweep.base.errors.MpiError: rank {early} returned, but other ranks were still running 1 s later"
    )


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_a_rank_that_returns_a_little_earlier_waits_for_the_others(run: RunDir, start: Start) -> None:
    def train() -> None:
        import time

        from sweep.runtime.mpi.helpers import proc_id

        time.sleep(proc_id())

    assert start(train, num_cpu=2).returncode == 0
    assert state(run) is State.DONE


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_a_thunk_that_finalizes_mpi_itself_is_done_when_it_returned(run: RunDir, start: Start) -> None:
    def train() -> None:
        from mpi4py import MPI

        MPI.COMM_WORLD.Barrier()
        MPI.Finalize()

    done = start(train, num_cpu=2)
    assert done.returncode == 0, done.stderr
    assert state(run) is State.DONE


@pytest.mark.mpi
@pytest.mark.usefixtures("mpi")
def test_a_thunk_that_raises_after_it_finalized_mpi_leaves_its_own_error(run: RunDir, start: Start) -> None:
    def train() -> None:
        from mpi4py import MPI

        MPI.Finalize()
        raise ValueError("on purpose")

    assert start(train, num_cpu=2).returncode != 0
    assert error(run) == "ValueError: on purpose"
