"""What the front says to a person. A reader that has gone away, as `| head` does, never stops a sweep."""

from __future__ import annotations

import os
import sys
from typing import Any


def say(text: str = "") -> None:
    """Print a text; once nobody reads any more, print nothing and go on."""
    try:
        print(text, flush=True)
    except OSError:
        _silence()


def show_bytes(text: bytes) -> None:
    """Put a run's output on the screen as it is; a notebook's stream takes text only."""
    screen: Any = getattr(sys.stdout, "buffer", None)
    try:
        sys.stdout.flush()
        if screen is None:
            sys.stdout.write(text.decode(errors="replace"))
        else:
            screen.write(text)
        sys.stdout.flush()
    except OSError:
        _silence()


def _silence() -> None:
    """Send the rest of our output nowhere: what is still buffered must not fail again at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream without a file
        return
