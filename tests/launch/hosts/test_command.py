"""The command lines by which hosts are reached, and what launchers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.mpi_command import Launcher
from sweep.launch.hosts.command import (
    handed_on,
    launcher_environment,
    places_flags,
    reaching_flags,
    reason,
    sent_environment,
    split_flags,
    worker_argv,
)
from sweep.launch.slots import Part

MPICH = Launcher(Path("/opt/mpiexec"), "mpich")


OPENMPI = Launcher(Path("/opt/mpiexec"), "openmpi")


PART = Part("h1", (2, 3), 8)


def test_a_worker_is_started_through_the_launchers_ssh_with_nothing_of_our_environment() -> None:
    assert worker_argv(MPICH, PART, (), "10.0.0.9", ["python", "/a b\n'c"], True) == [
        *("/opt/mpiexec", "-n", "1", "-launcher", "ssh", "-localhost", "10.0.0.9", "-genvnone", "-hosts", "h1:1"),
        *("python", "/a b\n'c"),
    ]


def test_what_the_user_says_about_reaching_hosts_counts() -> None:
    flags = ("-launcher-exec", "/x", "-iface", "ib0")
    assert reaching_flags("mpich", flags, "10.0.0.9") == ("-launcher", "ssh", *flags)
    assert reaching_flags("mpich", ("-launcher", "rsh"), "") == ("-launcher", "rsh")
    assert reaching_flags("intel", (), "10.0.0.9") == ("-launcher", "ssh")


def test_flags_of_open_mpi_for_reaching_hosts_have_two_words_behind_them() -> None:
    flags = ["--prtemca", "plm_ssh_agent", "/my ssh", "--mca", "btl", "self"]
    assert split_flags(flags) == (tuple(flags[:3]), tuple(flags[3:]))
    assert reaching_flags("openmpi", flags[:3], "10.0.0.9")[-3:] == tuple(flags[:3])


def test_ranks_on_other_hosts_get_the_environment_by_name_where_the_launcher_wants_that() -> None:
    environ = {"A": "1", "BASH_FUNC_x%%": "2", "TMPDIR": "/t"}
    found = handed_on("openmpi", environ)
    assert found[:2] == ("-x", "A")
    assert {"SWEEP_RUN_DIR", "IN_MPI", "OMP_NUM_THREADS"} < set(found)
    assert not {"BASH_FUNC_x%%", "TMPDIR"} & set(found)
    assert handed_on("mpich", environ) == ()


def test_flags_for_reaching_hosts_are_told_from_those_for_ranks() -> None:
    assert split_flags(["-bind-to", "core", "-iface", "ib0", "--launcher-exec", "/x y", "-localhost"]) == (
        ("-iface", "ib0", "--launcher-exec", "/x y", "-localhost", ""),
        ("-bind-to", "core"),
    )


def test_ranks_are_placed_by_the_slots_that_a_run_holds() -> None:
    parts = [Part("a", (0, 1, 2, 3), 8), Part("b", (5, 6), 8)]
    assert places_flags("mpich", parts, threads=2) == ("-hosts", "a:2,b:1")
    assert places_flags("openmpi", parts) == ("--host", "a:4,b:2")


def test_a_launcher_under_another_one_does_not_see_it_and_ssh_asks_nothing() -> None:
    found = launcher_environment({"PMI_RANK": "1", "HYDRA_LAUNCHER_EXTRA_ARGS": "-p 22", "PATH": "/bin"})
    assert found["PATH"] == "/bin"
    assert "PMI_RANK" not in found
    assert found["HYDRA_LAUNCHER_EXTRA_ARGS"].startswith("-p 22 -o BatchMode=yes -o ConnectTimeout=10 -o ")


def test_what_belongs_to_this_machine_is_not_sent() -> None:
    ours = dict.fromkeys(("TMPDIR", "SSH_AUTH_SOCK", "CUDA_VISIBLE_DEVICES", "PMI_RANK", "SWEEP_TOKEN"), "x")
    assert sent_environment({**ours, "PATH": "/bin", "LD_LIBRARY_PATH": "/l", "SWEEP_RUN_ORIGIN": "/o"}) == {
        "PATH": "/bin",
        "LD_LIBRARY_PATH": "/l",
        "SWEEP_RUN_ORIGIN": "/o",
    }


_REFUSED = "ssh: connect to host h9 port 22: Connection refused"


_FIREWALL = 'unable to connect from "h1" to "vm" (Connection refused)'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"{_REFUSED}\n[mpiexec@vm] ui_cmd_cb (/a/b.c:51): Launch proxy failed.", _REFUSED),
        (
            f"[mpiexec@vm] main (/a.c:7): waiting\n[proxy:0@h1] HYDU_sock_connect (/a/sock.c:140): {_FIREWALL}",
            _FIREWALL,
        ),
        (f"{'-' * 70}\nPRTE has lost its way.", "PRTE has lost its way."),
        ("[mpiexec@vm] control_cb (/a/b.c:280): assert (!closed) failed", ""),
        ("", ""),
    ],
)
def test_of_what_a_launcher_says_the_line_that_tells_most_is_kept(said: str, told: str) -> None:
    assert reason(said) == told
