"""Memories as npz: one array a field, without pickles; the layout of skrl's files, with a description beside."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from sweep.base.errors import RingError
from sweep.runtime.memory.content import META, Content, described, to_bytes
from sweep.runtime.memory.fields import Array, Arrays

# Of booleans, numbers, texts and times, whose header is short; others are left to numpy.
_PLAIN = "biufcSUmM"
# Bytes that stay in the processor's cache from their checksum to their way into the file.
_CHUNK = 2**17


def write(file: IO[bytes], content: Content) -> None:
    """Write every field with its steps, of shape (rows, num_envs, *shape), oldest first."""
    about = content.description
    write_arrays(file, content.arrays if about is None else {**content.arrays, META: to_bytes(about)})


def write_arrays(file: IO[bytes], arrays: Arrays) -> None:
    """Write arrays as `numpy.savez` does, which could not be given a field called 'file', and takes a third longer."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                _write_array(member, array)


def _write_array(member: IO[bytes], array: Array) -> None:
    """Write an array with its header, as `numpy.save` does, without copying it where it lies in one piece."""
    if array.dtype.kind not in _PLAIN or not array.size or not array.flags.c_contiguous:
        np.lib.format.write_array(member, array, allow_pickle=False)
        return
    np.lib.format.write_array_header_1_0(member, np.lib.format.header_data_from_array_1_0(array))
    data = array.reshape(-1).view(np.uint8).data
    for at in range(0, len(data), _CHUNK):
        member.write(data[at : at + _CHUNK])


def read(path: Path) -> Content:
    """Return what a file holds.

    Raises:
        RingError: the file is damaged or no npz file of arrays.
    """
    return described(read_arrays(path), str(path))


def read_arrays(path: Path) -> Arrays:
    """Return the arrays of a file by name, whatever they are of.

    Raises:
        RingError: the file is damaged or no npz file of arrays.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(path, error) from error
    except Exception as error:  # whatever numpy and zipfile raise for bytes that are not theirs
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> RingError:
    why = f"{type(error).__name__}: {str(error)[:80]}"
    return RingError(f"{path} is damaged or no npz file of arrays ({why}); export it again, or take another file.")
