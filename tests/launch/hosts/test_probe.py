"""Asking hosts whether they answer, with a launcher that is a small script."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sweep
from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.hosts.probe import Probe, ask_hosts, in_order, launcher_of
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.job import Machine


def test_a_launcher_of_unknown_family_is_refused_in_one_line() -> None:
    with pytest.raises(LaunchError, match=r"how /x reaches other hosts is not known; name the mpiexec of MPICH"):
        launcher_of(Machine(Path(sys.executable), Launcher(Path("/x"))))
    with pytest.raises(LaunchError, match="there is no MPI launcher"):
        launcher_of(Machine(Path(sys.executable)))


@pytest.fixture
def asked(make: Callable[[str], tuple[HostsEngine, HostSlots]], tmp_path: Path) -> Callable[..., Probe]:
    """Return a function that asks hosts, each of which is this machine, but for what a script says."""

    def ask(script: str, hosts: str = "h1:1,h2:1", home: Path = tmp_path) -> Probe:
        skip = 'words="$*"; while [ "$1" != /bin/sh ]; do shift; done; mark=$6'
        engine, _ = make(f'{skip}; case "$words" in *h2*) {script};; esac; exec "$@"')
        return ask_hosts(parse_hosts(hosts), engine.machine, home, os.environ, lambda host: "")

    return ask


NO_ROUTE = 'echo "no route" >&2; exit 1'
# What is asked, but for one thing: $4 to $9 are a name, the ticket, the mark, the interpreter, the root, the code.
BLIND = 'exec "$1" "$2" "$3" "$4" "$5" /nowhere "$7" "$8" "$9"'
NO_PYTHON = 'exec "$1" "$2" "$3" "$4" "$5" "$6" /nowhere "$8" "$9"'
NO_SWEEP = 'exec "$1" "$2" "$3" "$4" "$5" "$6" "$7" /nowhere "$9"'
NEEDED = "sweep.launch.engines.errand_main"
BROKEN = f"""exec "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "import sys; sys.modules['{NEEDED}'] = None; $9\""""


def test_hosts_that_are_fit_are_not_spoken_of_and_nothing_is_left(asked: Callable[..., Probe], tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert asked(":", home=tmp_path / "data").gone == {}
    assert {file.name for file in tmp_path.iterdir()} - {file.name for file in before} == {"mpiexec"}


def test_hosts_that_do_not_answer_are_named_with_why(asked: Callable[..., Probe]) -> None:
    assert asked(NO_ROUTE).silent == {"h2": "no route"}
    with pytest.raises(LaunchError, match=r"no host answers \(h2: no route\); see to it that `ssh h2 true` works"):
        asked(NO_ROUTE, "h2:1")


def test_a_launcher_that_says_nothing_and_ends_well_has_reached_nobody(asked: Callable[..., Probe]) -> None:
    assert asked("exit 0").silent == {"h2": ""}


def test_a_host_that_does_not_see_the_data_directory_is_no_silent_one(
    asked: Callable[..., Probe], tmp_path: Path
) -> None:
    found = asked(BLIND)
    assert (found.silent, found.unfit) == ({}, {"h2": f"does not see {tmp_path}"})


def test_when_no_host_sees_the_data_directory_that_is_the_reason(asked: Callable[..., Probe], tmp_path: Path) -> None:
    home = tmp_path / "a" / "data"
    with pytest.raises(LaunchError) as error:
        asked(BLIND, "h2:1", home)
    assert str(error.value) == f"h2 does not see {home}; name a data_dir on a file system that all hosts share."
    assert not home.parent.exists()


@pytest.mark.parametrize(
    ("script", "lack"),
    [
        (NO_PYTHON, f"does not have {sys.executable}"),
        (NO_SWEEP, f"does not have {Path(sweep.__file__).parent}"),
        ('exec "$1" "$2" "$3" "$4" "$5" "$6" /bin/false "$8" "$9"', f"does not start {sys.executable} (exit code 1)"),
        (BROKEN, f"does not import sweep (ModuleNotFoundError: import of {NEEDED} halted; None in sys.modules)"),
    ],
)
def test_a_host_without_the_interpreter_or_sweep_is_named_with_what_it_lacks(
    asked: Callable[..., Probe], script: str, lack: str
) -> None:
    assert asked(script).unfit == {"h2": lack}


def test_hosts_are_spoken_of_in_the_order_in_which_they_were_named() -> None:
    found = in_order({"h3": "a", "h1": "b"}, ["h1", "h2", "h3"])
    assert list(found.items()) == [("h1", "b"), ("h3", "a")]
