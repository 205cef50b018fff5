"""All outputs of one logger: each gets everything, and one that fails is switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sweep.base.errors import LoggerError, SweepError
from sweep.rundir.status import note_output_off
from sweep.runtime.outputs.output import Home, Output
from sweep.runtime.outputs.table import ConsoleOutput

_LACKING: Final = object()


class Fan:
    """Passes rows and messages on to every output.

    What an output raises switches it off: a warning, a note in `status.json`, and training goes on. Two things are
    passed on: a mistake of the user's (`SweepError`), and what an output raises that is the run's own record.

    While a run that goes on waits to be rolled back, nothing but messages is shown, and no file is touched: what is
    logged meanwhile was logged before the mark too. It counts only if the run ends as done and no mark ever came.
    """

    def __init__(self, outputs: Sequence[Output], home: Home) -> None:
        """Args: outputs: those whose failure ends the run first, so that no other costs them a row."""
        self._home = home
        self._names = _unique(outputs)
        self._on = list(outputs)
        self._opened: list[Output] = []
        self._said: list[tuple[str, str]] = []  # before everything was open
        self._waiting: list[tuple[str, tuple[Any, ...]]] = []
        self._is_open = False
        self._marks: Mapping[str, Any] = {}  # that it went back to

    def open(self, marks: Mapping[str, Any] | None = None) -> None:
        """Open everything that is not open yet, and go back to the marks there are; what has none begins anew."""
        marks = marks or {}
        for output in sorted(self._on, key=lambda one: not isinstance(one, ConsoleOutput)):
            if not _among(self._opened, output):
                self._open(output, marks.get(self._names[id(output)], _LACKING))
        self._is_open = True
        self._said.clear()

    def add(self, named: Sequence[Output], given: Sequence[Output]) -> None:
        """Have further outputs; they go back to where the others went back to.

        Args:
            named: those that were asked for by name, of which there is one each.
            given: objects.
        """
        there = {one.name for one in self._on}
        new = [one for one in named if one.name not in there]
        new += [one for one in given if not _among(self._on, one)]
        self._names = _unique(new, self._names)
        self._on = [*self._on, *new]
        if self._is_open:
            self.open(self._marks)

    def open_console(self) -> None:
        """Open what shows messages and holds no file, as the others wait for a mark to go back to."""
        for output in self._on:
            if isinstance(output, ConsoleOutput):
                self._open(output, _LACKING)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        """Pass a row on."""
        if not self._is_open:
            self._waiting.append(("row", (row, step)))
            return
        for output in self._on:  # a new list once one has failed
            try:
                output.row(row, step)
            except Exception as error:
                self._failed(output, error)

    def message(self, text: str, color: str) -> None:
        """Pass a message on; what is not open yet gets it later."""
        if not self._is_open:
            self._said.append((text, color))
        for output in list(self._opened):
            if _among(self._on, output):  # still: the warning of one that fails comes here too
                self._call(output, "message", text, color)

    def tell(self, verb: str, *arguments: Any) -> None:
        """Call a verb of every output that has it."""
        if not self._is_open:
            self._waiting.append((verb, arguments))
            return
        for output in list(self._on):
            if hasattr(output, verb) and _among(self._on, output):
                self._call(output, verb, *arguments)

    def marks(self) -> dict[str, Any]:
        """Return the mark of every output by its name."""
        self._begin()
        found = {self._names[id(one)]: self._call(one, "mark") for one in list(self._on)}
        return {name: mark for name, mark in found.items() if mark is not _LACKING}

    def roll_back(self, marks: Mapping[str, Any]) -> None:
        """Take every output back to its mark; one without a mark stays as it is, or begins anew."""
        opened, self._marks = list(self._opened), marks
        if not self._is_open:
            self._waiting.clear()
            self.open(marks)
        for output in opened:
            name = self._names[id(output)]
            if name in marks and _among(self._on, output):
                self._back(output, marks[name])

    def close(self, state: str) -> None:
        """Close everything; a second call does nothing."""
        if self._waiting and state == "done":  # else the rows may still be gone on with
            self._begin()
        opened, self._opened, self._on, self._is_open = list(self._opened), [], [], True
        for output in opened:
            try:
                output.close(state)
            except Exception as error:  # at the end of a process there is nobody left to tell but the reader
                self._note(output, error)

    def _begin(self) -> None:
        """Begin anew if nobody has rolled us back, with what was logged meanwhile."""
        if not self._is_open:
            self.open()
            for verb, arguments in self._waiting:
                self.tell(verb, *arguments)
            self._waiting.clear()

    def _open(self, output: Output, mark: Any) -> None:
        self._call(output, "open", self._home, mark is not _LACKING)
        if not _among(self._on, output):
            return
        if mark is not _LACKING:
            self._back(output, mark)
        self._opened.append(output)
        for text, color in self._said:
            self._call(output, "message", text, color)

    def _back(self, output: Output, mark: Any) -> None:
        try:
            output.roll_back(mark)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise LoggerError(
                f"the mark of the output {output.name!r} in this snapshot is damaged ({type(error).__name__}: "
                f"{error}); go on from another snapshot."
            ) from error
        except Exception as error:
            self._failed(output, error)

    def _call(self, output: Output, verb: str, *arguments: Any) -> Any:
        try:
            return getattr(output, verb)(*arguments)
        except Exception as error:
            self._failed(output, error)
            return _LACKING

    def _failed(self, output: Output, error: Exception) -> None:
        if isinstance(error, SweepError) or getattr(output, "is_record", False):
            raise error
        self._on = [one for one in self._on if one is not output]
        self._opened = [one for one in self._opened if one is not output]
        cause = self._note(output, error)
        self._home.warn(f"The output {output.name!r} failed and is off from here on ({cause}); training goes on.")

    def _note(self, output: Output, error: Exception) -> str:
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        note_output_off(self._home.run, self._names[id(output)], cause)
        return cause


def _among(outputs: Sequence[Output], one: Output) -> bool:
    """Say whether an output is among others, which may be equal to it."""
    return any(output is one for output in outputs)


def _unique(outputs: Sequence[Output], known: Mapping[int, str] = MappingProxyType({})) -> dict[int, str]:
    """Return each output's name by its `id`, with those that are known; a second one of a name gets a number."""
    names = dict(known)
    for output in outputs:
        count = sum(name.split("#")[0] == output.name for name in names.values())
        names[id(output)] = output.name if not count else f"{output.name}#{count + 1}"
    return names
