"""How a page or an object comes to the standard output."""

from __future__ import annotations

import io
import json
import sys
from typing import Any


def show(page: Any) -> None:
    """Print a page, with colours where there is a terminal for them."""
    from sweep.results.text.screen import text_of

    carry_anything()
    print(text_of(page, sys.stdout), end="")


def show_json(found: Any) -> None:
    """Print one JSON object."""
    print(json.dumps(found, allow_nan=False))


def carry_anything() -> None:
    """Have standard output write out what its encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
