"""The process table, as /proc shows it."""

from __future__ import annotations

import os
import subprocess
import sys

from sweep.launch.supervisor.processes import Process, below, children, command_line, environment, ours, read, table


def made_of(*rows: tuple[int, int, str]) -> dict[int, Process]:
    return {pid: Process(pid, state, parent, 0) for pid, parent, state in rows}


def test_all_that_descends_from_the_roots_is_found_without_what_has_ended() -> None:
    processes = made_of((1, 0, "S"), (2, 1, "S"), (3, 2, "R"), (4, 2, "Z"), (5, 1, "S"), (6, 3, "T"))
    assert below([2], processes) == {2, 3, 6}
    assert below([9], processes) == set()


def test_a_child_is_seen_with_its_parent_session_words_and_environment() -> None:
    code = "import sys; print('up', flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "MARK": "a=b"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    found = table()[child.pid]
    assert (found.parent, found.session) == (os.getpid(), child.pid)
    assert environment(child.pid)["MARK"] == "a=b"
    assert command_line(child.pid)[1:3] == ["-c", code]
    assert child.pid in children()
    assert child.pid in set(ours())
    child.communicate()
    assert read(child.pid) is None
    assert environment(child.pid) == {}


def test_the_name_of_a_program_may_hold_anything(tmp_path: object) -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; open('/proc/self/comm','w').write(') R 1 ('); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    found = read(child.pid)
    assert found is not None
    assert found.parent == os.getpid()
    child.communicate(b"\n")


def test_a_signal_to_a_process_that_was_never_there_does_not_go_to_the_own_group() -> None:
    code = "from sweep.launch.supervisor.processes import tell; tell(0, 9); print('lives')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "lives\n")
