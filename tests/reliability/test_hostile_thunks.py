"""Functions that harm their process and those around it: the run ends as it must, nothing of it stays, others go on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deaths_hostile as hostile
import pytest
from deaths_bench import Bench, Seen

from sweep.launch.supervisor.processes import read

MEGABYTE = 2**20
MOST_GROWTH = 20 * MEGABYTE
# Of what a run prints, in these tests.
LIMIT = MEGABYTE
# What may become of a run that was lost with what ran it.
LOST = ("failed", "interrupted")

Need = Callable[[str, bool, str], None]


@pytest.fixture(params=["fork", "spawn"])
def bench(request: pytest.FixtureRequest, home: Path) -> Iterator[Bench]:
    with Bench(home, start=request.param, output_limit=LIMIT) as bench:
        assert bench.run(hostile.harmless).start == request.param
        yield bench


def _goes_on(bench: Bench) -> None:
    seen = bench.run(hostile.harmless)
    assert (seen.state, seen.left_behind) == ("done", ()), seen


def _gone(file: Path) -> bool:
    """Say whether the process that wrote its number there has ended."""
    process = read(int(file.read_text()))
    return process is None or process.state in "ZX"


def _ended(bench: Bench, thunk: Callable[..., Any], state: str, **kwargs: Any) -> Seen:
    """Run a function, see that nothing of it is left and that another run goes on as ever."""
    seen = bench.run(thunk, **kwargs)
    assert (seen.state, seen.processes) == (state, ()), seen
    _goes_on(bench)
    return seen


# -- what is left behind


def test_threads_that_are_left_end_with_their_run(bench: Bench) -> None:
    assert _ended(bench, hostile.leave_threads, "done").seconds < 8


def test_a_run_is_done_though_a_thread_of_it_never_ends(bench: Bench, need: Need, long: bool) -> None:
    need("long", long, "set SWEEP_TEST_LONG=1")
    _ended(bench, hostile.leave_a_thread_that_counts, "done", timeout_s=50)


@pytest.mark.parametrize(
    ("thunk", "kwargs"),
    [
        (hostile.leave_a_child, {}),
        (hostile.leave_a_daemon, {}),
        (hostile.leave_a_program, {"bare": False}),
        (hostile.leave_a_program, {"bare": True}),
    ],
    ids=["child", "daemon", "program", "program without environment"],
)
def test_a_process_that_lives_on_ends_with_its_run(
    bench: Bench, thunk: Callable[..., None], kwargs: dict[str, bool]
) -> None:
    file = bench.home / "pid"
    seen = bench.run(thunk, file=str(file), **kwargs)
    assert (seen.state, seen.processes) == ("done", ())
    assert _gone(file)
    _goes_on(bench)


def test_a_daemon_of_a_run_that_fails_ends_with_it(bench: Bench) -> None:
    file = bench.home / "pid"
    seen = bench.run(hostile.leave_a_daemon_and_raise, file=str(file))
    assert (seen.state, seen.cause) == ("failed", "rank 0: ValueError: on purpose")
    assert _gone(file)


@pytest.mark.parametrize(
    ("thunk", "kwargs"),
    [
        (hostile.leave_a_child, {}),
        (hostile.leave_a_daemon, {}),
        (hostile.leave_a_program, {"bare": False}),
    ],
    ids=["child", "daemon", "program"],
)
def test_a_process_that_lives_on_ends_with_its_run_while_another_run_goes_on(
    bench: Bench, thunk: Callable[..., None], kwargs: dict[str, bool]
) -> None:
    file, go = bench.home / "pid", bench.home / "go"
    _goes_on(bench)
    ended: dict[str, bool] = {}
    other, first = bench.job(hostile.wait, {"file": str(go)}), bench.job(thunk, {"file": str(file), **kwargs})
    for outcome in bench.outcomes([other, first]):
        if outcome.job is first:
            ended["gone"] = _gone(file)
            go.touch()
        assert outcome.state == "done"
    assert ended == {"gone": True}


# -- harm to itself


def test_a_run_that_ignores_signals_is_killed_when_its_time_is_over(bench: Bench) -> None:
    file = bench.home / "pid"
    seen = bench.run(hostile.go_on_whatever_comes, file=str(file), timeout_s=3)
    assert (seen.state, seen.kind, seen.processes) == ("failed", "timeout", ())
    assert _gone(file)


def test_a_run_may_change_its_directory_and_close_everything(bench: Bench) -> None:
    _ended(bench, hostile.close_everything, "done")


def test_a_run_that_eats_memory_is_out_of_memory(bench: Bench) -> None:
    seen = _ended(bench, hostile.eat_memory, "failed")
    assert (seen.kind, seen.cause.split(":")[:2]) == ("out of memory", ["rank 0", " MemoryError"])


@pytest.mark.parametrize(
    ("thunk", "kind", "cause"),
    [
        (hostile.leave_at_once, "error", "rank 0 ended with exit code 0 before the function returned"),
        (hostile.crash, "killed", "rank 0 was killed by SIGSEGV"),
        (hostile.kill_group, "killed", "rank 0 was killed by SIGKILL"),
        (hostile.remove_own_directory, "error", "its directory is gone"),
    ],
)
def test_the_cause_says_how_a_run_has_ended_itself(
    bench: Bench, thunk: Callable[[], None], kind: str, cause: str
) -> None:
    seen = _ended(bench, thunk, "failed")
    assert (seen.kind, seen.cause) == (kind, cause)


def test_a_run_whose_state_cannot_be_written_has_failed(bench: Bench) -> None:
    seen = _ended(bench, hostile.lock_directory, "failed")
    assert "status.json" in seen.cause


# -- harm to others


@pytest.mark.parametrize("start", ["fork"])
def test_a_run_that_kills_its_parent_takes_those_beside_it_and_no_more(home: Path, start: str) -> None:
    with Bench(home, start=start) as bench:
        _goes_on(bench)
        supervisor = bench.supervisor
        both = [
            bench.job(hostile.kill_parent, {"seconds": 0.3}),
            bench.job(hostile.wait, {"file": str(home / "never")}),
        ]
        for seen in bench.run_all(both):
            assert (seen.state in LOST, seen.kind) == (True, "lost"), seen
            assert "rank 0" in seen.cause and "SIGKILL" in seen.cause
        assert bench.processes() == []
        _goes_on(bench)
        assert bench.supervisor == supervisor
        assert bench.run(hostile.harmless).start == start


def test_a_spawned_run_that_kills_its_parent_takes_the_supervisor_and_the_next_run_has_a_new_one(home: Path) -> None:
    with Bench(home, start="spawn") as bench:
        seen = bench.run(hostile.kill_parent, seconds=0.0)
        assert (seen.state in LOST, seen.kind, seen.processes) == (True, "lost", ()), seen
        assert "the supervisor was killed by SIGKILL" in seen.cause
        _goes_on(bench)


def test_a_run_whose_parent_is_killed_again_and_again_is_spawned_in_the_end(home: Path) -> None:
    with Bench(home) as bench:
        _goes_on(bench)
        for _ in range(6):
            assert bench.run(hostile.kill_parent, seconds=0.0).state in LOST
        seen = bench.run(hostile.harmless)
        assert (seen.state, seen.left_behind) == ("done", ())


def test_a_run_that_asks_all_processes_of_its_launch_to_end_harms_nobody_but_runs(home: Path) -> None:
    with Bench(home) as bench:
        _goes_on(bench)
        supervisor = bench.supervisor
        bench.run(hostile.kill_all_it_finds)
        _goes_on(bench)
        assert bench.supervisor == supervisor


# -- harm to the disk


def test_temporary_files_of_a_failed_run_are_removed(bench: Bench) -> None:
    seen = _ended(bench, hostile.fill_temporary_directory, "failed", fail=True)
    assert "rank 0: OSError: [Errno 27] File too large" in seen.cause
    assert seen.rooms == ()


def test_temporary_files_that_a_finished_run_left_are_not_in_the_way_of_the_next_one(bench: Bench) -> None:
    for _ in range(2):
        assert bench.run(hostile.fill_temporary_directory, fail=False).state == "done"


# -- floods


def _reset_peak(pid: int) -> int:
    """Return the memory that a process has, in bytes, and let its peak be told from here on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _memory(pid, "VmRSS")


def _memory(pid: int, which: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(which))


@pytest.mark.limit(180)
@pytest.mark.parametrize("lines", [False, True], ids=["one line", "many lines"])
@pytest.mark.parametrize("limit", [LIMIT, 64 * MEGABYTE])
def test_a_flood_of_output_is_cut_in_the_middle_and_takes_no_memory(
    home: Path, long: bool, lines: bool, limit: int
) -> None:
    shown = [0]

    def show(data: bytes) -> None:
        shown[0] += len(data)

    with Bench(home, show=show, output_limit=limit) as bench:
        _goes_on(bench)
        shown[0] = 0
        both = (os.getpid(), bench.supervisor)
        before = [_reset_peak(pid) for pid in both]
        seen = bench.run(hostile.flood, size=(1000 if long else 100) * MEGABYTE, lines=lines, timeout_s=120)
        growth = [_memory(pid, "VmHWM") - was for pid, was in zip(both, before, strict=True)]
        assert (seen.state, bench.supervisor) == ("done", both[1])
    assert "the beginning" in seen.output[:100]
    assert "the end" in seen.output[-100:]
    assert limit / 2 < seen.size < 1.1 * limit + 1000
    assert 0 < shown[0] <= seen.size
    assert max(growth) < MOST_GROWTH, f"driver and supervisor grew by {growth} bytes"


def test_a_flood_without_an_end_does_not_keep_the_supervisor_from_its_work(bench: Bench) -> None:
    started = time.monotonic()
    jobs = [bench.job(hostile.flood_for_ever, {}), bench.job(hostile.harmless, {})]
    flood, other = bench.run_all(jobs, timeout_s=3)
    assert (other.state, flood.state, flood.kind) == ("done", "failed", "timeout")
    assert flood.processes == ()
    assert time.monotonic() - started < 20
