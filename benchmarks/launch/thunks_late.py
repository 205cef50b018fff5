"""A thunk whose module imports nothing: numpy is imported inside the function, once in every run."""

from __future__ import annotations


def empty(i: int = 0) -> None:
    import numpy as np

    np.zeros(1)
