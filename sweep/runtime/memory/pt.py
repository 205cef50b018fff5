"""Memories as pt: a dict of tensors, which `torch.load(path, weights_only=True)` reads; the layout of skrl's files."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np

from sweep.base.errors import RingError
from sweep.runtime.memory.content import META, Content, described, to_bytes
from sweep.runtime.memory.fields import Array


def write(file: IO[bytes], content: Content) -> None:
    """Write every field with its steps, of shape (rows, num_envs, *shape), oldest first.

    Raises:
        RingError: torch is not installed.
    """
    torch, about = _torch(), content.description
    arrays = content.arrays if about is None else {**content.arrays, META: to_bytes(about)}
    torch.save({name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}, file)


def read(path: Path) -> Content:
    """Return what a file holds; nothing but tensors is unpickled.

    Raises:
        RingError: torch is not installed, or the file is damaged or no dict of tensors.
    """
    torch = _torch()
    with path.open("rb") as file:
        try:
            found = torch.load(file, map_location="cpu", weights_only=True)
            arrays = {name: _array(tensor) for name, tensor in found.items()}
        except Exception as error:  # whatever torch raises for bytes that are not its own
            why = f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
            raise RingError(f"{path} is damaged or no dict of tensors ({why}); export it again.") from error
    return described(arrays, str(path))


def _array(tensor: Any) -> Array:
    array: Array = tensor.detach().numpy()
    return array


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise RingError(f"pt files need torch ({error}): pip install torch, or use the format 'npz'.") from error
    return torch
