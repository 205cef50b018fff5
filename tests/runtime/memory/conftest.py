"""What tests of memories share: a small ring, and steps that tell where they are from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sweep.memory import Ring

FIELDS = {"seen": ((2, 3), "float32"), "act": ((), "int64"), "done": ((), "bool"), "precise": (1, "float64")}


def steps(first: int, last: int, num_envs: int = 2) -> dict[str, Any]:
    """Return steps whose values differ in every place and have more digits than a short text."""
    t = np.arange(first, last)[:, None] + np.arange(num_envs)[None, :] / 7
    return {
        "seen": (t[:, :, None, None] / 3 + np.arange(6).reshape(2, 3) * 100).astype("float32"),
        "act": (t * 7 * 2**40).astype("int64"),
        "done": t % 3 < 1,
        "precise": np.expm1(t)[:, :, None],
    }


def same(a: Ring, b: Ring) -> bool:
    """Say whether two memories keep the same, bit for bit."""
    about = [(ring.total, ring.cursor, ring.filled, list(ring.fields.items())) for ring in (a, b)]
    return about[0] == about[1] and all(
        a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes() for name in a.fields
    )


@pytest.fixture
def ring() -> Callable[..., Ring]:
    """Return a function that makes a ring that has seen so many steps."""

    def make(count: int = 0, capacity: int = 6, **options: Any) -> Ring:
        made = Ring(capacity, 2, fields=FIELDS, **options)
        for t in range(count):
            made.add(**steps(t, t + 1))
        return made

    return make


@pytest.fixture
def torch(need: Callable[[str, bool, str], None]) -> Any:
    try:
        import torch
    except ImportError as error:
        need("torch", False, str(error))
    return torch
