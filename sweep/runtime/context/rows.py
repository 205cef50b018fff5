"""The loggers of a run, as the run sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # loaded by those who use it
    from sweep.runtime.log.epoch_logger import EpochLogger


class Markable(Protocol):
    """A logger, as a run sees it."""

    def dump_tabular(self) -> None:
        """Write the current row; one that is empty writes nothing."""

    def marks(self) -> dict[str, Any]:
        """Return how far each output has come, as JSON can hold it."""
        ...

    def roll_back(self, marks: Mapping[str, Any]) -> None:
        """Bring each output back to exactly that row."""

    def end_step(self, step: int, total: int | None = None) -> None:
        """Hear that a step is over, counted from 1."""

    def close(self, state: str = "done") -> None:
        """Let go of every output."""


class Rows:
    """All loggers of a run, in the order in which they were made: that is how their marks are told apart."""

    def __init__(self) -> None:
        self._loggers: list[Markable] = []
        self._marks: Sequence[Mapping[str, Any]] = ()

    def attach(self, logger: Markable) -> None:
        """Take a logger, once; one that is made after the run went back goes back at once."""
        if not any(one is logger for one in self._loggers):
            self._loggers.append(logger)
            self._back(len(self._loggers) - 1)

    def found(self, stem: str) -> Any:
        """Return the first logger whose metrics file has this stem; None if there is none."""
        return next((one for one in self._loggers if getattr(one, "stem", None) == stem), None)

    def epoch_logger(self, progress: Path, exp_name: str | None) -> EpochLogger:
        """Return the first that is an open `EpochLogger` of a metrics file, or a new one, which shares with others."""
        from sweep.runtime.log.epoch_logger import EpochLogger

        there = self.found(progress.stem)
        if isinstance(there, EpochLogger) and not there.is_closed:
            return there
        return EpochLogger(str(progress.parent), exp_name=exp_name)

    def marks(self) -> list[Mapping[str, Any]]:
        return [one.marks() for one in self._loggers]

    def roll_back(self, marks: Sequence[Mapping[str, Any]]) -> None:
        """Bring every logger back to its marks, those that are made later too."""
        self._marks = marks
        for number in range(len(self._loggers)):
            self._back(number)

    def _back(self, number: int) -> None:
        if number < len(self._marks):
            self._loggers[number].roll_back(self._marks[number])

    def write(self) -> None:
        """Write the rows that are in the making."""
        for logger in self._loggers:
            logger.dump_tabular()

    def end_step(self, step: int, total: int) -> None:
        """Tell every logger that a step is over, counted from 0."""
        for logger in self._loggers:
            logger.end_step(step + 1, total)

    def close(self, state: str) -> None:
        for logger in self._loggers:
            logger.close(state)
