"""Every error a user can meet, as one tree.

    SweepError
    ├── GridError          a wrong use of a grid's methods
    │   ├── NameClash      two variants would get one name
    │   └── ExpressionError  an expression of `derive`, `when` or `exclude` is wrong
    ├── SpecError          a YAML grid is wrong; carries file and line
    ├── SettingsError      user_config.py or a SWEEP_* variable is wrong
    ├── UsageError         a command line is wrong
    ├── LaunchError        nothing can be started
    │   ├── Conflict       a directory holds something else
    │   │   └── ConfigMismatch  it holds another configuration; has the differences
    │   └── MpiError       no launcher, or launcher and library do not fit
    ├── RingError          a memory and what was added or loaded do not fit
    ├── RunFailed          one run ended without its completion record
    └── LoggerError        a wrong use of a logger

A message says what was wrong, the value, what is allowed and the next step, in one line. The command
line prints it without a traceback and exits with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SweepError(Exception):
    """A mistake or a failure that has an explanation; the message is the explanation."""


class GridError(SweepError):
    """A grid cannot be what it was asked to be."""


class NameClash(GridError):
    """Two different variants would get one name, so one directory."""


class ExpressionError(GridError):
    """An expression is not in the small language of conditions, or asks for a name that is not there."""


class SpecError(SweepError):
    """A YAML grid is wrong at one place.

    Attributes:
        source: the file's name as the user gave it.
        line: the line of the offending entry, counted from 1.
    """

    def __init__(self, message: str, source: str = "", line: int = 0) -> None:
        self.source, self.line = source, line
        where = f"{source}:{line}: " if source else ""
        super().__init__(where + message)


class SettingsError(SweepError):
    """A setting is unknown, has the wrong type, or is not a literal."""


class UsageError(SweepError):
    """A command line does not say what it should."""


class LaunchError(SweepError):
    """Nothing was started, and this is why."""


class Conflict(LaunchError):
    """A run directory belongs to something else; it is never overwritten."""


class ConfigMismatch(Conflict):
    """A run directory belongs to another configuration than the one asked for.

    Attributes:
        differences: (colon key, what the directory has, what was asked for), as people read them.
    """

    def __init__(self, message: str, differences: Iterable[tuple[str, str, str]] = ()) -> None:
        super().__init__(message)
        self.differences = tuple(differences)


class MpiError(LaunchError):
    """No MPI launcher was found, or the launcher and the MPI library belong to different families."""


class RunFailed(SweepError):
    """A run ended without its completion record; the message names the cause and the log."""


class RingError(SweepError):
    """A memory does not fit what was added to it, or the file that it was to load."""


class LoggerError(SweepError):
    """A logger was asked for something that would damage its table."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` (with its leading space) for the closest known word, or ''."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""


def listed(words: Iterable[object], limit: int = 12) -> str:
    """Return words joined by commas, cut after `limit` with a count of the rest."""
    texts = [str(word) for word in words]
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest} more" if rest > 0 else "")
