"""The named fields of a memory: how they are declared, and which values fit into them."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.base.errors import RingError, listed
from sweep.base.text import shown

Array = NDArray[Any]
Arrays = dict[str, Array]

_KINDS = "bool, (u)int8 to (u)int64, float16, float32 or float64"
_DTYPES = frozenset(
    ["bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), "float16", "float32", "float64"]
)


@dataclass(frozen=True)
class Field:
    """One field: what every environment gives at every step.

    Attributes:
        shape: of one value; () is a number.
        dtype: of the memory, and of its files.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """How many numbers one value has."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{self.name} {self.dtype}{list(self.shape)}"


Fields = dict[str, Field]


def declared(fields: Mapping[str, Any]) -> Fields:
    """Return fields given as ``{name: (shape, dtype)}``, where a whole number is the shape of a vector.

    Raises:
        RingError: there are none, a name is no Python name, or a shape or a dtype is not one.
    """
    if not isinstance(fields, Mapping) or not fields:
        raise RingError(f"fields is {shown(fields, 60)}: declare at least one, as {{'reward': ((), 'float32')}}.")
    return {name: _field(name, given) for name, given in fields.items()}


def _field(name: Any, given: Any) -> Field:
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):
        raise RingError(f"{shown(name, 60)} cannot name a field; use a Python name, such as 'reward'.")
    try:
        shape, dtype = given
        lengths = (shape,) if not isinstance(shape, (tuple, list)) else tuple(shape)
        field = Field(name, tuple(operator.index(length) for length in lengths), np.dtype(dtype))
    except (TypeError, ValueError):
        raise RingError(f"field {name!r} is {shown(given, 60)}; write (shape, dtype), as ((4,), 'float32').") from None
    if min(field.shape, default=1) < 1:
        raise RingError(f"field {name!r} has the shape {field.shape}; lengths are 1 or more.")
    if field.dtype.name not in _DTYPES or not field.dtype.isnative:
        raise RingError(f"field {name!r} is {field.dtype}; a memory holds {_KINDS}.")
    return field


def steps_of(fields: Fields, num_envs: int, values: Mapping[str, Any]) -> Arrays:
    """Return values as arrays of shape (steps, num_envs, *shape) in the fields' dtypes; nothing is kept of them.

    Args:
        values: for every field one step, of shape (num_envs, *shape), or several, of shape (steps, num_envs, *shape).
            With one environment its axis may be left out. Tensors of any device are taken too.

    Raises:
        RingError: a field is missing or unknown, a shape does not fit, a value does not fit into its dtype, or the
            fields have different numbers of steps.
    """
    check_names(fields, values)
    found = {name: _steps(field, num_envs, values[name]) for name, field in fields.items()}
    counts = {name: len(array) for name, array in found.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise RingError(f"the fields have different numbers of steps ({said}); give as many of each.")
    return found


def check_names(fields: Fields, given: Mapping[str, Any], source: str = "") -> None:
    """Refuse names other than those of the fields.

    Raises:
        RingError: names what is missing and what is unknown; `source` stands in front of it.
    """
    missing = [name for name in fields if name not in given]
    unknown = [name for name in given if name not in fields]
    if missing or unknown:
        wrong = [f"misses {listed(missing)}"] * bool(missing) + [f"has unknown {listed(unknown)}"] * bool(unknown)
        raise RingError(f"{source or 'what was added'} {' and '.join(wrong)}; this memory holds {listed(fields)}.")


def _steps(field: Field, num_envs: int, value: Any) -> Array:
    given = as_array(field, value)
    ahead = given.ndim - len(field.shape)
    if ahead < 0 or given.shape[ahead:] != field.shape:
        raise _misfit(field, num_envs, given)
    lead = given.shape[:ahead]
    if num_envs == 1 and lead == ():
        lead = (1, 1)
    elif num_envs == 1 and len(lead) == 1:
        lead = (*lead, 1)
    elif len(lead) == 1:
        lead = (1, *lead)
    if len(lead) != 2 or lead[1] != num_envs:
        raise _misfit(field, num_envs, given)
    return fitted(field, given).reshape(*lead, *field.shape)


def _misfit(field: Field, num_envs: int, given: Array) -> RingError:
    one = (num_envs, *field.shape)
    return RingError(
        f"{field.name!r} has the shape {given.shape}; one step is {one}, several are (steps, "
        f"{str(one)[1:].replace(',)', ')')}."
    )


def as_array(field: Field, value: Any) -> Array:
    """Return a value, or a tensor of any device, as an array of numbers.

    Raises:
        RingError: it does not consist of numbers.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        # numpy has no bfloat16, and float32 holds all of it
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    try:
        array = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        array = np.empty((), object)
    if array.dtype.kind not in "biuf":
        raise RingError(f"{field.name!r} is {shown(value, 60)}, which is no array of numbers; it needs {field.dtype}.")
    return array


def fitted(field: Field, array: Array) -> Array:
    """Return an array in a field's dtype; precision may be lost, range and kind may not.

    Raises:
        RingError: a fraction for a whole number, a number for a truth value, or one that is too large.
    """
    if array.dtype == field.dtype:
        return array
    kinds = array.dtype.kind, field.dtype.kind
    whole = kinds[0] in "iu" and kinds[1] in "iu"
    if not whole and not np.can_cast(array.dtype, field.dtype, "same_kind"):
        raise RingError(f"{field.name!r} is {array.dtype} and the field {field.dtype}; convert it on purpose, first.")
    if whole and array.size and not _holds(field.dtype, array):
        raise RingError(f"{field.name!r} goes from {array.min()} to {array.max()}, which {field.dtype} cannot hold.")
    try:
        with np.errstate(over="raise"):
            return array.astype(field.dtype)
    except FloatingPointError:
        raise RingError(f"{field.name!r} has values that are too large for {field.dtype}; declare float64.") from None


def _holds(dtype: np.dtype[Any], array: Array) -> bool:
    limits = np.iinfo(dtype)
    return bool(int(array.min()) >= limits.min and int(array.max()) <= limits.max)
