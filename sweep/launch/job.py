"""What goes into the launch wing and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.mpi_command import Launcher
from sweep.launch.slots import Demand
from sweep.rundir.lock import Lock
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State


@dataclass(frozen=True)
class Job:
    """One prepared run: its directory holds everything that its process needs.

    Attributes:
        name: what people call it.
        demand: what it needs of the machine.
        lock: that makes the driver its owner; None where nobody else could want it (tests).
    """

    run: RunDir
    name: str
    demand: Demand = field(default_factory=Demand)
    lock: Lock | None = field(default=None, compare=False)

    @property
    def num_cpu(self) -> int:
        """The number of ranks."""
        return self.demand.ranks


@dataclass(frozen=True)
class Machine:
    """How ranks are started here.

    Attributes:
        python: the interpreter of the ranks.
        launcher: None where no run has more than one rank.
        flags: the user's own, for the launcher.
        as_root: whether this process is root, which Open MPI wants to be told.
        threads: of each rank, for the libraries that ask the environment.
        start: how a run's processes are made: 'auto', 'fork' or 'spawn'.
        pin: give each rank cores of its own inside its run's slot.
        grace_s: between asking a run to stop and ending it.
        output_limit: bytes of what a run prints that are kept.
        namespace: have a PID namespace where one is to be had.
        shielded: launchers do not hear signals to stop, which somebody sends to every process of ours.
    """

    python: Path
    launcher: Launcher | None = None
    flags: tuple[str, ...] = ()
    as_root: bool = False
    threads: int = 1
    start: str = "auto"
    pin: bool = False
    grace_s: float = 10.0
    output_limit: int = 64 * 2**20
    namespace: bool = False
    shielded: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        cause: of a failure or an interruption; empty when done.
        kind: the class of the cause; None when done, and where the caller stopped it.
        duration_s: of this attempt.
        last_lines: of its output, when it failed.
    """

    job: Job
    state: State
    cause: str = ""
    kind: Kind | None = None
    duration_s: float = 0.0
    last_lines: tuple[str, ...] = ()
