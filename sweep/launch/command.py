"""The command line and the environment of a run's process: pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.base.mpi_command import mpi_argv, mpi_environment
from sweep.launch.job import Job, Machine
from sweep.launch.slots import Slot, slot_environment

# The launch wing names its child by this string, never by an import.
CHILD = "sweep.runtime.child"


def child_argv(job: Job, machine: Machine) -> list[str]:
    """Return the command that runs a job: one interpreter, or the launcher with one a rank.

    Under a launcher mpi4py's own runner stands around the child, so that an error which escapes even the child
    aborts every rank.
    """
    directory = str(job.run.path.absolute())
    if job.num_cpu == 1:
        return [str(machine.python), "-m", CHILD, directory]
    assert machine.launcher is not None
    ranks = [str(machine.python), "-m", "mpi4py", "-m", CHILD, directory]
    return mpi_argv(machine.launcher, job.num_cpu, ranks, machine.flags, as_root=machine.as_root)


def child_environment(job: Job, machine: Machine, slot: Slot, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job: the driver's, with its slot's threads and GPUs and with MPI's settings."""
    if job.num_cpu > 1 and machine.launcher is not None:
        environ = mpi_environment(environ, machine.launcher.family, machine.threads)
    return {**environ, **slot_environment(slot, machine.threads)}
