"""One seed for every shared random generator of a process."""

from __future__ import annotations

import importlib.abc
import operator
import os
import random
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

from sweep.base.errors import SweepError
from sweep.base.text import shown

# numpy takes no seed from here on, and below it torch's counts as one that a person gave.
_MOST = 2**32


def set_seed(seed: int | None = None, deterministic: bool = False) -> int:
    """Seed Python's `random`, numpy's global generator, and torch's on every device; return the seed.

    If torch is not imported yet, it is seeded when it is. Generators of your own, environments and their spaces have
    seeds of their own, and so have other ranks: `set_seed(seed + 10_000 * proc_id())` gives each its own numbers.

    Args:
        seed: from 0 to 2**32 - 1; a fresh one if it is None.
        deterministic: let torch use deterministic algorithms alone, which may be slower; an operation that has none
            raises. On a GPU call it before the first use of CUDA.

    Raises:
        SweepError: the seed is no whole number in that range.
    """
    used = int.from_bytes(os.urandom(4), "little") if seed is None else _checked(seed)
    random.seed(used)
    np.random.seed(used)
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS has no such algorithms

    def seed_torch(torch: Any) -> None:
        torch.manual_seed(used)
        if deterministic:
            torch.use_deterministic_algorithms(True)
            torch.backends.cudnn.benchmark = False

    _now_or_later("torch", seed_torch)
    return used


def _checked(seed: Any) -> int:
    try:
        number = -1 if isinstance(seed, bool) else operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < _MOST:
        raise SweepError(f"set_seed({shown(seed, 60)}): a seed is a whole number from 0 to 2**32 - 1; or pass None.")
    return number


def _now_or_later(name: str, act: Callable[[ModuleType], None]) -> None:
    """Do something with a module if it is imported, else as soon as it is; a later call replaces what would be done."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_for(finder, name)]
    if name in sys.modules:
        act(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Waiting(name, act))


def _is_for(finder: object, name: str) -> bool:
    return isinstance(finder, _Waiting) and finder.name == name


class _Waiting(importlib.abc.MetaPathFinder):
    """Lets the others find one module, and acts once it has been loaded."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self.name, self._act = name, act

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing but the one module, as the other finders would."""
        if fullname != self.name:
            return None
        others = [finder for finder in sys.meta_path if not _is_for(finder, self.name) and hasattr(finder, "find_spec")]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: Any) -> None:
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            if self in sys.meta_path:  # else another seed has been given since
                sys.meta_path.remove(self)
                self._act(module)

        loader.exec_module = exec_module
