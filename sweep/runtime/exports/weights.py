"""The weights of a model as a flat dict: names with dots, arrays or tensors."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sweep.base.text import shown
from sweep.runtime.exports.errors import WeightsError

Weights = dict[str, Any]


def weights_of(what: Any) -> Weights:
    """Return the weights of something by name; they are the live ones, not copies.

    Args:
        what: has `state_dict()`, or is a dict of arrays, tensors and numbers, nested too (the names are joined with
            dots), or a list of them (their places are the names).

    Raises:
        WeightsError: there is something else in it, or one name twice.
    """
    state = what.state_dict() if callable(getattr(what, "state_dict", None)) else what
    if not isinstance(state, (Mapping, list, tuple)):
        raise WeightsError(
            f"{shown(what, 80)} has no weights: pass what has state_dict(), a dict of arrays, or a list of them."
        )
    found: Weights = {}
    for name, one in _leaves(state, ""):
        if name in found:
            raise WeightsError(f"there are two weights {name!r}; rename one.")
        found[name] = one
    if not found:
        raise WeightsError(f"{shown(what, 80)} has no weights at all.")
    return found


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (Mapping, list, tuple)):
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, one in inner:
            yield from _leaves(one, joined(name, key))
    elif is_tensor(value) or (isinstance(value, np.ndarray) and not value.dtype.hasobject):
        yield name, value
    elif isinstance(value, (bool, int, float, np.generic)):
        yield name, np.asarray(value)
    elif value is not None:
        raise WeightsError(
            f"{name} is {shown(value, 60)}, no weights; an export holds numbers alone, the rest belongs in run.state."
        )


def joined(name: str, key: object) -> str:
    """Return the name of a part of what has a name itself, or of the whole, which has none."""
    return f"{name}.{key}" if name else str(key)


def is_tensor(value: Any) -> bool:
    """Say whether a value is a torch tensor, without loading torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an array or a tensor."""
    return tuple(int(size) for size in value.shape)


def as_array(name: str, value: Any) -> np.ndarray[Any, Any]:
    """Return an array with the content of an array or a tensor.

    Raises:
        WeightsError: numpy has no such type, as bfloat16.
    """
    if not is_tensor(value):
        return np.asarray(value)
    try:
        return np.asarray(value.detach().cpu().numpy())
    except TypeError as error:
        raise WeightsError(
            f"{name} is {value.dtype}, which npz cannot hold; use format='safetensors' or 'pt'."
        ) from error
