from pathlib import Path

import pytest

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.retries import Retries
from sweep.launch.slots import Demand
from sweep.launch.slurm.bundle import Bundle
from sweep.rundir.status import Kind

HOSTILE = "a b'\"\n$(c)\udcff"


def bundle(**changes):
    usual = {
        "ticket": "0123456789ab",
        "home": Path("/data") / HOSTILE,
        "folder": Path("/work") / HOSTILE,
        "machine": Machine(Path("/bin/python"), Launcher(Path("/bin/mpiexec"), "mpich", "4.2"), ("-x", HOSTILE)),
        "demand": Demand(2, 3, 0.5, 2**30),
        "limits": Limits(timeout_s=1.5, stall_timeout_s=9.0, retries=Retries(by_kind={Kind.KILLED: 3})),
        "runs": (("ppo/ppo_s0", "ppo seed 0"), (HOSTILE, HOSTILE)),
        "environ": {"SWEEP_GRACE": HOSTILE},
        "srun_flags": ("--mpi=pmi2",),
    }
    return Bundle(**{**usual, **changes})


@pytest.mark.parametrize(
    "changes",
    [{}, {"srun_flags": None}, {"machine": Machine(Path("/bin/python"))}, {"limits": Limits(retries=Retries(2))}],
)
def test_a_bundle_is_read_as_it_was_written(tmp_path, changes):
    bundle(**changes).write(tmp_path)
    assert Bundle.read(tmp_path) == bundle(**changes)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"ticket": 1}'])
def test_a_folder_without_a_bundle_says_so(tmp_path, text):
    (tmp_path / "tasks.json").write_text(text)
    with pytest.raises(LaunchError, match="does not say what is to be run"):
        Bundle.read(tmp_path)
