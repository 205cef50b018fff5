"""The one place that writes to standard output."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Write text and a newline to standard output as it is now, and flush: a rank's output is often a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
