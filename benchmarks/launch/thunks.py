"""What the runs call: as little as there can be, so that what is left is the cost of the launch."""

from __future__ import annotations

import time

import numpy as np

BURNT_S = 1.0


def empty(i: int = 0) -> float:
    """Do nothing with numpy loaded; returns when that was, in seconds since the epoch."""
    np.zeros(1)
    return time.time()


def allreduce(i: int = 0) -> float:
    """Add up the ranks of two; raises RuntimeError where they are not two, which would make the figure worthless."""
    from mpi4py import MPI

    total = np.zeros(1)
    MPI.COMM_WORLD.Allreduce(np.ones(1), total)
    if total[0] != 2:
        raise RuntimeError(f"{total[0]:g} ranks instead of 2")
    return time.time()


def burn(i: int = 0) -> None:
    """Keep one core busy until `BURNT_S` seconds of processor time are spent, however long that takes."""
    end = time.process_time() + BURNT_S
    while time.process_time() < end:
        pass
