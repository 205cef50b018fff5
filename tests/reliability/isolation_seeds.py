"""A module whose import seeds a global generator."""

import numpy as np

np.random.seed(3)


def train() -> None:
    print("drew", np.random.rand())
