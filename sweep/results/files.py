"""Opening what somebody else has written: plain files alone, none that blocks, never more than there is room for."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

JSON_LIMIT = 4 * 2**20  # bytes of a configuration or status; more than that is no configuration
TABLE_LIMIT = 2 * 2**30  # bytes of one run's table
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY  # a FIFO is opened at once, and then seen to be one


def read_bytes(path: str | Path, limit: int) -> bytes | None:
    """Return what is in a plain file; None if it is not there, not plain, not for us to read, or too long."""
    found = read_ends(path, limit, 0)
    return None if found is None or found[2] > limit else found[0]


def read_ends(path: str | Path, head: int, tail: int) -> tuple[bytes, bytes, int] | None:
    """Return the first and the last bytes of a plain file, which may overlap, and its size; None if it is none."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):  # not there, not for us to read, or no path at all
        return None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return None
        end = _read(descriptor, max(0, about.st_size - tail), tail) if tail else b""
        return _read(descriptor, 0, min(head, about.st_size)), end, about.st_size
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int, start: int, count: int) -> bytes:
    """Read up to `count` bytes; one call of the system is not enough above 2 GiB, or over a network."""
    parts = []
    while count > 0 and (part := os.pread(descriptor, min(count, 2**30), start)):
        parts.append(part)
        start, count = start + len(part), count - len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_json(path: str | Path) -> Any:
    """Return the JSON in a plain file; None if there is none, or it is too long or too deep."""
    text = read_bytes(path, JSON_LIMIT)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None
