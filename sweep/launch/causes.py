"""Why a run ended as it did: from what its ranks wrote, else from how its process ended."""

from __future__ import annotations

import signal

from sweep.base.files import read_json
from sweep.rundir.paths import RunDir


def failure_cause(run: RunDir, exit_code: int) -> str:
    """Return the cause of a failure in one line: the first rank that said something, else the exit."""
    words = sorted(filter(None, (read_json(file) for file in run.failures())), key=lambda one: one.get("time", 0))
    if words:
        return f"rank {words[0].get('rank', 0)}: {words[0].get('error', 'failed without a word')}"
    if exit_code == 0:
        return "the process ended with exit code 0 before the function returned"
    return how_it_ended(exit_code)


def how_it_ended(exit_code: int) -> str:
    """Return an exit code in words; a launcher reports a signal of a rank as 128 plus its number."""
    number = -exit_code if exit_code < 0 else exit_code - 128
    if 0 < number < 65:
        try:
            return f"killed by {signal.Signals(number).name}"
        except ValueError:
            return f"killed by signal {number}"
    return f"exit code {exit_code}"
