"""Hard tests of real processes: each has a time limit, a directory, and leaves no process behind.

``SWEEP_TEST_LONG=1`` runs the long forms; ``SWEEP_TEST_SEED=n`` repeats a run with the seed that was printed.
"""

from __future__ import annotations

import faulthandler
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep.launch.supervisor.processes import environment, ours, read, tell

# Helpers beside the tests; the ranks find them in the same way.
sys.path.append(str(Path(__file__).parent))

# Read here, as the tests themselves see no variable of ours.
LONG = os.environ.get("SWEEP_TEST_LONG", "") not in ("", "0")
SEED = int(os.environ.get("SWEEP_TEST_SEED") or secrets.randbelow(2**32))
LIMIT_S = 60
# After the limit has raised in a test that does not give way (it is in C), the whole process is ended.
_LAST_S = 30
# In the environment of every process that a test starts, drivers too, which have no token.
_MARK = "RELIABILITY_TEST"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"limit(seconds): how long a reliability test may take, instead of {LIMIT_S}")


def pytest_report_header() -> str:
    return f"SWEEP_TEST_SEED={SEED}"


@pytest.fixture
def long() -> bool:
    """Whether the long form of a test is wanted."""
    return LONG


@pytest.fixture
def dice() -> random.Random:
    """Random numbers; the seed is printed, and is the same for every test of a run of the tests."""
    print(f"SWEEP_TEST_SEED={SEED}")
    return random.Random(SEED)


def processes_with(name: str, prefix: str) -> list[int]:
    """Return this user's living processes that were started with a variable whose value begins so."""
    found = [pid for pid in ours() if pid != os.getpid() and environment(pid).get(name, "").startswith(prefix)]
    return [pid for pid in found if (process := read(pid)) and process.state not in "ZX"]


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mark what a test starts, and kill at its end what is still there of that."""
    mark = secrets.token_hex(8)
    monkeypatch.setenv(_MARK, mark)
    yield
    deadline = time.monotonic() + 10
    while (left := processes_with(_MARK, mark)) and time.monotonic() < deadline:
        for pid in left:
            tell(pid, signal.SIGKILL)
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def limit(request: pytest.FixtureRequest, nothing_stays: None) -> Iterator[None]:
    """Fail a test that takes too long, and show where it was."""
    marker = request.node.get_closest_marker("limit")
    seconds = marker.args[0] if marker else LIMIT_S

    def over(number: int, frame: Any) -> None:
        raise TimeoutError(f"the test took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + _LAST_S, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, which is the working directory too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_WAIT_BEFORE_LAUNCH", "0")
    return tmp_path
