"""Every pickle that playing a policy loads. Pickles are programs: `Place.loaded` asks first whether they may run."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.snapshots.pickles import read_pickles


def load_items_of(path: Path) -> dict[str, Any]:
    """Load objects by name, as `write_pickles` and moulds have them."""
    return read_pickles(path, {})


def load_torch(path: Path) -> Any:
    """Load a whole model onto the CPU, whatever device it was saved on."""
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


def load_state(path: Path) -> Any:
    """Load a `vars.pkl`; in those of Spinning Up arrays have a form that only joblib reads.

    Raises:
        PolicyError: it needs joblib, which is not installed.
    """
    try:
        joblib = importlib.import_module("joblib")
    except ImportError:
        return _without_joblib(path)
    return joblib.load(path)


def _without_joblib(path: Path) -> Any:
    try:
        return read_pickles(path, {})
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "joblib":
            raise
        raise PolicyError(f"{path} was written with joblib: pip install joblib") from error
