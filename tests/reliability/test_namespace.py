"""A PID namespace around a launch: the kernel ends what a killed supervisor leaves, and runs are as without one."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import deaths_hostile as hostile
import pytest
from deaths_bench import Bench
from loops_drivers import HERE, Driver, Process, gone_within, look, processes, tell, wait_for, with_token
from namespace_driver import leave_a_daemon_and_wait

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher
from sweep.launch.engines.local import LocalEngine
from sweep.launch.leftovers import clear_leftovers
from sweep.launch.namespace import Namespace, find_namespace, namespace_argv, try_command
from sweep.launch.supervisor.processes import SUPERVISOR
from sweep.rundir.paths import RunDir
from sweep.rundir.status import read_status

# Nothing outlives a launch by more than this.
LEFT_S = 1.0
NOBODY = 65534

Need = Callable[[str, bool, str], None]


@pytest.fixture
def allowed(need: Need) -> None:
    """Skip a test where there are no PID namespaces for this user."""
    need("namespace", not (found := find_namespace(True)).note, found.note)


def need_ranks(ranks: int, need: Need) -> None:
    try:
        family = find_launcher(None, os.environ).family if ranks > 1 else ""
    except MpiError as error:
        need("mpi", False, str(error))
    need("mpich", family in ("", "mpich"), f"the launcher is of {family}")


RANKS = [1, pytest.param(2, marks=pytest.mark.mpi)]


# -- what is killed


def start_driver(home: Path, ranks: int = 1, namespace: bool = True, before: Sequence[str] = ()) -> Driver:
    """Start a driver and wait until the daemon of its run is there."""
    words = [*before, sys.executable, str(HERE / "namespace_driver.py"), str(home), str(ranks), str(namespace)]
    environ = {
        "SWEEP_TEST_LAUNCH": "1",
        "TMPDIR": str(home),
        "PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parents[1]))),
    }
    driver = Driver(words, home, environ)
    assert wait_for(lambda: driver.is_over or is_written(home / "daemon")), driver.text
    assert not driver.is_over, driver.text
    return driver


def is_written(file: Path) -> bool:
    return file.exists() and file.read_text() != ""


def between(driver: Driver) -> list[Process]:
    """Return what is outside of a driver's namespace, the first process in it, and its supervisor."""
    table, line = list(processes()), [driver.pid]
    found: list[Process] = []
    while len(found) < 3:
        (one,) = (one for one in table if one.parent == line[-1] and SUPERVISOR in one.words)
        found.append(one)
        line.append(one.pid)
    return found


@pytest.mark.parametrize("ranks", RANKS)
def test_when_the_supervisor_is_killed_the_kernel_ends_the_rest(
    home: Path, ranks: int, need: Need, allowed: None
) -> None:
    need_ranks(ranks, need)
    driver = start_driver(home, ranks)
    tell(driver.pid, signal.SIGSTOP)  # it would clear up
    tell(between(driver)[-1].pid)
    assert gone_within(LEFT_S) == []
    tell(driver.pid, signal.SIGCONT)
    assert driver.wait() == 0
    assert driver.text == "interrupted the supervisor was killed by SIGKILL\n"
    assert not list(home.glob("sweep-*"))


@pytest.mark.parametrize("which", [0, 1, 2], ids=["what is outside", "the first inside", "the supervisor"])
def test_when_the_driver_is_killed_too_the_kernel_ends_the_rest(home: Path, which: int, allowed: None) -> None:
    driver = start_driver(home)
    line = between(driver)
    for one in (driver, line[-1]):  # they would clear up
        tell(one.pid, signal.SIGSTOP)
    tell(line[which].pid)
    driver.kill()
    assert gone_within(LEFT_S) == []


def test_without_a_namespace_a_daemon_stays_until_the_next_launch_begins(home: Path) -> None:
    driver = start_driver(home, namespace=False)
    (supervisor,) = (one for one in processes() if one.parent == driver.pid and SUPERVISOR in one.words)
    tell(driver.pid, signal.SIGSTOP)
    tell(supervisor.pid)
    driver.kill()
    assert [one.pid for one in gone_within(LEFT_S / 2)] == [int((home / "daemon").read_text())]
    assert clear_leftovers(home) == ["ended 1 process that an earlier launch had left behind"]
    assert with_token() == []


def test_when_the_driver_alone_is_killed_the_supervisor_ends_the_run_and_says_so(home: Path, allowed: None) -> None:
    start_driver(home).kill()
    wait_for(lambda: not with_token(), 5)
    status = read_status(RunDir(home / "run0"))
    assert status is not None
    assert (with_token(), status.state, status.cause) == ([], "interrupted", "its driver died")


def test_signals_to_what_stands_before_the_supervisor_change_nothing(home: Path, allowed: None) -> None:
    driver = start_driver(home)
    before = between(driver)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        for one in before:
            tell(one.pid, number)
    time.sleep(0.1)
    assert not driver.is_over
    assert [one.pid for one in between(driver)] == [one.pid for one in before]
    driver.process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("ranks", RANKS)
def test_without_root_it_is_the_same(home: Path, ranks: int, need: Need) -> None:
    need_ranks(ranks, need)
    need("root", os.geteuid() == 0, "this user is not root, so that the other tests have shown it")
    before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    why = try_command([*before, *namespace_argv(1, as_root=False), sys.executable, "-c", "import sweep"])
    need("namespace", not why, why)
    folder = Path("/tmp") / f"{home.name}-{os.getpid()}"  # the usual ones are for root alone
    folder.mkdir()
    try:
        os.chown(folder, NOBODY, NOBODY)
        driver = start_driver(folder, ranks, before=before)
        inside = between(driver)[-1]
        status = read_status(RunDir(folder / "run0"))
        assert status is not None
        assert status.pid == inside.pid
        tell(driver.pid, signal.SIGSTOP)
        tell(inside.pid)
        driver.kill()
        assert gone_within(LEFT_S) == []
    finally:
        shutil.rmtree(folder)


# -- what is not


@pytest.fixture
def benches(home: Path) -> Iterator[Callable[..., list[Bench]]]:
    """Return a function that makes two benches, without a namespace and with one."""
    made: list[Bench] = []

    def make(ranks: int, **machine: Any) -> list[Bench]:
        for namespace in (False, True):
            folder = home / str(namespace)
            folder.mkdir()
            made.append(Bench(folder, ranks, namespace=namespace, **machine))
        return made

    yield make
    for bench in made:
        bench.engine.close()


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("ranks", RANKS)
def test_runs_end_as_they_do_without_it(
    benches: Callable[..., list[Bench]], ranks: int, start: str, need: Need, long: bool, allowed: None
) -> None:
    need_ranks(ranks, need)
    need("long", long or start == "fork", "the long form of the reliability tests: SWEEP_TEST_LONG=1")
    ends = []
    for bench in benches(ranks, start=start):
        thunks = (hostile.harmless, hostile.leave_at_once, hostile.crash)
        seen = [bench.run(thunk) for thunk in thunks]
        file = str(bench.home / "daemon")
        seen.append(bench.run(hostile.leave_a_daemon_and_raise, file=file))
        seen.append(bench.run(leave_a_daemon_and_wait, timeout_s=1.5, file=file))
        ends.append([(one.state, one.kind, one.cause.partition("rank")[0], one.start, one.note) for one in seen])
        assert not list(bench.rooms())
    assert ends[0] == ends[1]
    assert [end[0] for end in ends[1]] == ["done", "failed", "failed", "failed", "failed"]


def test_the_record_names_the_supervisor_by_its_number_outside(home: Path, allowed: None) -> None:
    with Bench(home, namespace=True) as bench:
        bench.run(hostile.harmless)
        status = read_status(RunDir(home / "run0"))
        assert status is not None
        first = look(status.pid)
        assert first is not None and SUPERVISOR in first.words
        outside = look(first.parent)
        assert outside is not None and outside.parent == bench.supervisor


def numbers(file: str) -> None:
    """Write down how processes are numbered here."""
    Path(file).write_text(f"{os.getpid()} {len([one for one in os.listdir('/proc') if one.isdecimal()])}")  # noqa: PTH208


def test_two_namespaces_number_their_processes_differently_as_mpi_shares_memory_by_them(
    home: Path, allowed: None
) -> None:
    seen = []
    for name in "ab":
        (home / name).mkdir()
        with Bench(home / name, namespace=True) as bench:
            bench.run(numbers, file=str(home / name / "numbers"))
        pid, count = map(int, (home / name / "numbers").read_text().split())
        assert count < 20
        seen.append(pid)
    assert abs(seen[0] - seen[1]) > 10


@pytest.mark.mpi
def test_shared_memory_of_a_crashed_world_is_removed_and_that_of_others_is_not(
    home: Path, need: Need, allowed: None
) -> None:
    need_ranks(2, need)
    folder = Path("/dev/shm")
    used, unused = (folder / f"mpich_shm_{word}{os.getpid()}" for word in ("used", "unused"))
    try:
        for file in (used, unused):
            file.write_bytes(bytes(4096))
        with used.open("r+b") as opened, mmap.mmap(opened.fileno(), 4096), Bench(home, 2, namespace=True) as bench:
            assert bench.run(hostile.harmless).state == "done"
            seen = bench.run(note_and_crash)
            assert (seen.state, seen.segments) == ("failed", ())
            assert (used.exists(), unused.exists()) == (True, False)
    finally:
        for file in (used, unused):
            file.unlink(missing_ok=True)


def note_and_crash() -> None:
    """Have shared memory with other ranks, and crash."""
    from deaths_bench import note_segments

    from sweep import mpi_sum

    mpi_sum(1)
    note_segments()
    hostile.crash()


# -- where there is none


def test_a_run_says_that_there_was_no_namespace_and_goes_on(home: Path) -> None:
    with Bench(home, namespace=True) as bench:
        refused = "unshare: unshare failed: Operation not permitted"
        bench.engine = LocalEngine(
            bench.engine._machine, home, find=lambda wanted: find_namespace(wanted, probe=lambda argv: refused)
        )
        seen = bench.run(hostile.harmless)
    assert (seen.state, seen.note) == ("done", f"no PID namespace: {refused}")


def test_nothing_is_said_or_tried_where_none_is_wanted(home: Path) -> None:
    asked: list[bool] = []

    def find(wanted: bool) -> Namespace:
        asked.append(wanted)
        return find_namespace(wanted, probe=lambda argv: "it was tried")

    with Bench(home) as bench:
        bench.engine = LocalEngine(bench.engine._machine, home, find=find)
        seen = bench.run(hostile.harmless)
    assert (seen.state, seen.note, asked) == ("done", "", [False])


def test_a_system_that_refuses_is_recognised(need: Need, home: Path) -> None:
    need("root", os.geteuid() == 0, "only root can take its own rights away")
    words = ["setpriv", "--bounding-set=-sys_admin", sys.executable, "-c", "import sys; sys.path.append(sys.argv[1]); "]
    words[-1] += "from sweep.launch.namespace import find_namespace; print(find_namespace(True).note)"
    answer = subprocess.run([*words, str(HERE.parents[1])], capture_output=True, text=True, check=True)
    assert answer.stdout == "no PID namespace: unshare: unshare failed: Operation not permitted\n"
