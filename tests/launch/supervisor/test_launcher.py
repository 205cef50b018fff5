"""A launcher that has lost what it starts ranks with, and waits for it for ever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweep.launch.supervisor.client import SHIELDED, Clients
from sweep.launch.supervisor.launcher import RunLauncher, start_launcher
from sweep.launch.supervisor.wire import Config, Elsewhere

HYDRA = Elsewhere("/mpiexec", "mpich", ("-hosts", "a:1,b:1"), (255,), missed=True)


@contextmanager
def launcher(folder: Path, script: str) -> Iterator[tuple[RunLauncher, subprocess.Popen[bytes]]]:
    """Start a shell script as a launcher; it has come as far as it says 'there'."""
    process = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"there\n"
    try:
        yield RunLauncher(process.pid, 2, Clients(folder, "run", 2)), process
    finally:
        process.communicate()  # closes what it reads, at whose end it leaves


def test_a_launcher_without_any_process_below_it_is_bereft_after_a_while(tmp_path: Path) -> None:
    with launcher(tmp_path, "echo there; read line") as (one, _):
        assert [one.is_bereft(now) for now in (100.0, 105.0, 129.0, 130.0)] == [False, False, False, True]


def test_a_launcher_with_a_process_below_it_is_not(tmp_path: Path) -> None:
    with launcher(tmp_path, "sleep 60 > /dev/null & echo there; read line; kill $!") as (one, _):
        assert not any(one.is_bereft(now) for now in (100.0, 200.0))


def test_one_that_has_ended_below_it_does_not_count(tmp_path: Path) -> None:
    program = (
        "import os; child = os.fork() or os._exit(0); "
        "os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT); print('there', flush=True); os.read(0, 1)"
    )
    with launcher(tmp_path, f'exec "{sys.executable}" -c "{program}"') as (one, _):
        assert not one.is_bereft(100.0)
        assert one.is_bereft(130.0)


def test_the_time_begins_anew_when_a_process_was_seen(tmp_path: Path) -> None:
    with launcher(
        tmp_path, "echo there; read line; sleep 60 > /dev/null & echo more; read line; kill $!; wait; echo gone; read x"
    ) as (
        one,
        process,
    ):
        assert process.stdin is not None and process.stdout is not None
        assert not one.is_bereft(100.0)
        for number, said in ((129.0, b"more\n"), (131.0, b"gone\n")):
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == said
            assert not one.is_bereft(number)
        assert not one.is_bereft(160.0)
        assert one.is_bereft(161.0)


def test_of_a_launcher_that_starts_ranks_by_itself_nothing_is_said() -> None:
    assert not any(RunLauncher(1, 2).is_bereft(now) for now in (0.0, 1e6))


# -- a launcher that has ranks elsewhere


def test_a_launcher_that_has_lost_one_of_the_processes_below_it_misses_a_machine_after_a_while(tmp_path: Path) -> None:
    script = "sleep 60 > /dev/null & one=$!; sleep 60 > /dev/null & two=$!; echo there; read x; kill $one; wait $one; "
    with launcher(tmp_path, script + "echo gone; read x; kill $two") as (one, process):
        assert process.stdin is not None and process.stdout is not None
        one.elsewhere = HYDRA
        assert not any(one.misses_some(now) for now in (100.0, 200.0))
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"gone\n"
        assert [one.misses_some(now) for now in (300.0, 303.0, 305.0)] == [False, False, True]
        process.stdin.write(b"\n")


def test_one_whose_ranks_are_here_misses_nothing() -> None:
    assert not any(RunLauncher(1, 2).misses_some(now) for now in (0.0, 1e6))


def test_the_code_of_a_lost_machine_means_that_only_where_ranks_are_elsewhere() -> None:
    assert RunLauncher(1, 2, elsewhere=HYDRA).has_lost(255)
    assert not RunLauncher(1, 2, elsewhere=HYDRA).has_lost(1)
    assert not RunLauncher(1, 2).has_lost(255)


def test_how_ranks_are_elsewhere_comes_back_from_a_message() -> None:
    assert Elsewhere.of(json.loads(json.dumps(HYDRA.message()))) == HYDRA


# -- signals that all processes get


@pytest.mark.parametrize(
    ("family", "shielded", "blocked"),
    [("mpich", True, set(SHIELDED)), ("openmpi", True, set(SHIELDED)), ("mpich", False, set()), ("x", True, set())],
)
def test_who_starts_ranks_by_clients_is_deaf_where_that_is_wanted(
    tmp_path: Path, family: str, shielded: bool, blocked: set[signal.Signals]
) -> None:
    program, found = tmp_path / "mpiexec", tmp_path / "found"
    text = "Path(sys.argv[0]).with_name('found').write_text(str([int(one) for one in pthread_sigmask(SIG_BLOCK, [])]))"
    imports = "import sys\nfrom pathlib import Path\nfrom signal import SIG_BLOCK, pthread_sigmask"
    program.write_text(f"#!{sys.executable}\n{imports}\n{text}\n")
    program.chmod(0o755)
    config = Config(sys.executable, str(program), family, (), False, "auto", False, 1.0, 1000, "t", shielded=shielded)
    one = start_launcher(config, "7", tmp_path, 2, tmp_path, (), {}, subprocess.DEVNULL)
    assert os.waitpid(one.pid, 0)[1] == 0
    one.close()
    assert set(json.loads(found.read_text())) == blocked
