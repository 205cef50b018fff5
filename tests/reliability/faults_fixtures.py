"""What the tests of faults share: a bench, in memory where that can be, and undisturbed runs to compare with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults_bench import Bench

from sweep.rundir.paths import RunDir

_IN_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory in memory if there can be one: what is synced thousands of times should cost no disk."""
    root = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=root))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def bench(place: Path) -> Iterator[Bench]:
    with Bench(place) as made:
        yield made


@pytest.fixture(scope="module")
def straight(bench: Bench) -> Callable[..., RunDir]:
    """Return the undisturbed run with some arguments, made once."""
    made: dict[str, RunDir] = {}

    def get(**kwargs: Any) -> RunDir:
        key = str(sorted(kwargs.items()))
        if key not in made:
            made[key] = bench.finish(bench.run(**kwargs))
        return made[key]

    return get
