"""The file system calls of this process, counted as Python makes them: it can be killed, or fail, at any of them.

For machines without strace. What the C library's buffers write by themselves is not seen; opening, writing, syncing,
renaming, linking and removing by Python are.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

AUDITED = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate")
_WRAPPED = ("write", "fsync", "ftruncate")


class Events:
    """Counts calls from 1 on.

    Args:
        log: a file to which each is written as a line; empty for none.
        die_at: the number of the one before which the process is killed; 0 for none.
        fail_at, error: the number of the one that fails, and with which error.
    """

    def __init__(self, log: str = "", die_at: int = 0, fail_at: int = 0, error: int = 0) -> None:
        self._die_at, self._fail_at, self._error, self._count = die_at, fail_at, error, 0
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else -1
        self._write = os.write

    def install(self) -> None:
        for name in _WRAPPED:
            setattr(os, name, self._wrapped(name, getattr(os, name)))
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in AUDITED and not (event == "open" and _only_reads(arguments)):
            self._happens(f"{event} {arguments[0]!r} {arguments[1]!r}")

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:
            self._happens(f"{name} {arguments[0]!r}")
            return call(*arguments)

        return wrapped

    def _happens(self, what: str) -> None:
        self._count += 1
        if self._log >= 0:
            self._write(self._log, f"{what}\n".encode())
        if self._count == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._count == self._fail_at:
            raise OSError(self._error, os.strerror(self._error))


def _only_reads(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    return isinstance(path, int) or flags & os.O_ACCMODE == os.O_RDONLY
