"""A module whose import computes with many threads of OpenBLAS."""

import os
from pathlib import Path

import numpy as np

_MATRIX = np.ones((600, 600))
np.dot(_MATRIX, _MATRIX)


def train(file: str) -> None:
    """Compute, and write how many threads there are then."""
    np.dot(_MATRIX, _MATRIX)
    Path(file).write_text(str(len(os.listdir("/proc/self/task"))))  # noqa: PTH208
