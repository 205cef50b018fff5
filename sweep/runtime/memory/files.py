"""The files of memories: their formats, their names, and what fits into which memory."""

from __future__ import annotations

import filecmp
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from sweep.base.errors import RingError, did_you_mean
from sweep.base.files import write_atomic
from sweep.base.text import shown
from sweep.runtime.memory import csv_text, npz, pt
from sweep.runtime.memory.content import Content, Description
from sweep.runtime.memory.fields import Array, Arrays, Field, Fields, check_names, declared

_WRITERS: dict[str, Callable[[IO[bytes], Content], None]] = {"npz": npz.write, "pt": pt.write, "csv": csv_text.write}
_ALIASES = {"np": "npz", "numpy": "npz", "torch": "pt"}


def format_of(given: str) -> str:
    """Return a format's suffix: 'npz', 'pt' or 'csv'; 'np' is npz, as in skrl.

    Raises:
        RingError: there is no such format.
    """
    found = _ALIASES.get(given, given) if isinstance(given, str) else ""
    if found not in _WRITERS:
        guess = did_you_mean(str(given), [*_WRITERS, *_ALIASES])
        raise RingError(f"{shown(given, 40)} is no format of memories; use npz (or np), pt or csv.{guess}")
    return found


def export(directory: Path, stem: str, format: str, content: Content) -> Path:
    """Write a file, whole or not at all, and return its path.

    A file with that name and the same bytes is left as it is; beside one with other bytes the new one is numbered.

    Raises:
        RingError: an unknown format, or torch is missing for 'pt'.
        OSError: nothing can be written there.
    """
    suffix = format_of(format)
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / f".{stem}.{os.getpid()}.new"
    try:
        write_atomic(fresh, lambda file: _WRITERS[suffix](file, content))
        return _placed(fresh, directory / f"{stem}.{suffix}", content)
    finally:
        fresh.unlink(missing_ok=True)


def _placed(fresh: Path, wanted: Path, content: Content) -> Path:
    for path in itertools.chain([wanted], (wanted.with_stem(f"{wanted.stem}_{k}") for k in itertools.count(2))):
        if not path.exists():
            if path.suffix == ".csv":
                csv_text.write_beside(path, content)
            fresh.replace(path)
            return path
        if filecmp.cmp(fresh, path, shallow=False):
            return path
    raise AssertionError("the numbers have come to an end")


def read(path: Path, fields: Fields | None, num_envs: int) -> Content:
    """Return what a file holds; see `Ring.load`.

    Raises:
        RingError: there is no such file, its suffix names no format, or it is damaged.
    """
    suffix = path.suffix.removeprefix(".")
    if suffix not in _WRITERS:
        raise RingError(f"{path} ends in {path.suffix!r}; a memory's file ends in .npz, .pt or .csv.")
    try:
        if suffix == "csv":
            return csv_text.read(path, fields, num_envs)
        return npz.read(path) if suffix == "npz" else pt.read(path)
    except OSError as error:
        raise RingError(
            f"{path} cannot be read: {error.strerror}; name a file that a memory was exported to."
        ) from error


def fitting(content: Content, fields: Fields, num_envs: int, source: str, strict: bool = True) -> Arrays:
    """Return a file's steps in the fields of a memory, oldest first.

    A file without a description, as skrl's, has every value in one dimension and fills what was not used with NaN:
    values get their shapes, and steps at the end that are NaN in every float field are left out.

    Raises:
        RingError: fields, shapes, dtypes or the number of environments are not those of the memory.
    """
    given = content.arrays if strict else {name: array for name, array in content.arrays.items() if name in fields}
    check_names(fields, given, source)
    if content.description is None:
        given = _shaped(given, fields)
    for name, field in fields.items():
        array = given[name]
        if array.dtype != field.dtype or array.shape[2:] != field.shape or array.ndim < 2:
            raise RingError(f"{source} has {name} {array.dtype}{list(array.shape[2:])}; this memory has {field}.")
        if array.shape[1] != num_envs or len(array) != len(next(iter(given.values()))):
            raise RingError(f"{source} has {name} of {array.shape[:2]} steps and environments, not of {num_envs}.")
    return given if content.description else _used(given)


def _shaped(given: Arrays, fields: Fields) -> Arrays:
    return {name: _reshaped(array, fields[name]) for name, array in given.items() if name in fields}


def _reshaped(array: Array, field: Field) -> Array:
    fits = array.ndim > 1 and array.size == array.shape[0] * array.shape[1] * field.size
    return array.reshape(*array.shape[:2], *field.shape) if fits else array


def guessed(content: Content, path: Path) -> Description:
    """Return a description of a file that has none: every value as it lies there.

    Raises:
        RingError: its arrays are no fields of one memory.
    """
    leads = {array.shape[:2] for array in content.arrays.values()}
    lead = leads.pop() if len(leads) == 1 else ()
    if len(lead) != 2 or not all(lead):
        raise RingError(f"{path} holds no fields of shape (steps, environments, ...); name a memory's file.")
    fields = declared({name: (array.shape[2:], array.dtype) for name, array in content.arrays.items()})
    return Description(*lead, 0, 0, fields)


def _used(given: Arrays) -> Arrays:
    floats = [array.reshape(len(array), -1) for array in given.values() if array.dtype.kind == "f"]
    if not floats:
        return given
    used = np.flatnonzero(~np.all([np.isnan(array).all(axis=1) for array in floats], axis=0))
    count = int(used[-1]) + 1 if used.size else 0
    return {name: array[:count] for name, array in given.items()}
