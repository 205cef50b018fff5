"""What a memory has in common with its files: the steps it keeps, and a description of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.base.errors import RingError
from sweep.base.text import shown
from sweep.runtime.memory.fields import Array, Arrays, Field, Fields, declared
from sweep.runtime.memory.storage import Storage

META = "__meta__"
_FORMAT, _VERSION = "sweep memory", 1


@dataclass(frozen=True)
class Description:
    """How many steps there are, and of what.

    Attributes:
        capacity: in steps.
        rows: the steps that are kept.
        total: all steps that were ever added; the last one kept is number `total - 1`.
    """

    capacity: int
    num_envs: int
    rows: int
    total: int
    fields: Fields


@dataclass(frozen=True)
class Content:
    """The steps of a memory in order of time, oldest first.

    Attributes:
        arrays: by field, of shape (rows, num_envs, *shape).
        description: None for a file that says nothing of itself, as skrl's.
    """

    arrays: Arrays
    description: Description | None


def description_of(storage: Storage) -> Description:
    return Description(storage.capacity, storage.num_envs, storage.rows, storage.total, storage.fields)


def content_of(storage: Storage) -> Content:
    """Return what a storage keeps; the arrays may share its memory."""
    return Content(storage.steps(storage.first, storage.total), description_of(storage))


def to_json(about: Description) -> dict[str, Any]:
    """Return a description as JSON; `cursor` and `filled` are for readers, as they follow from the rest."""
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "order": "oldest first",
        "capacity": about.capacity,
        "num_envs": about.num_envs,
        "rows": about.rows,
        "total": about.total,
        "cursor": about.total % about.capacity,
        "filled": about.total >= about.capacity,
        "fields": {
            name: {"shape": list(field.shape), "dtype": field.dtype.name} for name, field in about.fields.items()
        },
    }


def from_json(data: Any, source: str) -> Description:
    """Return the description in JSON that was read from `source`.

    Raises:
        RingError: it is not one, or one of a later version.
    """
    try:
        if (data["format"], data["version"]) != (_FORMAT, _VERSION):
            raise RingError(
                f"{source} is {shown(data['format'], 40)} of version {shown(data['version'], 20)}; this "
                f"program reads {_FORMAT!r} of version {_VERSION}: use the program that wrote it."
            )
        capacity, num_envs, rows, total = (data[key] for key in ("capacity", "num_envs", "rows", "total"))
        fields = declared({name: (given["shape"], given["dtype"]) for name, given in data["fields"].items()})
    except (TypeError, KeyError, AttributeError):
        raise _nonsense(source) from None
    about = Description(capacity, num_envs, rows, total, fields)
    if {type(number) for number in (capacity, num_envs, rows, total)} != {int} or not _consistent(about):
        raise _nonsense(source)
    return about


def _consistent(about: Description) -> bool:
    return about.capacity > 0 and about.num_envs > 0 and about.rows == min(about.total, about.capacity) >= 0


def _nonsense(source: str) -> RingError:
    return RingError(f"{source} describes no memory: it is damaged, or of another program; export it again.")


def to_bytes(about: Description) -> Array:
    """Return a description as the bytes that lie beside the fields in an npz or pt file."""
    return np.frombuffer(json.dumps(to_json(about)).encode(), np.uint8).copy()


def from_bytes(data: Array, source: str) -> Description:
    try:
        return from_json(json.loads(data.tobytes()), source)
    except (ValueError, RecursionError):
        raise _nonsense(source) from None


def checked(arrays: Arrays, about: Description, source: str) -> Content:
    """Return arrays and their description, if they fit.

    Raises:
        RingError: a field is missing, or has another shape or dtype than the description says.
    """
    fitting = arrays.keys() == about.fields.keys() and all(
        _fits(arrays[name], about, field) for name, field in about.fields.items()
    )
    if not fitting:
        raise RingError(f"{source} does not hold what it says of itself: it is damaged; export it again.")
    return Content(arrays, about)


def _fits(array: Array, about: Description, field: Field) -> bool:
    return array.shape == (about.rows, about.num_envs, *field.shape) and array.dtype == field.dtype


def described(arrays: Mapping[str, Array], source: str) -> Content:
    """Return what an npz or pt file held, with its description if it has one."""
    fields = {name: array for name, array in arrays.items() if name != META}
    if META not in arrays:
        return Content(fields, None)
    return checked(fields, from_bytes(arrays[META], source), source)
