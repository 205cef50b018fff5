"""Messages between processes of ours: JSON, one a packet, with descriptors where one goes along.

Driver to supervisor:   {"do": "start", "id", "dir", "ranks", "cores", "environ"} with the run's lock; "elsewhere" where
                        its ranks are, see `Elsewhere`
                        {"do": "end", "ids", "now"}
Supervisor to driver:   {"ended": id, "kind", "text", "clear"}; clear: MPI may have left shared memory, which only the
                        driver can tell from that of others
The first message to a supervisor is its configuration, see `Config`; the driver's /proc goes along if that is another.
"""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

_LARGEST = 2**20


class Wire:
    """One end of a connection; closed ends and lost peers read as the end."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> bool:
        """Send a message; return whether somebody is there to read it."""
        try:
            socket.send_fds(self._connection, [json.dumps(message).encode()], descriptors)
        except (BrokenPipeError, ConnectionError):
            return False
        return True

    def receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """Return the next message, None at the end, with its descriptors."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._connection, _LARGEST, 1, socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            return None, []
        return (json.loads(data) if data else None), list(descriptors)

    @property
    def is_left(self) -> bool:
        """Whether the peer has gone; what it has sent before can still be received."""
        poll = select.poll()
        poll.register(self._connection, 0)  # a hang-up is always told
        return bool(poll.poll(0))

    def close(self) -> None:
        self._connection.close()


def pair() -> tuple[Wire, socket.socket]:
    """Return our end of a new connection, and the other one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Wire(ours), theirs


@dataclass(frozen=True)
class Elsewhere:
    """How the ranks of one run are started by a launcher that has them, or some of them, on other machines.

    They are its own affair: it starts them, hands on to them the signals that it gets (SIGUSR1, SIGTERM), and ends with
    them.

    Attributes:
        launcher: the path of mpiexec or srun.
        family: of the launcher.
        flags: for this run.
        lost_codes: the exit codes by which it tells that it has lost a machine.
        missed: whether it may wait for ever for a machine below whose own process has ended.
    """

    launcher: str
    family: str
    flags: tuple[str, ...] = ()
    lost_codes: tuple[int, ...] = ()
    missed: bool = False

    def message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        return cls(**{**message, "flags": tuple(message["flags"]), "lost_codes": tuple(message["lost_codes"])})


@dataclass(frozen=True)
class Config:
    """What a supervisor must know.

    Attributes:
        python: the interpreter of ranks.
        launcher: the path of mpiexec; empty without one.
        family: of the launcher.
        flags: the user's own, for the launcher.
        start: 'auto', 'fork' or 'spawn'.
        pin: give each rank cores of its own inside its run's.
        grace_s: between asking a rank to stop and ending it.
        output_limit: bytes of what a run prints that are kept.
        token: the value of TOKEN_VARIABLE, which also names the supervisor's directory.
        note: what the record of every run is to say.
        pid: the supervisor's number as the driver sees it, where a PID namespace is between them; else 0.
        shielded: whether launchers are deaf to SIGTERM and SIGUSR1, which all processes get: ranks have heard them.
    """

    python: str
    launcher: str
    family: str
    flags: tuple[str, ...]
    as_root: bool
    start: str
    pin: bool
    grace_s: float
    output_limit: int
    token: str
    note: str = ""
    pid: int = 0
    shielded: bool = False

    def message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        return cls(**{**message, "flags": tuple(message["flags"])})
