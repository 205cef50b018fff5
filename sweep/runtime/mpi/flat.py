"""Many arrays in one collective: what a message costs, it costs once."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.base.errors import MpiError
from sweep.runtime.mpi.world import start_mpi

# Elements in one message: older MPI libraries count to 2**31 only, and MPICH 5 takes three times as long for 50 MB in
# one piece as for them in pieces of this length.
_MOST = 2**22


def add_up(flat: NDArray[Any]) -> int:
    """Replace a contiguous one-dimensional array of floats by its sum over all ranks; return how many these are."""
    mpi = start_mpi()
    for part in _parts(flat):
        mpi.COMM_WORLD.Allreduce(mpi.IN_PLACE, part, op=mpi.SUM)
    size: int = mpi.COMM_WORLD.Get_size()
    return size


def from_root(arrays: Sequence[NDArray[Any]], root: int) -> list[NDArray[Any]]:
    """Return copies of the arrays that rank `root` has, of any dtypes, in one broadcast of their bytes.

    Raises:
        MpiError: the arrays of some rank have other shapes or dtypes; raised on every rank.
    """
    world = start_mpi().COMM_WORLD
    _check_alike(arrays, root, world)
    flat = np.concatenate([np.empty(0, np.uint8), *map(_bytes, arrays)])
    for part in _parts(flat):
        world.Bcast(part, root=root)
    ends = np.cumsum([array.nbytes for array in arrays])[:-1]
    pieces = np.split(flat, ends) if arrays else []
    return [np.array(piece.view(array.dtype).reshape(array.shape)) for piece, array in zip(pieces, arrays, strict=True)]


def _bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _parts(flat: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (flat[start : start + _MOST] for start in range(0, flat.size, _MOST))


def _check_alike(arrays: Sequence[NDArray[Any]], root: int, world: Any) -> None:
    """Compare a checksum of the shapes: a broadcast of other lengths would hang, or mix up the values."""
    layout = ";".join(f"{array.dtype}{array.shape}" for array in arrays)
    sums = np.empty(world.Get_size(), np.int64)
    world.Allgather(np.array([zlib.crc32(layout.encode())], np.int64), sums)
    others = np.flatnonzero(sums != sums[root]).tolist()
    if others:
        raise MpiError(
            f"rank {others[0]} has parameters of other shapes or dtypes than rank {root}; build the same model on "
            "every rank before it is synced."
        )
