"""A number that a snapshot can put back, as Python's own cannot be changed in place."""

from __future__ import annotations

from typing import Self


class Counter:
    """Counts: ``steps += 100``, ``steps.value``, ``int(steps)``."""

    def __init__(self, value: float = 0) -> None:
        self.value = value

    def __iadd__(self, more: float) -> Self:
        self.value += more
        return self

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"Counter({self.value!r})"

    def state_dict(self) -> dict[str, float]:
        return {"value": self.value}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.value = state["value"]
