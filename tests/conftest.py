"""What every test shares: no settings or launcher of the machine's own, and a say on what may be skipped."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# Helpers beside this file, and fixtures that tests of several folders share.
sys.path.append(str(Path(__file__).parent))
pytest_plugins = ("slurm_cluster",)

if not os.environ.get("CI"):  # where hypothesis has a profile of its own, without a deadline too
    hypothesis.settings.register_profile("unhurried", deadline=None)
    hypothesis.settings.load_profile("unhurried")

# Ignored in a shell's background, or under nohup; what we start would inherit that.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)

REQUIRED = frozenset(filter(None, os.environ.get("SWEEP_TEST_REQUIRE", "").split(",")))
_LAUNCHER_VARIABLES = ("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "IN_MPI")
_OWN_VARIABLES = ("SWEEP_", "NO_COLOR")


@pytest.fixture(autouse=True)
def nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests, and a launcher that they may run under."""
    for name in list(os.environ):
        if name.startswith(_LAUNCHER_VARIABLES) or name.startswith(_OWN_VARIABLES):
            monkeypatch.delenv(name)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with no wait before a launch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_WAIT_BEFORE_LAUNCH", "0")
    return tmp_path


@pytest.fixture(scope="session")
def need() -> Callable[[str, bool, str], None]:
    """Return a function that skips a test where something is missing, and fails it where it was promised."""

    def need_it(what: str, present: bool, reason: str) -> None:
        if not present:
            (pytest.fail if what in REQUIRED else pytest.skip)(f"{what}: {reason}")

    return need_it
