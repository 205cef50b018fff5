"""MPI command lines as pure data: which launcher, which arguments, which environment, and which world a process is in.

Nothing here loads an MPI library, and only `find_launcher` starts a process (the launcher's `--version`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.base.errors import MpiError

MARK = "IN_MPI"  # set in every rank by whoever starts it: Spinning Up's name, which its users' scripts read
_VERSION_TIMEOUT_S = 20
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# The first mark that a version text holds decides. Intel's launcher descends from Hydra, so Intel is asked first.
_FAMILY_MARKS = (
    ("intel", "intel(r) mpi"),
    ("openmpi", "open mpi"),
    ("openmpi", "openrte"),
    ("openmpi", "prrte"),
    ("mpich", "hydra"),
    ("mpich", "mpich"),
)

# Set only where the user has not: both save time in MPI_Init, neither changes what a program computes.
_DEFAULTS = {
    "openmpi": {"OMPI_MCA_btl": "^ofi"},  # this transport sleeps for one second while it is closed unused
    "mpich": {"MPIR_CVAR_CH4_NETMOD": "ofi"},  # starts in half the time of ucx on one host
}

# The variable that holds the rank, then those that may hold the size. A size in Slurm's own variables counts only
# beside a rank that a process manager gave: SLURM_PROCID alone says nothing about MPI.
_RANK_AND_SIZES = (
    ("PMI_RANK", ("PMI_SIZE",)),
    ("OMPI_COMM_WORLD_RANK", ("OMPI_COMM_WORLD_SIZE",)),
    ("PMIX_RANK", ("PMIX_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")),
)


@dataclass(frozen=True)
class Launcher:
    """One `mpiexec` and what is known about it.

    Attributes:
        path: the program, with the symbolic links of its folder left as they are.
        family: 'mpich', 'openmpi', 'intel' or 'unknown'.
        version: the version number as text, '' if it was not found.
    """

    path: Path
    family: str = "unknown"
    version: str = ""


@dataclass(frozen=True)
class World:
    """The MPI world that a process belongs to.

    Attributes:
        rank: counted from 0.
        size: the number of ranks; 0 if the launcher told the rank and not the size.
        launcher_variable: the environment variable that says so.
    """

    rank: int
    size: int
    launcher_variable: str


def version_text(path: Path) -> str:
    """Return what a launcher prints for `--version`, '' if it cannot be run."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_VERSION_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace")


def parse_version(text: str) -> tuple[str, str]:
    """Return the family ('mpich', 'openmpi', 'intel', 'unknown') and the version of a launcher's `--version` text."""
    lower = text.lower()
    family = next((name for name, mark in _FAMILY_MARKS if mark in lower), "unknown")
    number = re.search(r"\b\d+\.\d[\w.]*", text)
    return family, number.group() if number else ""


def find_launcher(
    setting: str | None,
    environ: Mapping[str, str],
    python: str = sys.executable,
    ask: Callable[[Path], str] = version_text,
) -> Launcher:
    """Find the MPI launcher: the setting, else `mpiexec` beside the interpreter, else `mpiexec` or `mpirun` on PATH.

    Args:
        setting: a path or a program name that the user chose; None to search.
        environ: where PATH is read.
        python: the interpreter. Its symbolic link is not followed: that leads out of a virtual environment, and the
            launcher that belongs to the environment's MPI library is inside.
        ask: returns the version text of a launcher.

    Raises:
        MpiError: there is none; the message names what was searched.
    """
    beside = str(Path(python).with_name("mpiexec"))
    searched = [setting] if setting else [beside, "mpiexec", "mpirun"]
    paths = (shutil.which(name, path=environ.get("PATH", os.defpath)) for name in searched)
    found = next((Path(path) for path in paths if path), None)
    if found is None:
        raise MpiError(_not_found(setting, searched))
    return Launcher(found, *parse_version(ask(found)))


def _not_found(setting: str | None, searched: list[str]) -> str:
    if setting:
        return f"The MPI launcher {setting!r} is not a program that can be run; give the path of an mpiexec."
    return (
        f"No MPI launcher was found: looked for {searched[0]}, then for mpiexec and mpirun on PATH. "
        "Install one with: pip install 'sweep[mpich]'"
    )


def mpi_argv(
    launcher: Launcher,
    ranks: int,
    command: Sequence[str],
    flags: Sequence[str] = (),
    bind_to_core: bool = False,
    as_root: bool = False,
) -> list[str]:
    """Return the command line that starts a command on a number of ranks.

    Args:
        flags: the user's own, placed last before the command.
        bind_to_core: give each rank one core.
        as_root: Open MPI refuses to run as root unless it is told to.

    Raises:
        MpiError: `bind_to_core` with a launcher of unknown family.
    """
    own = _binding(launcher, bind_to_core)
    if launcher.family == "openmpi":
        own = ["--oversubscribe", *own, *(["--allow-run-as-root"] if as_root else [])]
    return [str(launcher.path), "-n", str(ranks), *own, *flags, *command]


def _binding(launcher: Launcher, to_core: bool) -> list[str]:
    if launcher.family == "openmpi":
        # Left alone, Open MPI binds small worlds to cores, and two runs side by side to the same ones. Binding more
        # ranks than there are cores is an error there unless overloading is allowed.
        return ["--bind-to", "core:overload-allowed" if to_core else "none"]
    if not to_core:
        return []
    if launcher.family == "mpich":
        return ["-bind-to", "core"]
    if launcher.family == "intel":
        return ["-genv", "I_MPI_PIN_DOMAIN", "core"]
    raise MpiError(
        f"How {launcher.path} binds ranks to cores is not known (its --version names no MPI that sweep knows); "
        "leave bind_to_core off and pass the launcher's own flag."
    )


def mpi_environment(environ: Mapping[str, str], family: str, threads: int = 1) -> dict[str, str]:
    """Return a copy of an environment for ranks: marked with IN_MPI, with so many threads each, ready to start fast."""
    own = {MARK: "1", **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    return {**_DEFAULTS.get(family, {}), **environ, **own}


def world_from_environment(environ: Mapping[str, str]) -> World | None:
    """Return the world that a launcher's variables describe, or None if no launcher left any.

    Where one launcher runs under another (`mpirun` in a Slurm step), both left variables: the larger world counts.
    """
    worlds = [world for rank, sizes in _RANK_AND_SIZES if (world := _world(environ, rank, sizes))]
    return max(worlds, key=lambda world: world.size, default=None)


def _world(environ: Mapping[str, str], rank: str, sizes: Sequence[str]) -> World | None:
    if not environ.get(rank, "").isdecimal():
        return None
    size = next((name for name in sizes if environ.get(name, "").isdecimal()), None)
    return World(int(environ[rank]), int(environ[size]) if size else 0, size or rank)
