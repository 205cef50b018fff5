"""A log that keeps its beginning and its end, whatever is written to it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO


class CappedLog:
    """Appends to a file up to half of a limit; what follows goes through two files in turn, so that the end is kept.

    Everything is on disk at once, so that nothing is lost if the writer is killed: the end then is in the two files
    beside the log, and the next writer puts it in its place.

    Args:
        file: appended to.
        limit: bytes that are kept of one writer's output.
    """

    def __init__(self, file: Path, ring: Path, limit: int) -> None:
        self._older, self._newer = ring.with_name(ring.name + ".1"), ring.with_name(ring.name + ".2")
        self._file: IO[bytes] = file.open("ab", buffering=0)
        self._tail: IO[bytes] | None = None
        self._put_end_in_place(0)
        self._head_left, self._part = limit // 2, max(1, limit // 4)
        self._tail_size = self._left_out = 0

    def write(self, data: bytes) -> None:
        """Keep what there is room for; a full disk costs what did not fit, and nothing else."""
        try:
            self._file.write(data[: self._head_left])
            rest = data[self._head_left :]
            self._head_left = max(0, self._head_left - len(data))
            if rest:
                self._write_tail(rest)
        except OSError:
            self._left_out += len(data)

    def close(self) -> None:
        """Put the end behind the beginning, with a line that says how much is missing between them."""
        if self._tail:
            self._tail.close()
        with suppress(OSError):  # then the parts stay where they are
            self._put_end_in_place(self._left_out)
        self._file.close()

    def _write_tail(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            if self._tail is None or self._tail_size >= self._part:
                self._turn()
            assert self._tail is not None
            piece = rest[: self._part - self._tail_size]
            self._tail.write(piece)
            self._tail_size += len(piece)
            rest = rest[len(piece) :]

    def _turn(self) -> None:
        """Begin a new part; the one before the last is dropped."""
        if self._tail:
            self._tail.close()
            self._left_out += self._older.stat().st_size if self._older.exists() else 0
            self._newer.replace(self._older)
        self._tail, self._tail_size = self._newer.open("wb", buffering=0), 0

    def _put_end_in_place(self, left_out: int) -> None:
        parts = [part for part in (self._older, self._newer) if part.exists()]
        if parts and left_out:
            self._file.write(f"\n[... {left_out:,} bytes left out ...]\n".encode())
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, self._file)
            part.unlink()
