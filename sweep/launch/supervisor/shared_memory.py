"""Shared memory that a crashed world of MPI leaves behind, removed."""

from __future__ import annotations

import os
from pathlib import Path

from sweep.launch.supervisor.processes import ours, supervises

_FOLDER = Path("/dev/shm")
# MPICH's segments, and those of Open MPI's transports.
_PATTERNS = ("mpich_shm_*", "mpich*", "sm_segment.*", "vader_segment.*", "osc_*", "prte*", "pmix*", "ompi*")


def remove_unused() -> None:
    """Remove MPI's segments that are this user's and that no process has mapped.

    In a PID namespace of ours nothing is removed: those who use a segment may be outside, where they are not seen.
    The files are listed before the processes are looked at: a segment that is only just being made is mapped by its
    maker within microseconds.
    """
    if supervises(1):
        return
    us = os.geteuid()
    files = {str(file) for pattern in _PATTERNS for file in _FOLDER.glob(pattern) if _owner(file) == us}
    if not files:
        return
    for file in files - _mapped():
        try:
            os.unlink(file)
        except OSError:
            continue


def _mapped() -> set[str]:
    """Return the files below /dev/shm that processes of this user have mapped, or open."""
    found: set[str] = set()
    for pid in ours():
        try:
            lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        except OSError:
            continue
        found |= {line[line.index(str(_FOLDER)) :] for line in lines if str(_FOLDER) in line}
    return found


def _owner(file: Path) -> int:
    try:
        return file.stat().st_uid
    except OSError:
        return -1
