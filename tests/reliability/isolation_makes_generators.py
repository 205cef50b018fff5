"""A module with generators of its own, which a fresh interpreter seeds anew."""

import random
from pathlib import Path

import numpy as np

MINE = random.Random()
NUMPYS = np.random.default_rng()
OLD = np.random.RandomState()


def train(file: str) -> None:
    Path(file).write_text(repr([MINE.random(), float(NUMPYS.random()), float(OLD.rand())]))
