"""What goes into the launch wing and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sweep.base.mpi_command import Launcher
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State


@dataclass(frozen=True)
class Job:
    """One prepared run: its directory holds everything that its process needs.

    Attributes:
        name: what people call it.
        num_cpu: the number of ranks.
    """

    run: RunDir
    name: str
    num_cpu: int = 1


@dataclass(frozen=True)
class Machine:
    """How ranks are started here.

    Attributes:
        python: the interpreter of the ranks.
        launcher: None where no run has more than one rank.
        flags: the user's own, for the launcher.
        as_root: whether this process is root, which Open MPI wants to be told.
        threads: of each rank, for the libraries that ask the environment.
    """

    python: Path
    launcher: Launcher | None = None
    flags: tuple[str, ...] = ()
    as_root: bool = False
    threads: int = 1


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        cause: of a failure or an interruption; empty when done.
        duration_s: of this attempt.
        last_lines: of its output, when it failed.
    """

    job: Job
    state: State
    cause: str = ""
    duration_s: float = 0.0
    last_lines: tuple[str, ...] = ()
