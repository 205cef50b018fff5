"""A driver on a terminal of its own, as a person has it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from loops_drivers import PATIENCE_S, Started

CTRL_C = b"\x03"


class Terminal:
    """A pseudo-terminal, and a driver whose controlling terminal it is.

    Attributes:
        text: what the driver has shown so far.
    """

    def __init__(
        self, words: Sequence[str], home: Path, environ: Mapping[str, str], stderr: Path | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        self.text = ""
        errors = slave if stderr is None else os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.process = Started(
            words,
            cwd=home,
            env={**os.environ, **environ},
            stdin=slave,
            stdout=slave,
            stderr=errors,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # the session leader's, so ours
        )
        for descriptor in {slave, errors}:
            os.close(descriptor)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def close(self) -> None:
        """Close the window."""
        os.close(self._master)
        self._master = -1

    def read(self, seconds: float) -> None:
        """Take what is shown within a time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._master >= 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                self.text += os.read(self._master, 65536).decode(errors="replace")
            except OSError:  # EIO: nobody has the other end any more
                return

    def wait(self, seconds: float = PATIENCE_S) -> int:
        """Return the exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
            time.sleep(0.01)
        code = self.process.wait(0.1)
        self.read(0.1)
        return code
