"""Direct writes to the outputs, under the names that writers of TensorBoard files have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweep.base.errors import LoggerError
from sweep.base.text import shown
from sweep.runtime.log.journal import Journal
from sweep.runtime.moments import as_floats


class Writer:
    """Passes single values to every output that takes such; on ranks other than the first nothing happens.

    The methods are those of torch's `SummaryWriter`. Without `global_step` the step is that of the next row.
    """

    def __init__(self, journal: Journal) -> None:
        """Args: journal: where values go."""
        self._tell = journal.tell
        self._journal = journal

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int | None = None) -> None:
        """Write one number.

        Raises:
            LoggerError: it is not one number.
        """
        self.add_scalars({tag: scalar_value}, global_step)

    def add_scalars(self, values: Mapping[str, Any], global_step: int | None = None) -> None:
        """Write several numbers of one step, by tag."""
        self._tell("scalars", {tag: _number(tag, value) for tag, value in values.items()}, self._at(global_step))

    def add_histogram(self, tag: str, values: Any, global_step: int | None = None) -> None:
        """Write the distribution of an array's or a tensor's elements.

        Raises:
            LoggerError: they are not numbers.
        """
        self._tell("histogram", tag, _numbers("add_histogram", tag, values).ravel(), self._at(global_step))

    def add_text(self, tag: str, text_string: str, global_step: int | None = None) -> None:
        """Write a text."""
        self._tell("text", tag, str(text_string), self._at(global_step))

    def add_figure(self, tag: str, figure: Any, global_step: int | None = None) -> None:
        """Write one of matplotlib's figures as an image.

        Raises:
            LoggerError: it is no figure.
        """
        if not hasattr(figure, "savefig"):
            raise LoggerError(f"add_figure({tag!r}, {shown(figure, 60)}) is no figure; pass one of matplotlib's.")
        self._tell("figure", tag, figure, self._at(global_step))

    def flush(self) -> None:
        """Have every output hand on what it holds back."""
        self._tell("flush")

    def _at(self, step: int | None) -> int:
        return self._journal.rows if step is None else int(step)


def _number(tag: str, value: Any) -> float:
    found = _numbers("add_scalar", tag, value)
    if found.size != 1:
        raise LoggerError(f"add_scalar({tag!r}, {shown(value, 60)}) is not one number; use add_histogram for several.")
    return float(found.item())


def _numbers(call: str, tag: str, values: Any) -> Any:
    try:
        return as_floats(values)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise LoggerError(f"{call}({tag!r}, {shown(values, 60)}) is not numeric ({error}); pass numbers.") from error
