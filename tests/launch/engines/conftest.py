"""What the tests of errands share: a run that waits, and what is to be done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.mpi_command import Launcher
from sweep.launch.engines.errand import Errand
from sweep.launch.job import Machine
from sweep.launch.slots import Demand
from sweep.rundir.paths import RunDir


@pytest.fixture
def errand(run: RunDir) -> Callable[..., Errand]:
    """Return a function that makes an errand for the run."""
    machine = Machine(Path("/p"), Launcher(Path("/opt/mpiexec"), "mpich"), ("-x",))

    def make(**more: Any) -> Errand:
        given = {
            "run": str(run.path), "name": "n", "attempt": 0, "demand": Demand(2), "home": "/h", "folder": "/f",
            "machine": machine, "environ": {"A": "b\n\udcff"}, "ticket": "t", "numbers": (1, 2), "of": 4, **more,
        }  # fmt: skip
        return Errand(**given)

    return make
