"""The client that a launcher starts for a rank: its command, its environment, and the script itself."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from sweep.launch.supervisor.client import (
    SHIELDED,
    STARTS,
    Clients,
    client_argv,
    launcher_flags,
    open_starts,
    rank_environment,
    speaks,
)


def test_the_command_line_holds_paths_and_names_only() -> None:
    argv = client_argv(Path("/room"), "7", ["python", "-m", "x"])
    assert argv[:2] == ["/bin/sh", "-c"]
    assert argv[3:] == ["sweep-rank", "/room", "7", "python", "-m", "x"]


def test_only_launchers_whose_ranks_others_can_start_are_spoken_to() -> None:
    assert speaks("mpich")
    assert speaks("openmpi")
    assert not speaks("unknown")
    assert "-pmi-port" in launcher_flags("mpich")


def test_a_rank_is_given_what_its_launcher_gave_to_its_client() -> None:
    base = {"HOME": "/root", "IN_MPI": "0"}
    client = {"HOME": "/root", "IN_MPI": "1", "PMI_ID": "1", "PMI_PORT": "127.0.0.1:5", "PWD": "/", "_": "/bin/sh"}
    assert rank_environment(client, base, 2) == {
        "IN_MPI": "1", "PMI_ID": "1", "PMI_PORT": "127.0.0.1:5", "PMI_RANK": "1", "PMI_SIZE": "2",
    }  # fmt: skip


@pytest.mark.parametrize("variable", ["PMI_RANK", "PMI_ID", "OMPI_COMM_WORLD_RANK", "PMIX_RANK"])
@pytest.mark.parametrize(("answer", "code"), [(0, 0), (3, 3), (-9, -9), (-15, -15)])
def test_a_client_reports_and_ends_as_its_rank_did(tmp_path: Path, variable: str, answer: int, code: int) -> None:
    starts = open_starts(tmp_path)
    clients = Clients(tmp_path, "7", 2)
    process = subprocess.Popen(client_argv(tmp_path, "7", ["false"]), env={variable: "1"})
    os.set_blocking(starts, True)
    assert os.read(starts, 100).decode() == f"7 1 {process.pid}\n"
    clients.answer(1, answer)
    assert process.wait(10) == code
    clients.close()
    os.close(starts)
    assert [file.name for file in tmp_path.iterdir()] == [STARTS]


def test_where_its_pipe_is_not_a_client_becomes_a_plain_rank(tmp_path: Path) -> None:
    argv = client_argv(tmp_path, "7", ["/bin/sh", "-c", "exit 5"])
    assert subprocess.run(argv, env={"PMI_RANK": "0"}, check=False).returncode == 5


# -- signals that all processes get


@pytest.mark.parametrize("answer", [0, 3, -signal.SIGKILL, *(-number for number in SHIELDED)])
def test_a_shielded_client_is_deaf_until_it_ends_as_its_rank_did(tmp_path: Path, answer: int) -> None:
    starts = open_starts(tmp_path)
    clients = Clients(tmp_path, "7", 1)
    process = subprocess.Popen(client_argv(tmp_path, "7", ["false"], shielded=True), env={"PMI_RANK": "0"})
    os.set_blocking(starts, True)
    os.read(starts, 100)
    for number in SHIELDED:
        process.send_signal(number)
    clients.answer(0, answer)
    assert process.wait(10) == answer
    clients.close()
    os.close(starts)


def test_a_client_that_is_not_shielded_ends_by_them(tmp_path: Path) -> None:
    starts = open_starts(tmp_path)
    clients = Clients(tmp_path, "7", 1)
    process = subprocess.Popen(client_argv(tmp_path, "7", ["false"]), env={"PMI_RANK": "0"})
    os.set_blocking(starts, True)
    os.read(starts, 100)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    clients.close()
    os.close(starts)


@pytest.mark.parametrize("number", SHIELDED)
def test_a_plain_rank_hears_what_its_shielded_client_did_not(tmp_path: Path, number: int) -> None:
    argv = client_argv(tmp_path, "7", ["/bin/sh", "-c", f"kill -{int(number)} $$"], shielded=True)
    assert subprocess.run(argv, env={"PMI_RANK": "0"}, check=False).returncode == -number
