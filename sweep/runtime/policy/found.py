"""A policy that was found, with where it and its environment came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Found:
    """A policy.

    Attributes:
        policy: has `act(observation)`, or is a function of observations.
        path: what it was loaded from.
        envs: ways to its environment, the best first; each returns it, or None if there is none, or raises.
    """

    policy: Any
    path: Path
    envs: tuple[Callable[[], Any], ...] = ()
