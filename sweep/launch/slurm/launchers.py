"""How a job starts ranks: on its one node by mpiexec as anywhere, over several by `srun`."""

from __future__ import annotations

from dataclasses import replace

from sweep.base.mpi_command import Launcher
from sweep.launch.job import Machine
from sweep.launch.slurm.bundle import Bundle

# Within a job a launcher would start its own helpers through Slurm, which takes a job step for each and fails while the
# controller is away. On one node it can do without.
_LOCAL = {
    "mpich": ("-launcher", "fork", "-rmk", "user"),
    "intel": ("-launcher", "fork", "-rmk", "user"),
    "openmpi": ("--prtemca", "plm", "^slurm", "--prtemca", "ras", "^slurm"),
}


def on_this_node(bundle: Bundle) -> Machine:
    """Return how a job of a submission starts its run's ranks.

    A process to fork them from pays where many runs follow one another. A job has one, and what Slurm ends a job with
    would kill that process before its rank has saved. Launchers do not hear the signals that Slurm sends to every
    process: they would end the ranks, which have heard them too and are about to save.
    """
    machine = bundle.machine
    flags = () if machine.launcher is None else local_flags(machine.launcher)
    start = "spawn" if machine.start == "auto" else machine.start
    return replace(machine, flags=(*flags, *machine.flags), start=start, shielded=True)


def local_flags(launcher: Launcher) -> tuple[str, ...]:
    """Return the flags with which a launcher leaves Slurm alone."""
    if launcher.family == "openmpi" and launcher.version.split(".")[0] in ("1", "2", "3", "4"):
        return ("--mca", "plm", "^slurm", "--mca", "ras", "^slurm")
    return _LOCAL.get(launcher.family, ())
