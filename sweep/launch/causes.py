"""Why a run ended as it did: from what its ranks wrote, else from how its processes ended."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from sweep.base.files import read_json
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind

_ABORT = re.compile(r"Abort\((-?\d+)\) on node (\d+) ")


@dataclass(frozen=True)
class Cause:
    """Why a run is not done.

    Attributes:
        text: one line that names the rank, and the exception, signal or exit code.
    """

    kind: Kind
    text: str


def written_cause(run: RunDir) -> Cause | None:
    """Return what the first rank that failed wrote in the run directory, None if none wrote anything."""
    words = sorted(filter(None, (read_json(file) for file in run.failures())), key=lambda one: one.get("time", 0))
    if not words:
        return None
    error = str(words[0].get("error", "failed without a word"))
    kind = Kind.MEMORY if error.split(":")[0].endswith("MemoryError") else Kind.ERROR
    return Cause(kind, f"rank {words[0].get('rank', 0)}: {error}")


def ended_cause(exit_code: int, who: str) -> Cause:
    """Return the cause that an exit code gives, negative for a signal.

    Args:
        who: ended so: 'rank 1', 'the launcher'.
    """
    if exit_code == 0:
        return Cause(Kind.ERROR, f"{who} ended with exit code 0 before the function returned")
    if exit_code > 0:
        return Cause(Kind.ERROR, f"{who} ended with exit code {exit_code} before the function returned")
    return Cause(Kind.KILLED, f"{who} was killed by {signal_name(-exit_code)}")


def launcher_cause(exit_code: int) -> Cause:
    """Return the cause that a launcher's exit code gives: above 128 it may be that of a signal which ended a rank."""
    cause = ended_cause(exit_code, "the launcher")
    if exit_code < 0:
        return Cause(Kind.LOST, cause.text)
    if exit_code - 128 in set(signal.Signals):
        return Cause(Kind.KILLED, f"{cause.text}: a rank was killed by {signal_name(exit_code - 128)}")
    return cause


def abort_cause(lines: Iterable[str]) -> Cause | None:
    """Return which rank ended all by MPI_Abort, from what was printed last; None if that was none.

    MPICH's launcher then kills the ranks and ends with the code that it was given; which rank it was, only that rank
    has told, on its standard error.
    """
    found = next(filter(None, (_ABORT.match(line) for line in lines)), None)
    return Cause(Kind.ERROR, f"rank {found[2]} called MPI_Abort with {found[1]}") if found else None


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
