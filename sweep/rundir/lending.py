"""The lock of a run that others work on for its owner, perhaps on another host: three parts of one file's lock.

====== ============================================= =================================
part   held by                                       says
====== ============================================= =================================
head   owner and worker together                     the run is somebody's: no other launch takes it
work   the worker, and the supervisor of the run     a copy of the run may be alive
owner  the owner                                     somebody waits for what becomes of it
====== ============================================= =================================

Who takes the whole lock (`sweep.rundir.lock.take`) has all three.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sweep.rundir.lock import Lock, is_locked, set_lock

# Start and length, far behind any text in the file.
_HEAD, _WORK, _OWNER = (0, 2**62), (2**62, 1), (2**62 + 1, 1)


def lend(lock: Lock, file: Path) -> None:
    """Let a worker have the run whose whole lock, or what was left of it after the last time, is held."""
    set_lock(lock.descriptor, file, fcntl.F_RDLCK, *_HEAD)
    set_lock(lock.descriptor, file, fcntl.F_UNLCK, *_WORK)


def take_work(file: Path) -> Lock | None:
    """Return the worker's part of a lock, or None if another worker or another launch has the run.

    Its text goes on naming the owner, who can be asked to stop.

    Raises:
        LaunchError: the file system has no locks.
        OSError: there is no such file, or it cannot be written.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        ours = set_lock(descriptor, file, fcntl.F_WRLCK, *_WORK) and set_lock(descriptor, file, fcntl.F_RDLCK, *_HEAD)
    except BaseException:
        os.close(descriptor)
        raise
    if ours:
        return Lock(descriptor)
    os.close(descriptor)
    return None


def at_work(file: Path) -> bool:
    """Say whether a worker has the run, or what it has started is still alive."""
    return is_locked(file, fcntl.F_WRLCK, *_WORK)


def is_owned(file: Path) -> bool:
    """Say whether somebody still waits for what becomes of the run."""
    return is_locked(file, fcntl.F_WRLCK, *_OWNER)
