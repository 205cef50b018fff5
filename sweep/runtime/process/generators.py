"""Random generators of the libraries: fresh in every forked process, as in a fresh interpreter.

A fresh interpreter seeds them from the system. A process that is forked from a warm one would inherit their state, and
all runs would draw the same numbers. So they are seeded again after the fork, unless the import of the user's modules
has seeded them on purpose, which a fresh interpreter would repeat, or has made generators of its own: then forking is
not safe.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Iterator
from typing import Any

# A seed below this was given by a person; torch takes one of 53 random bits by itself.
_GIVEN = 2**32


class Watch:
    """Tells what happened to random generators between its creation and a later moment."""

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy = _numpy_state()
        self._made = {id(one) for one in _generators()}

    def objection(self) -> str:
        """Return why forks of this process would draw other numbers than fresh processes; empty if they would not."""
        touched = self._touched()
        if touched:
            return f"the import seeds {touched}, or draws from it"
        new = next((one for one in _generators() if id(one) not in self._made), None)
        return f"the import makes a random generator ({type(new).__name__})" if new is not None else ""

    def _touched(self) -> str:
        if random.getstate() != self._python:
            return "random"
        if _numpy_state() != self._numpy:
            return "numpy.random"
        torch = sys.modules.get("torch")
        return "torch" if torch is not None and torch.initial_seed() < _GIVEN else ""


def _generators() -> Iterator[object]:
    """Yield the generators that are there; those of the system itself have no state that a fork could repeat."""
    import numpy as np

    kinds = (random.Random, np.random.Generator, np.random.RandomState)
    for thing in gc.get_objects():
        if issubclass(type(thing), kinds) and not isinstance(thing, random.SystemRandom):
            yield thing


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
