"""Memories as pt: a dict of tensors, which `torch.load(path, weights_only=True)` reads; the layout of skrl's files."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from sweep.base.errors import RingError
from sweep.runtime.memory.content import META, Content, described, to_bytes
from sweep.runtime.memory.fields import Array

# In the description: the CRC-32 of each field's bytes, and under META that of the rest of the description.
# `torch.load` does not look at the ones that its own archive has.
_CHECKSUMS = "crc32"


def write(file: IO[bytes], content: Content) -> None:
    """Write every field with its steps, of shape (rows, num_envs, *shape), oldest first, with their checksums.

    Raises:
        RingError: torch is not installed.
    """
    torch, about = _torch(), content.description
    arrays = {name: np.ascontiguousarray(array) for name, array in content.arrays.items()}
    if about is not None:
        arrays[META] = _sealed(to_bytes(about), arrays)
    torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, file)


def read(path: Path) -> Content:
    """Return what a file holds; nothing but tensors is unpickled.

    Raises:
        RingError: torch is not installed, or the file is damaged or no dict of tensors. A file without checksums
            (skrl's, or of an earlier version) is taken at its word.
    """
    torch = _torch()
    with path.open("rb") as file:
        try:
            found = torch.load(file, map_location="cpu", weights_only=True)
            arrays = {name: _array(tensor) for name, tensor in found.items()}
        except Exception as error:  # whatever torch raises for bytes that are not its own
            why = f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
            raise RingError(f"{path} is damaged or no dict of tensors ({why}); export it again.") from error
    content = described(arrays, str(path))
    if content.description is not None and (name := _changed(arrays)):
        raise RingError(f"{path} is damaged: {name!r} is not what was written; export it again.")
    return content


def _sealed(about: Array, arrays: Mapping[str, Array]) -> Array:
    """Return the bytes of a description with the checksums of the fields and its own."""
    words = json.loads(about.tobytes())
    return np.frombuffer(json.dumps({**words, _CHECKSUMS: _checksums(words, arrays)}).encode(), np.uint8).copy()


def _checksums(words: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, int]:
    fields = {name: zlib.crc32(np.ascontiguousarray(array).data) for name, array in arrays.items() if name != META}
    return {**fields, META: zlib.crc32(json.dumps(words).encode())}


def _changed(arrays: Mapping[str, Array]) -> str:
    """Return the name of a tensor that does not have its checksum; '' for none, or where there are no checksums."""
    words = json.loads(arrays[META].tobytes())
    written = words.pop(_CHECKSUMS, None)
    if written is None:
        return ""
    found = _checksums(words, arrays)
    return next((name for name in found if not isinstance(written, dict) or written.get(name) != found[name]), "")


def _array(tensor: Any) -> Array:
    array: Array = tensor.detach().numpy()
    return array


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise RingError(f"pt files need torch ({error}): pip install torch, or use the format 'npz'.") from error
    return torch
