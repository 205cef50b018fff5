"""What a person sees while runs go on: a bar on a terminal; elsewhere a line a run, or of many runs one a second."""

from __future__ import annotations

import io
import math
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any, Self

from sweep.base.text import duration, paint, printable
from sweep.launch.job import Outcome
from sweep.rundir.status import State

# Of more runs than these, each has no line of its own where a file is all that reads it.
_MANY = 100
_BETWEEN_S = 1.0


class Progress:
    """Owns the screen during a launch. A screen that has gone away is written to no more, and stops nothing.

    Args:
        total: the number of runs, or an estimate; it grows where there are more.
        stream: standard error by default.
        clock: seconds.
    """

    def __init__(self, total: int, stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream: Any = _Screen(stream or sys.stderr or io.StringIO())
        self._total, self._finished, self._failed = total, 0, 0
        self._clock, self._told, self._told_at = clock, 0, -math.inf
        self._bar = self._new_bar() if self._stream.isatty() and total > 1 else None

    def _new_bar(self) -> Any:
        from tqdm import tqdm

        return tqdm(total=self._total, unit="run", file=self._stream, dynamic_ncols=True)

    def finished(self, outcome: Outcome) -> None:
        """Count a run, and say at once if it failed."""
        self._finished += 1
        self._failed += outcome.state is State.FAILED
        self._total = max(self._total, self._finished)
        if outcome.state is not State.DONE:
            self._warn(f"{outcome.state}: {outcome.job.name}: {outcome.cause}", outcome.state is State.FAILED)
        self._count(outcome)

    def trying_again(self, outcome: Outcome, which: str) -> None:
        """Say that a run has failed and gets another try.

        Args:
            which: of its tries: '2 of 3'.
        """
        self._warn(f"trying again: {outcome.job.name}: {outcome.cause} ({which})")

    def _count(self, outcome: Outcome) -> None:
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.update()
        elif self._total > _MANY:
            if self._clock() - self._told_at >= _BETWEEN_S:
                self._say_counts()
        elif outcome.state is State.DONE:
            self._say(f"[{self._finished}/{self._total}] {outcome.job.name}: done in {duration(outcome.duration_s)}")

    def _say_counts(self) -> None:
        self._told, self._told_at = self._finished, self._clock()
        self._say(f"[{self._finished}/{self._total}] {self._failed} failed")

    def _warn(self, text: str, is_failure: bool = False) -> None:
        self._say(paint(printable(text), "red" if is_failure else "yellow", stream=self._stream))

    def _say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(line, file=self._stream)
        else:
            self._stream.write(line + "\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._total > _MANY and self._told < self._finished:
            self._say_counts()


class _Screen:
    """A stream that falls silent when what reads it is gone: the terminal was closed, or the pipe is broken."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._gone = stream, False

    def write(self, text: str) -> int:
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def isatty(self) -> bool:
        try:
            return self._stream.isatty()
        except ValueError:  # it is closed
            return False

    def _try(self, act: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            act()
        except (OSError, ValueError):  # ValueError: it is closed
            self._gone = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
