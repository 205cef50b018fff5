"""What the tests of hosts share: a run, and launchers that are small scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sweep.base.mpi_command import Launcher
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.hosts.slots import HostSlots
from sweep.launch.job import Machine
from sweep.launch.limits import Limits

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
