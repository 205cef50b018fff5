"""What this launch has to work with: ranks, a launcher, a place for results; and the pause before it begins."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from pathlib import Path

from sweep.base.errors import LaunchError, UsageError
from sweep.base.mpi_command import find_launcher, world_from_environment
from sweep.base.settings import Settings
from sweep.base.text import paint
from sweep.front.request import check_flag, directory
from sweep.front.screen import say
from sweep.launch.job import Machine
from sweep.rundir.naming import Place


def place_of(data_dir: str | os.PathLike[str] | None, datestamp: bool, settings: Settings) -> Place:
    """Return where a launch puts its runs; a date is taken once, here, for all of them.

    Raises:
        UsageError: the data directory is a file.
    """
    check_flag("datestamp", datestamp)
    root = directory(settings.default_data_dir if data_dir is None else data_dir)
    _check_writable(root)
    return Place(root, datetime.now() if datestamp or settings.force_datestamp else None)


def _check_writable(root: Path) -> None:
    """Refuse a place where no directory can be made; nothing is made to find out."""
    try:
        there = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    except OSError as error:
        raise UsageError(f"data_dir {str(root)!r} cannot be a directory: {error.strerror}; name another.") from None
    if not there.is_dir():
        what = "is a file" if there == root else f"cannot be made, as {str(there)!r} is a file"
        raise UsageError(f"data_dir {str(root)!r} {what}; name a directory.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"data_dir {str(root)!r}: nothing can be written in {str(there)!r}; name another.")


def this_machine(num_cpu: int, settings: Settings, threads: int = 1, start: str = "auto", pin: bool = False) -> Machine:
    """Return how ranks are started here.

    Args:
        num_cpu: the most ranks that a run has.
        start: 'auto', 'fork' or 'spawn'.
        pin: give each rank cores of its own.

    Raises:
        MpiError: more than one rank is asked for, and there is no launcher.
        LaunchError: this process is itself one of several ranks.
    """
    world = world_from_environment(os.environ)
    if world is not None and world.size > 1:
        raise LaunchError(
            f"this script is itself one of {world.size} ranks ({world.launcher_variable} says so), and each would "
            "start the whole sweep. Start it without mpiexec; num_cpu= gives every run its ranks."
        )
    if not hasattr(os, "pidfd_open"):
        raise LaunchError("running needs Linux 5.3 or later: this system has no process descriptors (pidfd).")
    launcher = find_launcher(settings.mpiexec or None, os.environ) if num_cpu > 1 else None
    return Machine(
        python=Path(sys.executable),
        launcher=launcher,
        flags=settings.mpiexec_flags,
        as_root=os.geteuid() == 0,
        threads=threads,
        start=start,
        pin=pin,
        grace_s=settings.grace,
        output_limit=settings.output_limit_mb * 2**20,
        namespace=settings.pid_namespace,
    )


def countdown(seconds: float) -> None:
    """Give a person time to read the plan and press Ctrl-C; where nobody watches there is no wait."""
    if seconds <= 0 or not sys.stderr.isatty():
        return
    from tqdm import trange

    notice = f"starting in {seconds:g} s; Ctrl-C stops here (setting WAIT_BEFORE_LAUNCH)"
    say(paint(notice, "cyan"))
    for _ in trange(100, ncols=80, leave=False, bar_format="{l_bar}{bar}| {remaining}"):
        time.sleep(seconds / 100)
