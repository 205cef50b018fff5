"""TensorBoard's event files, written with TensorBoard's own record writer and messages."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sweep.base.errors import LoggerError
from sweep.runtime.outputs import summaries
from sweep.runtime.outputs.appending import AppendFile, cut, set_aside
from sweep.runtime.outputs.hyperparameters import Scalar
from sweep.runtime.outputs.needed import needed
from sweep.runtime.outputs.numbers import numbers_of
from sweep.runtime.outputs.output import Home

_ORPHAN = "tensorboard.events"  # without `tfevents`, or TensorBoard would show it as one more run


class TensorBoardOutput:
    """One event file for each start of a run, in the run's directory, so that the run has the directory's name.

    `RecordWriter` and the messages are the package's. Its `EventFileWriter` is that and a thread, which would hold
    rows back, and break a process that forks; here a row is in the file when `row` returns.

    To go back, the file is cut at the mark, and the next one begins with a session start at the step after the mark,
    on which a TensorBoard that is looking on drops what it has read beyond. The first file begins with one as well:
    TensorBoard's Python loader takes the first that it sees for no restart.
    """

    name = "tensorboard"

    def __init__(self) -> None:
        self._file: AppendFile | None = None
        self._last = -1  # the highest step written

    def open(self, home: Home, goes_on: bool) -> None:
        needed("tensorboard.compat.proto.event_pb2", self.name)
        self._home = home
        if not goes_on:
            for path in self._own():
                set_aside(path, path.parent / _ORPHAN)
            self._begin()

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self.scalars(row, step)

    def scalars(self, values: Mapping[str, Any], step: int) -> None:
        """Write the numbers among some values as one event."""
        if found := numbers_of(values):
            self._write(summaries.scalars(found), step)

    def histogram(self, tag: str, values: Any, step: int) -> None:
        self._write(summaries.histogram(tag, np.asarray(values, dtype=float)), step)

    def text(self, tag: str, text: str, step: int) -> None:
        self._write(summaries.text(tag, text), step)

    def figure(self, tag: str, figure: Any, step: int) -> None:
        self._write(summaries.figure(tag, figure), step)

    def hparams(self, values: Mapping[str, Scalar]) -> None:
        """Name this run a session of its setting: runs that differ in the seed alone are one row of the table."""
        self._write(summaries.session_start(values, self._home.exp_name or self._home.folder.name), 0)

    def message(self, text: str, color: str) -> None:
        """TensorBoard has no place for it."""

    def mark(self) -> dict[str, Any]:
        file = self._opened()
        file.sync()
        return {"file": file.path.name, "bytes": file.size, "last": self._last}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        name, size, self._last = str(mark["file"]), int(mark["bytes"]), int(mark["last"])
        self._let_go()
        for path in self._own():
            if path.name > name:
                set_aside(path, path.parent / _ORPHAN)
        marked = self._home.folder / Path(name).name
        if marked.exists():
            cut(marked, min(size, marked.stat().st_size), self._home.warn, marked.parent / _ORPHAN)
        self._begin()

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self, state: str) -> None:
        if self._file is not None and state:
            self._write(summaries.session_end(state), 0)
        self._let_go()

    def _opened(self) -> AppendFile:
        if self._file is None:
            raise LoggerError("this TensorBoard output is not open; it is opened by the logger it is given to.")
        return self._file

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _own(self) -> list[Path]:
        """Return our event files, oldest first: those of others in the directory are theirs."""
        ending = f".{self._home.stem}.sweep"
        return sorted(path for path in self._home.folder.glob("events.out.tfevents.*") if path.name.endswith(ending))

    def _begin(self) -> None:
        """Begin a file whose name comes after all others: TensorBoard reads them in the order of their names."""
        seconds = [int(path.name.split(".")[3]) + 1 for path in self._own()]
        name = f"events.out.tfevents.{max([int(time.time()), *seconds]):010d}.{socket.gethostname()}.{os.getpid()}"
        self._file = AppendFile(self._home.folder / f"{name}.{self._home.stem}.sweep")
        for event in summaries.beginning(self._last + 1):
            self._file.append(summaries.record(event))

    def _write(self, summary: Any, step: int) -> None:
        self._opened().append(summaries.record(summaries.event(summary, step)))
        self._last = max(self._last, step)
