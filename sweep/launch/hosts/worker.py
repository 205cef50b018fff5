"""The launcher of one worker on another host, as the driver sees it: what comes through it, whether it is there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from sweep.launch.causes import Cause
from sweep.launch.engines.errand_file import heard
from sweep.launch.hosts.command import launcher_environment, reason
from sweep.launch.supervisor.processes import has_children
from sweep.rundir.status import Kind

# A launcher below which nothing is any more, for so long, has lost its host and does not know.
_BEREFT_S = 2.0
# One that has had nothing below it yet may look up names.
_FIRST_S = 30.0
# After its worker's last word a launcher has so long to leave.
_LEAVE_S = 5.0
_CHUNK, _KEPT = 2**16, 2**16


@dataclass
class Worker:
    """A worker and its launcher.

    Attributes:
        output: a descriptor of what the worker tells.
        end: what it has said of its run's end.
        has_begun: it has said that it is there.
        is_counted: somebody has taken note of that.
        at_end: it tells nothing any more.
    """

    process: subprocess.Popen[bytes]
    ticket: str
    output: int
    chatter: int
    end: Cause | None = None
    has_begun: bool = False
    is_counted: bool = False
    at_end: bool = False
    text: bytes = b""
    alone_since: float | None = None
    had_company: bool = False
    leave_by: float = 0.0

    @classmethod
    def start(cls, argv: Sequence[str], ticket: str, environ: Mapping[str, str]) -> Self:
        """Start a launcher.

        Raises:
            OSError: it cannot be started.
        """
        reader, writer = os.pipe2(os.O_CLOEXEC)
        chatter = os.memfd_create("launcher", os.MFD_CLOEXEC)
        try:
            process = subprocess.Popen(
                argv,
                cwd="/",  # which is on every host: launchers go there to where they are here
                env=launcher_environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=chatter,
                start_new_session=True,  # Ctrl-C is for the driver, who then asks
            )
        except BaseException:
            os.close(reader)
            os.close(chatter)
            raise
        finally:
            os.close(writer)
        os.set_blocking(reader, False)
        return cls(process, ticket, reader, chatter)

    def hear(self) -> bool:
        """Take what was told since; say whether there was anything."""
        try:
            data = os.read(self.output, _CHUNK)
        except BlockingIOError:
            return False
        self.at_end = not data
        *lines, self.text = (self.text + data).split(b"\n")
        for line in lines:
            self._take(heard(line, self.ticket) or {})
        return bool(data)

    def _take(self, what: Mapping[str, str]) -> None:
        self.has_begun |= "begun" in what
        if "kind" in what:
            self.end = Cause(Kind(what["kind"]), " ".join(what["text"].split()))

    @property
    def is_over(self) -> bool:
        """Whether its launcher has ended, and all that it told was heard."""
        if self.process.poll() is None:
            return False
        while self.hear():
            pass
        return True

    def look(self, now: float) -> None:
        """End a launcher that waits for a host which is gone. What it has started there, its proxy ends."""
        if self.process.poll() is not None:
            return
        alone = has_children(self.process.pid) is False
        self.had_company |= not alone
        self.alone_since = (now if self.alone_since is None else self.alone_since) if alone else None
        limit = _BEREFT_S if self.had_company else _FIRST_S
        if self.alone_since is not None and now - self.alone_since >= limit:
            self.kill()

    @property
    def reason(self) -> str:
        """What its launcher complains of, in one line."""
        return reason(os.pread(self.chatter, _KEPT, 0).decode(errors="replace"))

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()

    def leave(self, now: float) -> None:
        """Let the launcher end by itself, within a time."""
        self.leave_by = now + _LEAVE_S

    def is_gone(self, now: float) -> bool:
        """Say whether the launcher has ended, and see to it that it does."""
        if self.process.poll() is None and now < self.leave_by:
            return False
        self.close()
        return True

    def close(self) -> None:
        """End the launcher if need be, and give everything back; a second call does nothing."""
        if self.output >= 0:
            self.kill()
            self.process.wait()
            os.close(self.output)
            os.close(self.chatter)
            self.output = -1
