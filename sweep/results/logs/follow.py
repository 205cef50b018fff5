"""What a run prints, while it prints it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sweep.results.logs.tail import parts_of, shown_lines
from sweep.results.run import Run

_BETWEEN_S = 0.3


class Follower:
    """Reads what was added to the output of a run since the last time.

    Files are known by their inode: of a very long output the end goes through two files in turn, which are renamed, and
    when it is over it is put behind the log, where it is not read once more.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._torn = run, b""
        self._read = {inode: size for _, inode, size in _sizes(run)}

    def new_lines(self, is_over: bool = False) -> Iterator[str]:
        """Yield the whole lines that are new.

        Args:
            is_over: the last line counts as whole.
        """
        data = self._torn + b"".join(self._new_data())
        whole, newline, self._torn = (data, b"", b"") if is_over else data.rpartition(b"\n")
        yield from shown_lines(whole + newline)

    def _new_data(self) -> Iterator[bytes]:
        now = list(_sizes(self._run))
        was_put_back = len(self._read) > 1 and len(now) == 1
        before, self._read = self._read, {inode: size for _, inode, size in now}
        for path, inode, size in now:
            start = before.get(inode, 0)
            if size < start:  # it was begun anew
                start = 0
            if not was_put_back and size > start:
                yield _read_from(path, start, size - start)


def follow(
    follower: Follower, is_going_on: Callable[[], bool], sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Yield each line that a run prints after its follower was made, until it is not going on any more."""
    goes_on = True
    while goes_on:
        goes_on = is_going_on()  # before the look, which must not miss the last lines
        yield from follower.new_lines(not goes_on)
        if goes_on:
            sleep(_BETWEEN_S)


def _sizes(run: Run) -> Iterator[tuple[Path, int, int]]:
    for path in parts_of(run):
        try:
            found = path.stat()
        except OSError:  # it has just been renamed
            continue
        yield path, found.st_ino, found.st_size


def _read_from(path: Path, start: int, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(count)
    except OSError:
        return b""
