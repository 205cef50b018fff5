"""Random generators of the libraries: fresh in every forked process, as in a fresh interpreter.

A fresh interpreter seeds them from the system. A process that is forked from a warm one would inherit their state, and
all runs would draw the same numbers. So they are seeded again after the fork, unless the import of the user's modules
has seeded them on purpose, which a fresh interpreter would repeat: then forking is not safe.
"""

from __future__ import annotations

import random
import sys
from typing import Any

# A seed below this was given by a person; torch takes one of 53 random bits by itself.
_GIVEN = 2**32


class Watch:
    """Tells whether the global generators were touched between its creation and a later moment."""

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy = _numpy_state()

    def touched(self) -> str:
        """Return which library's generator was seeded, or drawn from, since; empty if none was."""
        if random.getstate() != self._python:
            return "random"
        if _numpy_state() != self._numpy:
            return "numpy.random"
        torch = sys.modules.get("torch")
        return "torch" if torch is not None and torch.initial_seed() < _GIVEN else ""


def _numpy_state() -> Any:
    import numpy as np

    state: Any = np.random.get_state()
    return state[0], state[1].tobytes(), state[2:]


def seed_again() -> None:
    """Seed the global generators of this process from the system; `random` does so by itself after a fork."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()
