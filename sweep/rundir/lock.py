"""One owner at a time: a lock that the kernel frees when its owner dies, however it dies.

The lock is on a file that is never removed, so no stale lock can be left and none has to be broken. Its text says who
holds it, for people; it proves nothing. It is an "open file description" lock (Linux, fcntl(2)): it belongs to a
descriptor and every copy of it, may be handed to another process, and can be asked about without being taken.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import struct
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.base.files import read_json

_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_WIDTH = 400  # of an owner's text, so that every one covers the last
_LOOKS, _LOOK_S = 50, 0.002
_FLOCK = "@hhqqi4x"  # struct flock of fcntl(2): type, whence, start, length, pid


@dataclass(frozen=True)
class Owner:
    """Who holds a lock, or held it last.

    Attributes:
        since: seconds since the epoch.
    """

    host: str
    pid: int
    since: float

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host} since {since}"


class Lock:
    """A lock that this process holds; whoever was given `descriptor` too holds it as well."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go; a second call does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def take(file: Path, shared: bool = False) -> Lock | None:
    """Return the lock on a file, which is made if need be, or None while somebody else holds it.

    Args:
        shared: hold it beside others who do the same; the file then names the last of them.

    Raises:
        LaunchError: the file system has no locks.
        OSError: the file cannot be made.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not set_lock(descriptor, file, fcntl.F_RDLCK if shared else fcntl.F_WRLCK):
            os.close(descriptor)
            return None
        me = Owner(socket.gethostname(), os.getpid(), time.time())
        os.pwrite(descriptor, json.dumps(asdict(me)).ljust(_WIDTH).encode(), 0)  # over the last one's, in one go
    except BaseException:
        os.close(descriptor)
        raise
    return Lock(descriptor)


def holder(file: Path, shared: bool = False) -> Owner | None:
    """Return who holds the lock on a file; None if nobody does, or there is no such file.

    Args:
        shared: who shares it does not count.
    """
    return _owner(file) if is_locked(file, fcntl.F_RDLCK if shared else fcntl.F_WRLCK) else None


def is_locked(file: Path, kind: int, start: int = 0, length: int = 0) -> bool:
    """Say whether somebody keeps others from a lock of a kind on a part of a file; see `set_lock`."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        answer = _fcntl(descriptor, fcntl.F_OFD_GETLK, file, struct.pack(_FLOCK, kind, os.SEEK_SET, start, length, 0))
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def set_lock(descriptor: int, file: Path, kind: int, start: int = 0, length: int = 0) -> bool:
    """Set or change a lock on a part of an open file; False, and nothing has changed, if somebody else is in the way.

    Args:
        kind: F_WRLCK, F_RDLCK or F_UNLCK.
        length: in bytes; 0 is all from `start` on.

    Raises:
        LaunchError: the file system has no locks.
    """
    try:
        _fcntl(descriptor, fcntl.F_OFD_SETLK, file, struct.pack(_FLOCK, kind, os.SEEK_SET, start, length, 0))
    except (BlockingIOError, PermissionError):  # which of the two is left to the system
        return False
    return True


def _fcntl(descriptor: int, command: int, file: Path, flock: bytes) -> bytes:
    try:
        return fcntl.fcntl(descriptor, command, flock)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            raise LaunchError(
                f"the file system of {file} has no locks ({error.strerror}), without which two launches could run "
                "the same run at once; name a data_dir on another one."
            ) from None
        raise


def _owner(file: Path) -> Owner:
    data = read_json(file)
    for _ in range(_LOOKS):  # whoever has just locked it for the first time is about to write
        if data is not None:
            break
        time.sleep(_LOOK_S)
        data = read_json(file)
    try:
        return Owner(str(data["host"]), int(data["pid"]), float(data["since"]))
    except (KeyError, TypeError, ValueError):
        return Owner("an unknown host", 0, 0.0)
