"""What an output is, and what it is told of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sweep.rundir.paths import RunDir

_MAIN = "progress"  # the stem of the usual metrics file, beside which the other files have their plain names


@dataclass(frozen=True)
class Home:
    """Where an output belongs.

    Attributes:
        folder: the run's directory, which exists.
        metrics_name: the name of the tab-separated file.
        exp_name: what runs that differ in their seed only share; None if it was not given.
        warn: is called with a sentence that the user should read.
    """

    folder: Path
    metrics_name: str = "progress.txt"
    exp_name: str | None = None
    warn: Callable[[str], object] = lambda _: None

    @property
    def run(self) -> RunDir:
        return RunDir(self.folder)

    @property
    def stem(self) -> str:
        """The name of the metrics file without its ending: what parts two loggers of one directory."""
        return Path(self.metrics_name).stem

    def file(self, name: str) -> Path:
        """Return the path of a further file; a logger with a metrics file of another name has files of its own."""
        return self.folder / (name if self.stem == _MAIN else f"{self.stem}.{name}")


class Output(Protocol):
    """A place that rows of metrics and messages go to; rank 0 alone has any.

    What an output raises switches it off with a warning, and training goes on; a `SweepError`, which is a mistake
    of the user's, is passed on. An output may have these verbs too, and is asked for nothing that it lacks:

        scalars(values: Mapping[str, float], step: int)      what was tracked or written directly
        histogram(tag: str, values: array, step: int)
        text(tag: str, text: str, step: int)
        figure(tag: str, figure: Any, step: int)             anything with matplotlib's `savefig`
        hparams(values: Mapping[str, bool | float | str])    the configuration, once, before the first row

    and an attribute `is_record = True` if the run is worth nothing without it: then what it raises ends the run.

    Attributes:
        name: one word; marks are kept under it.
    """

    name: str

    def open(self, home: Home, goes_on: bool) -> None:
        """Get ready; called once, before any other verb.

        Args:
            home: where.
            goes_on: the run goes on from a mark, and `roll_back` follows at once. Otherwise it begins from nothing, and
                what an earlier attempt left is set aside.
        """

    def row(self, row: Mapping[str, Any], step: int) -> None:
        """Take one row, and have it where the end of the process cannot undo it when this returns.

        Args:
            row: at least one column, in the order logged; columns may come and go from row to row. Values are
                numbers, strings, None, or lists of these (see `cells.frozen`).
            step: the row's place on the axis of steps.
        """

    def message(self, text: str, color: str) -> None:
        """Take a message; `color` is one of `sweep.base.text.COLOURS`, or empty."""

    def mark(self) -> Any:
        """Return what `roll_back` needs to come back to here, as JSON holds it; all there is is on the disk then."""

    def roll_back(self, mark: Any) -> None:
        """Go back to a mark, of this process or an earlier one; what came after it is set aside."""

    def flush(self) -> None:
        """Hand on what is held back."""

    def close(self, state: str) -> None:
        """Let go of everything; called once, nothing comes after it.

        Args:
            state: how the run ended: done, failed or interrupted; empty if nobody said.
        """
