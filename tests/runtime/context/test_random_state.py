"""The shared random generators: kept as plain data, and back where they were."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import numpy as np
import pytest

from sweep.runtime.context.random_state import random_state, set_random_state


@pytest.fixture(autouse=True)
def as_they_were() -> Iterator[None]:
    before = random.getstate(), np.random.get_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])


def drawn() -> list[float]:
    return [random.random(), random.gauss(0, 1), np.random.rand(), np.random.normal(), *np.random.rand(700)]


def test_the_numbers_go_on_also_from_the_middle_of_a_pair_of_normal_ones() -> None:
    random.seed(1)
    np.random.seed(1)
    drawn()
    random.gauss(0, 1)
    np.random.normal()
    state = json.loads(json.dumps(random_state(), allow_nan=False))
    first = drawn()
    drawn()
    set_random_state(state)
    assert drawn() == first


def test_another_kind_of_global_generator_of_numpy_is_kept_too() -> None:
    before = np.random.get_bit_generator()
    try:
        np.random.set_bit_generator(np.random.PCG64(3))
        state = json.loads(json.dumps(random_state()))
        first = np.random.rand(5).tolist()
        set_random_state(state)
        assert np.random.rand(5).tolist() == first
    finally:
        np.random.set_bit_generator(before)
