"""What a launch over hosts says before it begins, of hosts that it cannot use: without any host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.base.settings import Settings
from sweep.front import machine
from sweep.front.request import Request
from sweep.front.sites import on_hosts
from sweep.front.sites.base import Work
from sweep.front.sites.on_hosts import OnHosts
from sweep.launch.hosts.probe import Probe
from sweep.launch.job import Machine
from sweep.launch.slots import Demand

BLIND = {"h1": "does not see /d"}
SHARED = "(name a data_dir on a file system that all hosts share)"


def site(monkeypatch: pytest.MonkeyPatch, hosts: str, ranks: int = 1, parallel: Any = "auto", **found: Any) -> OnHosts:
    """Return the site of a launch whose hosts answer as said."""
    probe = Probe(Machine(Path("/p")), {}, lambda host: "", Path("/d"), Path("/d"), **found)
    monkeypatch.setattr(machine, "find_launcher", lambda *words: Launcher(Path("/bin/mpiexec"), "mpich"))
    monkeypatch.setattr(on_hosts, "find_launcher", lambda *words: Launcher(Path("/bin/mpiexec"), "mpich"))
    monkeypatch.setattr(on_hosts, "ask_hosts", lambda *words: probe)
    request = Request(None, hosts=hosts, parallel=parallel)
    return OnHosts(Work(request, Settings(), Path("/d"), [ranks], Demand(ranks), "grid"))


def test_when_all_hosts_can_be_used_nothing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    made = site(monkeypatch, "h1:2,h2:2")
    made.make_ready()
    assert capsys.readouterr().out == ""
    assert made.slots.most_now(Demand()) == 4


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"silent": {"h1": "no route"}},
            "host h1 does not answer: no route; it is left out until it does.\n"
            "warning: that leaves up to 3 runs at once, on h2:3.",
        ),
        ({"silent": {"h1": ""}, "parallel": 1}, "it does.\nwarning: that leaves up to 1 run at once, on h2:3."),
        (
            {"unfit": BLIND},
            f"host h1 does not see /d; it is left out {SHARED}.\nwarning: that leaves up to 3 runs at once, on h2:3.",
        ),
        (
            {"silent": {"h1": ""}, "ranks": 4},
            "warning: nothing begins before that, as h2:3 has no room for a run.",
        ),
    ],
)
def test_of_hosts_that_cannot_be_used_and_of_what_is_left_a_warning_tells(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, asked: dict[str, Any], told: str
) -> None:
    site(monkeypatch, "h1:4,h2:3", **asked).make_ready()
    assert told in capsys.readouterr().out


def test_a_launch_whose_runs_fit_only_a_host_that_is_left_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LaunchError, match=r"a run needs 4 cores .*, and h2:3 has no room for it"):
        site(monkeypatch, "h1:4,h2:3", ranks=4, unfit=BLIND).make_ready()


def test_no_run_is_sent_to_a_host_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = site(monkeypatch, "h1:4,h2:1", unfit=BLIND)
    made.make_ready()
    slot = made.slots.take(Demand())
    assert slot is not None and slot.parts[0].host == "h2"
    assert made.slots.take(Demand()) is None
