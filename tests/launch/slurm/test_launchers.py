from pathlib import Path

import pytest

from sweep.base.mpi_command import Launcher
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.slurm.launchers import local_flags, on_this_node


def here(machine):
    return on_this_node(Bundle("0" * 12, Path("/d"), Path("/w"), machine, Demand(), Limits(), (), {}))


@pytest.mark.parametrize(("said", "start"), [("auto", "spawn"), ("fork", "fork"), ("spawn", "spawn")])
def test_a_job_s_one_run_needs_no_process_to_fork_it_from_unless_that_was_said(said, start):
    assert here(Machine(Path("/bin/python"), start=said)).start == start


def test_the_user_s_own_flags_come_after_those_that_leave_slurm_alone():
    launcher = Launcher(Path("/bin/mpiexec"), "mpich", "4.2")
    assert here(Machine(Path("/bin/python"), launcher, ("-l",))).flags == ("-launcher", "fork", "-rmk", "user", "-l")


@pytest.mark.parametrize(("version", "word"), [("4.1.6", "--mca"), ("5.0.3", "--prtemca")])
def test_open_mpi_is_told_in_the_words_of_its_version(version, word):
    assert local_flags(Launcher(Path("/bin/mpiexec"), "openmpi", version))[0] == word


def test_in_a_job_launchers_do_not_hear_what_slurm_tells_every_process():
    assert here(Machine(Path("/bin/python"))).shielded
