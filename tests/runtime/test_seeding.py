"""One seed for all: what is drawn after it, and when torch gets it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import SweepError
from sweep.runtime.seeding import set_seed

TORCH = """
seeds, said = [], []
def manual_seed(seed): seeds.append(seed)
def use_deterministic_algorithms(on): said.append(on)
class backends:
    class cudnn: benchmark = True
"""


@pytest.fixture(autouse=True)
def everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    states, finders = (random.getstate(), np.random.get_state()), list(sys.meta_path)
    monkeypatch.setitem(sys.modules, "torch", None)  # so that it is put back afterwards, or taken away
    del sys.modules["torch"]
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])
    sys.meta_path[:] = finders
    os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return a function that imports a stand-in for torch."""
    (tmp_path / "torch.py").write_text(TORCH)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda: importlib.import_module("torch")


def drawn() -> tuple[float, float]:
    return random.random(), float(np.random.random())


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    found = []
    for seed in (3, 3, 4):
        assert set_seed(seed) == seed
        found.append(drawn())
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]
    assert found[0][1] != found[2][1]


def test_without_a_seed_a_fresh_one_is_taken_and_returned() -> None:
    seeds = {set_seed() for _ in range(5)}
    assert len(seeds) == 5
    before = drawn()
    used = set_seed()
    first = drawn()
    set_seed(used)
    assert drawn() == first != before


def test_numpys_whole_numbers_are_seeds() -> None:
    assert set_seed(np.int64(5)) == 5


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", True])
def test_what_is_no_seed_is_refused(seed: Any) -> None:
    with pytest.raises(SweepError, match=r"a seed is a whole number from 0 to 2\*\*32 - 1"):
        set_seed(seed)


def test_torch_is_seeded_now_if_it_is_there(stand_in: Callable[[], Any]) -> None:
    torch = stand_in()
    set_seed(7)
    assert (torch.seeds, torch.said, torch.backends.cudnn.benchmark) == ([7], [], True)


def test_torch_is_seeded_once_when_it_is_imported_later(stand_in: Callable[[], Any]) -> None:
    finders = len(sys.meta_path)
    set_seed(7)
    set_seed(8, deterministic=True)
    assert importlib.util.find_spec("torch")  # somebody only asks whether it is there
    torch = stand_in()
    assert (torch.seeds, torch.said, torch.backends.cudnn.benchmark) == ([8], [True], False)
    assert len(sys.meta_path) == finders
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_a_missing_torch_stays_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    importlib.invalidate_caches()
    set_seed(7)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("torch")


REAL = """
from sweep import set_seed
import numpy as np
set_seed(5)
import torch
later = torch.rand(3).tolist()
set_seed(5)
print(later == torch.rand(3).tolist(), torch.initial_seed())
torch.manual_seed(6)
print(torch.initial_seed(), torch.are_deterministic_algorithms_enabled())
set_seed(5, deterministic=True)
print(torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark)
"""


def test_the_real_torch_draws_the_same_whenever_it_is_imported(run: Callable[..., Any], need: Any) -> None:
    need("torch", importlib.util.find_spec("torch") is not None, "torch is not installed")
    outcome = run(REAL)
    assert outcome.stdout.splitlines() == ["True 5", "6 False", "True False"], outcome.stderr
