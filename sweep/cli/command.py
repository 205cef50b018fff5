"""What a command of the door is made of."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _no_flags(parser: argparse.ArgumentParser) -> None:
    """Add nothing."""


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: the word after ``sweep``.
        summary: what it does, in one line of the overview.
        text: what its help says before the flags: sentences and examples, at most 79 columns wide.
        run: does it, given the parsed flags, and returns the exit code. Imports inside itself what costs time.
        flags: adds its flags and arguments to a parser.
        missing: what to say where an argument that it needs is not there.
        flags_before: what its flags must stand before, for those that take a rest of words.
    """

    name: str
    summary: str
    text: str
    run: Callable[[Any], int]
    flags: Callable[[argparse.ArgumentParser], None] = _no_flags
    missing: str = ""
    flags_before: str = ""
