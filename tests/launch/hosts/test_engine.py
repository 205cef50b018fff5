"""The driver's end of runs on several hosts: command lines, what workers tell, and hosts that are lost."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.launch.causes import Cause
from sweep.launch.engines.base import Ended
from sweep.launch.engines.errand import Errand, _seen_to_its_end, cores_of, run_errand
from sweep.launch.engines.errand_file import errand_file, heard, read_errand, told, write_errand
from sweep.launch.engines.errand_main import main
from sweep.launch.hosts import engine as engine_module
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
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.named import Host, parse_hosts
from sweep.launch.hosts.probe import launcher_of, silent_hosts
from sweep.launch.hosts.reach import own_address
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.overdue import Watch
from sweep.launch.slots import Demand, Part, Slot
from sweep.rundir.lending import take_work
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, Status, write_status

MPICH = Launcher(Path("/opt/mpiexec"), "mpich")
OPENMPI = Launcher(Path("/opt/mpiexec"), "openmpi")
PART = Part("h1", (2, 3), 8)


# -- command lines


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


def test_our_address_is_asked_of_the_way_to_the_host_as_ssh_knows_it() -> None:
    asked: list[Sequence[str]] = []

    def ask(argv: Sequence[str]) -> str:
        asked.append(argv)
        return "user me\nhostname 127.0.0.1\n"

    assert own_address("box", ("-launcher-exec", "/my ssh"), ask) == "127.0.0.1"
    assert asked == [["/my ssh", "-G", "box"]]
    assert own_address("no such host", (), lambda argv: "") == ""


def test_a_launcher_of_unknown_family_is_refused_in_one_line() -> None:
    with pytest.raises(LaunchError, match=r"how /x reaches other hosts is not known; name the mpiexec of MPICH"):
        launcher_of(Machine(Path(sys.executable), Launcher(Path("/x"))))
    with pytest.raises(LaunchError, match="there is no MPI launcher"):
        launcher_of(Machine(Path(sys.executable)))


# -- errands


def errand(run: RunDir, **more: Any) -> Errand:
    given = {
        "run": str(run.path), "name": "n", "attempt": 0, "demand": Demand(2), "home": "/h", "folder": "/f",
        "machine": Machine(Path("/p"), MPICH, ("-x",)), "environ": {"A": "b\n\udcff"}, "ticket": "t", "numbers": (1, 2),
        "of": 4, **more,
    }  # fmt: skip
    return Errand(**given)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / os.fsdecode(b"a \n'\xff") / "a_s0")
    run.own.mkdir(parents=True)
    write_status(run, Status(State.PENDING))
    return run


def test_an_errand_comes_back_from_its_file_which_only_its_owner_can_read(run: RunDir) -> None:
    file = write_errand(errand(run))
    assert file == errand_file(run)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_errand(file) == errand(run)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1}', "7", "\x00"])
def test_what_is_no_errand_is_read_as_none(run: RunDir, text: str) -> None:
    errand_file(run).write_text(text)
    assert read_errand(errand_file(run)) is None


def test_only_lines_with_the_ticket_are_heard() -> None:
    assert heard(told("t", begun="h1").encode(), "t") == {"errand": "t", "begun": "h1"}
    for line in (told("u", kind="x", text="").encode(), b"hello", b"7", b'{"errand": 1}', b"\xff", b"[" * 9999):
        assert heard(line, "t") is None


def test_a_run_gets_cores_by_its_slots_where_the_host_has_that_many(run: RunDir) -> None:
    here = (0, 2, 1, 3)
    assert cores_of(errand(run), here) == (2, 1)
    assert cores_of(errand(run, of=5), here) == ()
    assert cores_of(errand(run, numbers=()), here) == here


def test_a_worker_that_does_not_see_the_errand_says_what_is_missing(run: RunDir, capsys: Any) -> None:
    assert main(["", "/nowhere/x_s0/.sweep/errand.json", "t"]) == 0
    found = heard(capsys.readouterr().out.encode(), "t")
    assert found is not None and found["kind"] == Kind.LOST
    assert "does not see /nowhere/x_s0; data_dir must be in a file system that all hosts share" in found["text"]


def test_a_worker_that_comes_late_leaves_the_errand_to_the_next_one(run: RunDir, capsys: Any) -> None:
    file = write_errand(errand(run, ticket="new"))
    main(["", str(file), "old"])
    found = heard(capsys.readouterr().out.encode(), "old")
    assert found is not None and (found["kind"], found["text"]) == (Kind.LOST, "it was started again meanwhile")
    assert file.exists()


# -- the engine, over launchers that are small scripts


@pytest.fixture
def job(run: RunDir) -> Iterator[Job]:
    lock = take(run.lock)
    assert lock is not None
    yield Job(run, "a seed 0", Demand(), lock)
    lock.release()


# The last two words are the errand's file and ticket.
_LAUNCHER = r"""#!/bin/sh
for ticket; do file=$last; last=$ticket; done
say() { printf '{"errand": "%s", %s}\n' "$ticket" "$1"; }
"""
Make = Callable[[str], "tuple[HostsEngine, HostSlots]"]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return a function that makes an engine whose launcher is a script; $file and $ticket are those of the errand."""
    engines: list[HostsEngine] = []

    def with_script(script: str) -> tuple[HostsEngine, HostSlots]:
        program = tmp_path / "mpiexec"
        program.write_text(f"{_LAUNCHER}{script}\n")
        program.chmod(0o755)
        machine = Machine(Path(sys.executable), Launcher(program, "mpich"), ("-iface", "ib0", "-x"), grace_s=0.1)
        slots = HostSlots(parse_hosts("h1:4"))
        engines.append(HostsEngine(slots, machine, tmp_path, os.environ, Limits(timeout_s=9.0), lambda host, flags: ""))
        return engines[-1], slots

    yield with_script
    for engine in engines:
        engine.close()


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


def test_hosts_that_do_not_answer_are_named_with_why(make: Make, tmp_path: Path) -> None:
    engine, _ = make('case "$*" in *h2*) echo "no route" >&2; exit 1;; esac')
    hosts = parse_hosts("h1:1,h2:1")
    assert silent_hosts(hosts, engine.machine, os.environ, lambda host: "") == {"h2": "no route"}
    with pytest.raises(LaunchError, match=r"no host answers \(h2: no route\); see to it that `ssh h2 true` works"):
        silent_hosts([Host("h2", 1)], engine.machine, os.environ, lambda host: "")


def test_a_worker_whose_run_was_started_again_elsewhere_ends_its_own_at_once(job: Job) -> None:
    """As after a file server has given its lock away, while it could not be reached."""
    status = Status(State.PENDING).begun()
    write_status(job.run, status)
    ends: list[Ended] = []
    told: list[bool] = []

    class Elsewhere:
        def poll(self, wait_s: float) -> list[Ended]:
            return ends

        def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
            told.append(now)
            ends.append(Ended(job, Cause(Kind.KILLED, "it was ended")))

    watch = Watch(job.run, Limits(), 0.0)
    write_status(job.run, replace(status, attempt=2))
    assert _seen_to_its_end(Elsewhere(), job, watch, attempt=1).kind == Kind.KILLED  # type: ignore[arg-type]
    assert told == [True]


def test_an_errand_whose_run_was_started_since_is_refused(run: RunDir) -> None:
    lock = take(run.lock)
    assert lock is not None
    from sweep.rundir.lending import lend

    lend(lock, run.lock)
    write_status(run, replace(Status(State.PENDING), attempt=3))
    assert run_errand(errand(run))[0] == Kind.LOST
    lock.release()


def test_the_module_of_workers_is_where_the_engine_says() -> None:
    assert main.__module__ == engine_module.ERRAND_MODULE
