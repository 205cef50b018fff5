"""The file formats of states: the safest that holds one exactly.

- json: plain values.
- npz: an array, or a dict of arrays; read without pickle.
- pt: where torch is in use, tensors and plain values in dicts, lists and tuples; read with `weights_only=True`.
- pkl: anything else; one file holds all such states of a rank, so that what two of them share stays shared.
"""

from __future__ import annotations

import json
import math
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sweep.runtime.memory.npz import write_arrays

JSON, NPZ, PT, PKL = "json", "npz", "pt", "pkl"
_PLAIN = (bool, int, str, type(None))
_ONE, _KEY = "array", "key:"  # names in an npz file; a prefix, as a name may be anything


def form_of(state: Any) -> str:
    """Return the format that holds a state exactly."""
    if _is_array(state) or _are_arrays(state):
        return NPZ
    if _is_plain(state, ()):
        return JSON
    return PT if "torch" in sys.modules and _is_weights(state) else PKL


def _is_array(value: Any) -> bool:
    return type(value) is np.ndarray and not value.dtype.hasobject


def _are_arrays(value: Any) -> bool:
    return (
        type(value) is dict and bool(value) and all(type(key) is str and _is_array(one) for key, one in value.items())
    )


def _is_plain(value: Any, holders: tuple[int, ...]) -> bool:
    if type(value) in _PLAIN:
        return True
    if type(value) is float:
        return math.isfinite(value)
    if id(value) in holders:
        return False
    inner = (*holders, id(value))
    if type(value) is list:
        return all(_is_plain(one, inner) for one in value)
    return type(value) is dict and all(type(key) is str and _is_plain(one, inner) for key, one in value.items())


def _is_weights(state: Any) -> bool:
    """Say whether a state has nothing that `weights_only=True` would refuse."""
    torch = sys.modules["torch"]
    known = {torch.Tensor, torch.nn.Parameter, torch.Size, torch.dtype, torch.device, *_PLAIN, float}
    return all(type(one) in known for one in _leaves(state))


def _leaves(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield what stands in the dicts, lists and tuples of a value; one that nests too deep is a leaf itself."""
    if depth < 50 and type(value) in (dict, OrderedDict):
        for key, one in value.items():
            yield key
            yield from _leaves(one, depth + 1)
    elif depth < 50 and type(value) in (list, tuple):
        for one in value:
            yield from _leaves(one, depth + 1)
    else:
        yield value


def write_json(path: Path, state: Any) -> None:
    path.write_text(json.dumps(state, allow_nan=False))


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def write_npz(path: Path, state: Any) -> None:
    arrays = {_ONE: state} if _is_array(state) else {_KEY + key: one for key, one in state.items()}
    with path.open("wb") as file:
        write_arrays(file, arrays)


def read_npz(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as arrays:
        if _ONE in arrays.files:
            return arrays[_ONE]
        return {key.removeprefix(_KEY): arrays[key] for key in arrays.files}


def write_pt(path: Path, state: Any) -> None:
    import torch

    torch.save(_compact(state), path)


def read_pt(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _compact(value: Any) -> Any:
    """Return a state without the rest of the memory that its views are views of, which would be written too."""
    if type(value) in (dict, OrderedDict):
        return type(value)((key, _compact(one)) for key, one in value.items())
    if type(value) in (list, tuple):
        return type(value)(map(_compact, value))
    if hasattr(value, "untyped_storage") and value.untyped_storage().nbytes() > value.nbytes:
        return value.detach().clone()
    return value


WRITERS: dict[str, Callable[[Path, Any], None]] = {JSON: write_json, NPZ: write_npz, PT: write_pt}
READERS: dict[str, Callable[[Path], Any]] = {JSON: read_json, NPZ: read_npz, PT: read_pt}
