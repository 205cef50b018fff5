"""A note that a run has been asked to stop: if a second signal ends it then, that is no failure."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

from sweep.rundir.paths import RunDir

# In the order in which a launch, a batch system and a person use them.
STOP_SIGNALS = (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)


def note_asked(run: RunDir) -> None:
    """Note it; where that cannot be written nobody knows, and the run goes on all the same."""
    with suppress(OSError):
        _note(run).touch()


def was_asked(run: RunDir) -> bool:
    """Say whether the attempt that is going on has been asked to stop."""
    try:
        return _note(run).exists()
    except OSError:
        return False


def forget_asked(run: RunDir) -> None:
    """Remove the note: another attempt begins, or this one has ended."""
    with suppress(OSError):
        _note(run).unlink()


def _note(run: RunDir) -> Path:
    return run.own / "asked"
