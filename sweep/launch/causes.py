"""Why a run ended as it did: from what its ranks wrote, else from how its process ended."""

from __future__ import annotations

import signal

from sweep.base.files import read_json
from sweep.rundir.paths import RunDir

# Signals that end a rank without a word. Lower numbers (1 is SIGHUP) are far more often codes of a program's own.
_FATAL = (signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM)


def failure_cause(run: RunDir, exit_code: int, ranks: int = 1) -> str:
    """Return the cause of a failure in one line: the first rank that said something, else the exit.

    Args:
        ranks: with several, the exit code is the launcher's, which says little of the rank that was lost.
    """
    words = sorted(filter(None, (read_json(file) for file in run.failures())), key=lambda one: one.get("time", 0))
    if words:
        return f"rank {words[0].get('rank', 0)}: {words[0].get('error', 'failed without a word')}"
    if exit_code == 0:
        return "the process ended with exit code 0 before the function returned"
    if ranks > 1:
        return f"a rank ended without a word; its launcher says: {_of_launcher(exit_code)}"
    return how_it_ended(exit_code)


def _of_launcher(exit_code: int) -> str:
    """Return a launcher's exit code in words; Hydra gives the bare number of a signal that killed a rank."""
    if exit_code in _FATAL:
        return f"exit code {exit_code}, as after {signal.Signals(exit_code).name}"
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
