"""The state of the random generators that a process shares: Python's, numpy's global one, torch's (GPUs too).

In plain data, so that it can be read back without unpickling. Generators of the user's own (`numpy.random.Generator`,
`random.Random`, `torch.Generator`) are items of a run's state.
"""

from __future__ import annotations

import base64
import random
import sys
from collections.abc import Mapping
from typing import Any


def random_state() -> dict[str, Any]:
    """Return the state of every shared generator that this process has; torch only if it is imported."""
    state: dict[str, Any] = {"python": _listed(random.getstate())}
    if "numpy" in sys.modules:
        state["numpy"] = _numpy_state()
    if "torch" in sys.modules:
        state["torch"] = _torch_state(sys.modules["torch"])
    return state


def set_random_state(state: Mapping[str, Any]) -> None:
    """Put the generators back to where they were; a library that was used then is imported for it."""
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    if "numpy" in state:
        _set_numpy_state(state["numpy"])
    if "torch" in state:
        _set_torch_state(state["torch"])


def _listed(state: tuple[Any, ...]) -> list[Any]:
    version, numbers, gauss = state
    return [version, list(numbers), gauss]


def _numpy_state() -> dict[str, Any]:
    import numpy as np

    state: dict[str, Any] = dict(np.random.get_state(legacy=False))
    inner = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in state["state"].items()}
    return {**state, "state": inner}


def _set_numpy_state(state: Mapping[str, Any]) -> None:
    import numpy as np

    inner = state["state"]
    key = {"key": np.array(inner["key"], dtype=np.uint32)} if "key" in inner else {}
    np.random.set_state({**state, "state": {**inner, **key}})


def _torch_state(torch: Any) -> dict[str, Any]:
    cuda = torch.cuda.is_available() and torch.cuda.is_initialized()
    gpus = [as_text(one) for one in torch.cuda.get_rng_state_all()] if cuda else []
    return {"cpu": as_text(torch.get_rng_state()), "cuda": gpus}


def _set_torch_state(state: Mapping[str, Any]) -> None:
    import torch

    torch.set_rng_state(as_bytes(state["cpu"]))
    gpus = state["cuda"]
    if gpus and torch.cuda.is_available():
        for number, one in enumerate(gpus[: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(as_bytes(one), number)


def as_text(tensor: Any) -> str:
    """Return a tensor of bytes as text."""
    return base64.b64encode(tensor.cpu().numpy().tobytes()).decode()


def as_bytes(text: str) -> Any:
    """Return the tensor of bytes that `as_text` made into text."""
    import torch

    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8)
