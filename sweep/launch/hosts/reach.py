"""How other hosts are reached, and find back."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise

_PATIENCE_S = 5.0
_PROGRAMS = ("-launcher-exec", "-bootstrap-exec")


def own_address(host: str, flags: Sequence[str] = (), ask: Callable[[Sequence[str]], str] | None = None) -> str:
    """Return this machine's address on the way to a host, which the host is to call back; '' if it cannot be told.

    Args:
        host: as ssh knows it, perhaps by a name of its own.
        flags: the user's for the launcher, which may name another program than ssh.
        ask: calls a program and returns what it prints.
    """
    program = next((word for flag, word in pairwise(flags) if flag in _PROGRAMS), "ssh")
    told = (ask or _ask)([program, "-G", host])  # what it would do, from all its files; nothing is connected
    name = next((line.split(None, 1)[1] for line in told.splitlines() if line.startswith("hostname ")), host)
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((name, 9))  # sends nothing
        return str(probe.getsockname()[0])
    return ""


def _ask(argv: Sequence[str]) -> str:
    try:
        answer = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace")
