"""The files that weights are in: npz and safetensors, which hold numbers alone, and pt, read with `weights_only`."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from sweep.base.errors import did_you_mean, listed
from sweep.runtime.exports.errors import WeightsError
from sweep.runtime.exports.weights import Weights, as_array, is_tensor, weights_of

_KEY = "key:"  # before the names in the npz files of snapshots


def _write_npz(file: IO[bytes], weights: Weights, words: Mapping[str, str]) -> None:
    # `numpy.savez` has arguments of its own among the names.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, one in weights.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, as_array(name, one), allow_pickle=False)


def _read_npz(path: Path) -> Any:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name.removeprefix(_KEY): arrays[name] for name in arrays.files}


def _write_pt(file: IO[bytes], weights: Weights, words: Mapping[str, str]) -> None:
    torch = _needed("torch", "torch")
    torch.save({name: _alone(torch, one) for name, one in weights.items()}, file)


def _read_pt(path: Path) -> Any:
    return _needed("torch", "torch").load(path, map_location="cpu", weights_only=True)


def _write_safetensors(file: IO[bytes], weights: Weights, words: Mapping[str, str]) -> None:
    if any(map(is_tensor, weights.values())):
        torch = _needed("torch", "torch")
        save = _needed("safetensors.torch", "safetensors").save
        file.write(save({name: _alone(torch, one) for name, one in weights.items()}, dict(words)))
        return
    save = _needed("safetensors.numpy", "safetensors").save
    file.write(save({name: np.asarray(one, order="C") for name, one in weights.items()}, dict(words)))


def _read_safetensors(path: Path) -> Any:
    try:  # numpy has no bfloat16
        return _needed("safetensors.torch", "torch").load_file(path)
    except WeightsError:
        return _needed("safetensors.numpy", "safetensors").load_file(path)


def _alone(torch: Any, one: Any) -> Any:
    """Return a tensor on the CPU with memory of its own: tied weights and views are written each for itself."""
    return torch.as_tensor(one).detach().cpu().clone(memory_format=torch.contiguous_format)


def _needed(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise WeightsError(f"this format needs {package} ({error}): pip install {package}, or use 'npz'.") from error


_Writer = Callable[[IO[bytes], Weights, Mapping[str, str]], None]
WRITERS: Mapping[str, _Writer] = {"safetensors": _write_safetensors, "pt": _write_pt, "npz": _write_npz}
_READERS: Mapping[str, Callable[[Path], Any]] = {
    ".safetensors": _read_safetensors, ".pt": _read_pt, ".pth": _read_pt, ".npz": _read_npz,
}  # fmt: skip


def writer_of(format: str) -> _Writer:
    """Return what writes a format.

    Raises:
        WeightsError: there is no such format.
    """
    if format not in WRITERS:
        raise WeightsError(
            f"format={format!r} is none of {listed(map(repr, WRITERS))}.{did_you_mean(str(format), WRITERS)}"
        )
    return WRITERS[format]


def read_weights(path: Path) -> Weights:
    """Return the weights in a file, flat; no code in it is run.

    Raises:
        WeightsError: it is not there, of no known format, damaged, or holds more than weights.
    """
    if path.suffix not in _READERS:
        raise WeightsError(f"{path.name} is of no format that holds weights alone: {listed(_READERS)}.")
    if not path.is_file():
        raise WeightsError(f"{path} is not there.")
    try:
        return weights_of(_READERS[path.suffix](path))
    except WeightsError:
        raise
    except Exception as error:  # each library has its own errors for a damaged file
        whole = " A model pickled whole is for load_policy_and_env." if path.suffix in (".pt", ".pth") else ""
        first = str(error).strip().partition("\n")[0]
        raise WeightsError(f"{path} cannot be read as weights: {type(error).__name__}: {first}.{whole}") from error
