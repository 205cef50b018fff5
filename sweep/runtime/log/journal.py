"""Rows, messages and tracked values on their way to the outputs, and the way back to a mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweep.base.errors import LoggerError
from sweep.base.text import shown
from sweep.rundir.paths import RunDir
from sweep.runtime.log.intervals import AUTO
from sweep.runtime.log.packing import packed, unpacked
from sweep.runtime.log.stored import Stored
from sweep.runtime.log.tracking import Tracker
from sweep.runtime.outputs.fan import Fan
from sweep.runtime.outputs.hyperparameters import hyperparameters
from sweep.runtime.outputs.output import Home, Output

Row = dict[str, Any]


class Journal:
    """What a logger has to do with outputs; on ranks other than the first it counts, and writes nothing.

    All loggers of a run on the same files have one.

    Attributes:
        rows: how many there were.
        pending: the row in the making.
        stored: the values that were stored for it.
        is_closed: every output is let go of.
        left: where everything was, if it was closed while its run went on; None otherwise.
    """

    def __init__(self, write_interval: int | str = AUTO) -> None:
        """Args: write_interval: see `Tracker`."""
        self.rows = 0
        self.pending: Row = {}
        self.stored = Stored()
        self.is_closed = False
        self.left: dict[str, Any] | None = None
        self._tracker = Tracker(write_interval)
        self._counts_steps = False  # until `end_step` is called a step is a row
        self._is_told = False  # the outputs that compare runs know the configuration
        self._is_first = False  # this is rank 0
        self._waits = False  # the run goes on from a snapshot, and has not gone back to it yet
        self._folder = Path()
        self._fan = Fan((), Home(Path()))

    def open(self, outputs: Sequence[Output], home: Home, waits: bool) -> None:
        """Open the outputs, on rank 0; if the run goes on from a snapshot, only what shows messages."""
        self._is_first, self._folder, self._waits = True, home.folder, waits
        self._fan = Fan(outputs, home)
        if waits:
            self._fan.open_console()
        else:
            self._fan.open()

    def add(self, named: Sequence[Output], given: Sequence[Output]) -> None:
        """Have further outputs, on rank 0, see `Fan.add`."""
        self._fan.add(named, given)

    def open_again(self) -> None:
        """Go on where `leave` has left off; on rank 0 after `open`."""
        self.is_closed = False
        if self.left is not None:
            self.roll_back(self.left)
        self.left = None

    def message(self, text: str, color: str) -> None:
        """Pass a message on."""
        self._fan.message(text, color)

    def row(self, row: Row, step: int | None) -> None:
        """Pass a row on; by default its step is the number of rows before it."""
        at = self.rows if step is None else int(step)
        if self._is_first:
            self._introduce()
            self._fan.row(row, at)
        self.rows += 1
        if not self._counts_steps:
            self._write_tracked(self.rows, None, at)

    def track(self, tag: str, value: Any) -> None:
        """Track a value, see `Tracker.add`."""
        self._tracker.add(tag, value)

    def end_step(self, step: int, total: int | None) -> None:
        """Write what was tracked if its interval is over; from here on steps count, and rows no more."""
        self._counts_steps = True
        self._write_tracked(step, total, step)

    def tell(self, verb: str, *arguments: Any) -> None:
        """Call a verb of every output that has it."""
        if self._is_first:
            self._introduce()
            self._fan.tell(verb, *arguments)

    def marks(self) -> dict[str, Any]:
        """Return where everything is, and the row that is not finished, as JSON holds it."""
        if self.is_closed and self.left is not None:
            return self.left
        return {
            "rows": self.rows,
            "row": [[key, packed(value)] for key, value in self.pending.items()],
            "stored": self.stored.mark(),
            "is_told": self._is_told,
            "counts_steps": self._counts_steps,
            "tracked": self._tracker.mark(),
            "outputs": self._fan.marks() if self._is_first else {},
        }

    def roll_back(self, marks: Mapping[str, Any]) -> None:
        """Go back to marks, the row that was not finished then with them.

        Raises:
            LoggerError: the marks are damaged.
        """
        try:
            row = {str(key): unpacked(value) for key, value in marks["row"]}
            rows, outputs = int(marks["rows"]), dict(marks["outputs"])
            self._tracker.back_to(marks["tracked"])
            self.stored.back_to(marks.get("stored", {}))
            self._counts_steps, self._is_told = bool(marks["counts_steps"]), bool(marks["is_told"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise damaged(error) from error
        self.rows, self._waits = rows, False
        self.pending.clear()  # and not a new one: every logger that shares it holds it
        self.pending.update(row)
        if self._is_first:
            self._fan.roll_back(outputs)

    def leave(self) -> None:
        """Keep where everything is, before it is closed, for a logger that comes later in the run."""
        if not self.is_closed and not self._waits:
            self.left = self.marks()

    def close(self, state: str) -> None:
        """Write what is still held, and close every output; a second time does nothing."""
        self.is_closed = True
        if left := self._tracker.taken():
            self._fan.tell("scalars", left, self.rows)
        self._fan.close(state)

    def _write_tracked(self, step: int, total: int | None, at: int) -> None:
        if values := self._tracker.due(step, total):
            self.tell("scalars", values, at)

    def _introduce(self) -> None:
        """Tell the outputs that compare runs what this one is, before anything else."""
        if not self._is_told:
            self._is_told = True
            if values := hyperparameters(RunDir(self._folder)):
                self._fan.tell("hparams", values)


def damaged(error: Exception) -> LoggerError:
    """Return the error of marks that are not what a logger has returned."""
    return LoggerError(
        f"the logger's marks in this snapshot are damaged ({type(error).__name__}: {error}); go on from another one."
    )


def no_text(key: object) -> LoggerError:
    """Return the error of a key that cannot be a column's name."""
    return LoggerError(
        f"log_tabular({shown(key, 60)}, ...): the key must be a text, the name of a column; then the value."
    )
