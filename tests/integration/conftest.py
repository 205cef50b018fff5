"""Real processes: the command as a person runs it, in a directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher

TIMEOUT_S = 120
Finished = subprocess.CompletedProcess[str]


@pytest.fixture
def write(workplace: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file of the working directory."""

    def write_it(name: str, text: str) -> Path:
        file = workplace / name
        file.write_text(textwrap.dedent(text))
        return file

    return write_it


@pytest.fixture
def python(workplace: Path) -> Callable[..., Finished]:
    """Return a function that runs Python with these words to its end, and keeps what it printed."""

    def run(*words: str, **environ: str) -> Finished:
        return subprocess.run(
            [sys.executable, *words],
            cwd=workplace,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    return run


@pytest.fixture
def sweep(python: Callable[..., Finished]) -> Callable[..., Finished]:
    """Return a function that runs the command `sweep`."""
    return lambda *words, **environ: python("-m", "sweep", *words, **environ)


@pytest.fixture
def mpi(need: Callable[[str, bool, str], None]) -> None:
    """Skip where there is no MPI launcher."""
    try:
        find_launcher(None, os.environ)
    except MpiError as error:
        need("mpi", False, str(error))
