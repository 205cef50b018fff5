"""Files that another process may be reading: written aside, then moved into place."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_LINE = 500  # characters of a line that is shown
_PREFIX = 40  # characters of the file's name in that of its temporary neighbour, which must not get too long


def write_atomic(path: Path, write: Callable[[IO[bytes]], object], mode: int = 0o644, *, durable: bool = True) -> None:
    """Write a file so that a reader, or a process killed at any instant, sees the old one or the new one whole.

    Args:
        path: the file; its directory must exist.
        write: is called with the open binary file; what it raises is passed on, and the old file stays.
        mode: permissions of the new file.
        durable: so that it survives a power loss too, which costs a write to the disk.

    A temporary name in the same directory, fsync, then `os.replace`: the only order without a torn or
    empty state after a power loss (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
    """
    name, descriptor = _new_neighbour(path, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_once(path: Path, write: Callable[[IO[bytes]], object], mode: int = 0o644) -> None:
    """Write a file whose name says its content, unless it is there: whole or not at all, whenever we are killed.

    It has no name while it is written, so that nothing is left of one that was cut off; where a file system does not
    know such files it is written as `write_atomic` does.

    Args:
        path, write, mode: as there.
    """
    try:
        descriptor = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, mode)
    except OSError:
        write_atomic(path, write, mode, durable=False)
        return
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        write(file)
        file.flush()
        with suppress(FileExistsError):
            _name(descriptor, path)


def _name(descriptor: int, path: Path) -> None:
    """Give an open file without a name one (open(2), O_TMPFILE)."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:  # with a folder's descriptor Python calls linkat, which follows the link in /proc
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _new_neighbour(path: Path, mode: int) -> tuple[str, int]:
    """Make an empty file beside another, with a name of its own; return the name and a descriptor to write it."""
    name = f"{path.parent}/.{path.name[:_PREFIX]}.{os.getpid()}-{time.monotonic_ns()}.tmp"
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, mode)
    return name, descriptor


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a text as `write_atomic` does, without a file object: every run writes several of these."""
    name, descriptor = _new_neighbour(path, 0o644)
    try:
        _write_all(descriptor, text.encode(), durable)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _write_all(descriptor: int, data: bytes, durable: bool) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, data: Any) -> None:
    """Write strict JSON (no NaN), atomically but not durably, readable by people: what a run says of itself."""
    write_text(path, json.dumps(data, indent=1, sort_keys=True, allow_nan=False) + "\n", durable=False)


def read_json(path: Path) -> Any:
    """Return the JSON in a file, or None if there is no file or what is there is not JSON."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, RecursionError):
        return None


def last_lines(path: Path, count: int, limit_bytes: int = 65536) -> list[str]:
    """Return the last lines of a text file, each cut to 500 characters, reading at most `limit_bytes` from its end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - limit_bytes))
            tail = file.read().decode(errors="replace")
    except OSError:
        return []
    lines = [line for line in tail.splitlines() if line.strip()]
    return [line[:_LINE] for line in lines[max(0, len(lines) - count) :]]
