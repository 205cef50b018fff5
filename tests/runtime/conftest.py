"""What tests of the runtime wing share: an environment without MPI, and real ranks."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import Launcher, find_launcher, mpi_argv, mpi_environment
from sweep.runtime.context import logged

MPI_PREFIXES = ("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "IN_MPI")
TIMEOUT_S = 60
Outcome = subprocess.CompletedProcess[str]


@pytest.fixture(autouse=True)
def outside_mpi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide a launcher that the tests themselves may run under."""
    for name in [name for name in os.environ if name.startswith(MPI_PREFIXES)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def launcher() -> Launcher:
    try:
        return find_launcher(None, os.environ)
    except MpiError as error:
        pytest.skip(str(error))


def finished(argv: list[str], environ: dict[str, str], cwd: Path) -> Outcome:
    return subprocess.run(argv, env=environ, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(text))
        return path

    return write


@pytest.fixture
def run(tmp_path: Path, script: Callable[[str], Path]) -> Callable[..., Outcome]:
    """Run a text as a Python program in one process of its own."""

    def run_one(text: str, *options: str, **environ: str) -> Outcome:
        return finished([sys.executable, *options, str(script(text))], {**os.environ, **environ}, tmp_path)

    return run_one


@pytest.fixture
def run_ranks(tmp_path: Path, script: Callable[[str], Path], launcher: Launcher) -> Callable[..., Outcome]:
    """Run a text as a Python program on several ranks."""

    def run_all(text: str, ranks: int = 2, flags: Sequence[str] = ()) -> Outcome:
        command = [sys.executable, "-m", "mpi4py", str(script(text))]
        argv = mpi_argv(launcher, ranks, command, flags, as_root=os.geteuid() == 0)
        environ = mpi_environment(os.environ, launcher.family) | {"NO_COLOR": "1"}  # Open MPI gives ranks a terminal
        return finished(argv, environ, tmp_path)

    return run_all


@pytest.fixture(autouse=True)
def no_run_of_another_test() -> Iterator[None]:
    """Begin without a current run: outside a sweep one is made at the first call, and stays."""
    token = logged.CURRENT.set(None)
    yield
    logged.CURRENT.reset(token)
