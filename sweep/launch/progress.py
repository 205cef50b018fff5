"""What a person sees while runs go on: one bar on a terminal, one line a run elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import IO, Any, Self

from sweep.base.text import duration, paint, printable
from sweep.launch.job import Outcome
from sweep.rundir.status import State


class Progress:
    """Owns the screen during a launch.

    Args:
        total: the number of runs.
        stream: standard error by default.
    """

    def __init__(self, total: int, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._total, self._finished = total, 0
        self._bar = self._new_bar() if self._stream.isatty() and total > 1 else None

    def _new_bar(self) -> Any:
        from tqdm import tqdm

        return tqdm(total=self._total, unit="run", file=self._stream, dynamic_ncols=True)

    def finished(self, outcome: Outcome) -> None:
        """Count a run, and say at once if it failed."""
        self._finished += 1
        if outcome.state is not State.DONE:
            self._say(paint(f"failed: {outcome.job.name}: {printable(outcome.cause)}", "red", stream=self._stream))
        elif self._bar is None:
            self._say(f"[{self._finished}/{self._total}] {outcome.job.name}: done in {duration(outcome.duration_s)}")
        if self._bar is not None:
            self._bar.update()

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
