"""Spinning Up's MPI helpers, without MPI where there is one process.

Rank and size come from the launcher's environment variables, so a rank that never communicates never loads an MPI
library; the first collective of a world of several does. Everything reduces in float64, or in the floating type
that an array already has.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

import numpy as np

from sweep.base.errors import MpiError
from sweep.base.mpi_command import MARK, World, find_launcher, mpi_argv, mpi_environment, world_from_environment
from sweep.base.settings import load_settings
from sweep.base.text import shown
from sweep.runtime.moments import Moments, as_floats, merged, moments_of
from sweep.runtime.mpi.command_line import rank_command
from sweep.runtime.mpi.world import check_world, start_mpi
from sweep.runtime.outputs.console import say

_ALONE = World(0, 1, "")
_OPERATIONS = {"sum": "SUM", "min": "MIN", "max": "MAX", "prod": "PROD"}


def proc_id() -> int:
    """Return the rank of this process, 0 outside MPI."""
    return _world().rank


def num_procs() -> int:
    """Return the number of ranks, 1 outside MPI."""
    if not _world().size:  # the launcher told the rank alone
        _communicator()
    return _world().size


def msg(m: object, string: str = "") -> None:
    """Print a message from every rank that calls, with its rank in front."""
    say(f"Message from {proc_id()}: {string}\t {m}")


def broadcast(x: Any, root: int = 0) -> None:
    """Fill a buffer on every rank with that of `root`, in place.

    Args:
        x: a contiguous array (or anything with the buffer protocol) of the same size and type on every rank.
    """
    communicator = _communicator()
    if communicator is not None:
        communicator.Bcast(x, root=root)


def allreduce(x: Any, buff: Any, op: Any = "sum") -> None:
    """Combine the arrays of all ranks into `buff` on every rank.

    Args:
        x: a contiguous array of the same shape and type on every rank.
        buff: a contiguous array like it, overwritten.
        op: 'sum', 'min', 'max', 'prod' or an `mpi4py.MPI.Op`.
    """
    communicator = _communicator()
    operation = _operation(op, communicator)
    if communicator is None:
        np.copyto(buff, x)
    else:
        communicator.Allreduce(x, buff, op=operation)


def mpi_op(x: Any, op: Any) -> Any:
    """Combine a scalar or an array over all ranks.

    Args:
        x: a scalar, or an array of the same shape on every rank.
        op: 'sum', 'min', 'max', 'prod' or an `mpi4py.MPI.Op`.

    Returns:
        A Python float for a scalar. For an array a new one of its shape: of its own type if that is floating, else
        float64.
    """
    given = np.asarray(x)
    floating = given.dtype.kind in "fc"
    # MPI has no half precision; float64 carries it without loss.
    local = np.array(given, dtype=given.dtype if floating and given.itemsize > 2 else np.float64, order="C")
    total = np.empty_like(local)
    allreduce(local, total, op)
    if not given.ndim:
        return total.item()
    return total.astype(given.dtype, copy=False) if floating else total


def mpi_sum(x: Any) -> Any:
    """Sum a scalar or an array over all ranks, by element; see `mpi_op`."""
    return mpi_op(x, "sum")


def mpi_avg(x: Any) -> Any:
    """Average a scalar or an array over all ranks, by element; see `mpi_op`."""
    return mpi_sum(x) / num_procs()


def mpi_min(x: Any) -> Any:
    """Return the smallest of a scalar or an array over all ranks, by element; see `mpi_op`."""
    return mpi_op(x, "min")


def mpi_max(x: Any) -> Any:
    """Return the largest of a scalar or an array over all ranks, by element; see `mpi_op`."""
    return mpi_op(x, "max")


def mpi_statistics_scalar(x: Any, with_min_and_max: bool = False) -> tuple[float, ...]:
    """Return statistics of all elements of `x` on all ranks.

    Args:
        x: numbers, of any shape and of a different size on every rank; none at all on some is fine.
        with_min_and_max: whether the smallest and the largest are wanted too.

    Returns:
        Mean and (population) standard deviation, then smallest and largest if wanted; NaN where no rank has any.
    """
    found = across_ranks(moments_of(as_floats(x)))
    return (found.mean, found.std, *((found.low, found.high) if with_min_and_max else ()))


def across_ranks(local: Moments) -> Moments:
    """Return the moments of all ranks together, the same bits on every rank: one Allgather of five numbers.

    All ranks must call it, also those that hold nothing.
    """
    communicator = _communicator()
    if communicator is None:
        return local
    rows = np.empty((communicator.Get_size(), len(local)))
    communicator.Allgather(np.array(local), rows)
    return functools.reduce(merged, map(Moments._make, rows.tolist()))


def mpi_fork(n: int, bind_to_core: bool = False) -> None:
    """Start the current program again on `n` ranks, in place of this process; return in each of them.

    Call it first thing in the program, before anything is opened: this process is replaced by the launcher, so
    signals reach the launcher and its exit code is the program's. Cleanups registered with `atexit` do not run.

    Args:
        n: how many ranks, a whole number; for 1 or less nothing happens.
        bind_to_core: whether each rank is bound to one core.

    The settings MPIEXEC and MPIEXEC_FLAGS count here as they do for a sweep.

    Raises:
        MpiError: `n` is no whole number; there is no launcher; the program already runs in a world of another size;
            or IN_MPI is set and no launcher says so.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise MpiError(f"mpi_fork({shown(n, 60)}): the number of ranks is not a whole number; pass one, such as 4.")
    if n <= 1 or _is_forked(n):
        return
    settings = load_settings()
    launcher = find_launcher(settings.mpiexec or None, os.environ)
    command = rank_command(sys.executable, sys.orig_argv[1:])
    argv = mpi_argv(launcher, n, command, settings.mpiexec_flags, bind_to_core, as_root=os.geteuid() == 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(argv[0], argv, mpi_environment(os.environ, launcher.family))


def _is_forked(n: int) -> bool:
    world = _world()
    if world.launcher_variable:
        # MPI starts now, and not at the first collective: only a rank that has started it can end the others.
        _communicator()
        if (size := num_procs()) != n:
            raise MpiError(
                f"mpi_fork({n}) was called in a world of {size} ({world.launcher_variable}): start the "
                f"program with plain python, or with a launcher and {n} ranks."
            )
        return True
    if MARK in os.environ:
        raise MpiError(
            f"mpi_fork({n}) was called with {MARK} set, but no MPI launcher started this process (no PMI_RANK, "
            f"OMPI_COMM_WORLD_RANK or PMIX_RANK): run it with {MARK} unset."
        )
    return False


def _started() -> Any:
    """Return the world's communicator if MPI is loaded and running, else None."""
    mpi = sys.modules.get("mpi4py.MPI")
    return mpi.COMM_WORLD if mpi and mpi.Is_initialized() and not mpi.Is_finalized() else None


def _world() -> World:
    said = world_from_environment(os.environ)
    communicator = _started()
    if communicator is None:
        return said or _ALONE
    size = communicator.Get_size()
    check_world(sys.modules["mpi4py.MPI"])
    variable = said.launcher_variable if said else ("mpi4py.MPI.COMM_WORLD" if size > 1 else "")
    return World(communicator.Get_rank(), size, variable)


def _communicator() -> Any:
    """Return the world's communicator, starting MPI if there are several ranks; None in a world of one without MPI."""
    communicator = _started()
    if communicator is not None and communicator.Get_size() > 1:
        return communicator
    if _world().size != 1:
        start_mpi()
    return _started()


def _operation(op: Any, communicator: Any) -> Any:
    if not isinstance(op, str):
        return op
    if op not in _OPERATIONS:
        raise MpiError(f"{op!r} is not an operation; use one of {', '.join(_OPERATIONS)}, or an mpi4py.MPI.Op.")
    return getattr(sys.modules["mpi4py.MPI"], _OPERATIONS[op]) if communicator is not None else None
