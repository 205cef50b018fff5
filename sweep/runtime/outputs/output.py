"""What an output is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Output(Protocol):
    """A place that rows of metrics go to; rank 0 alone has any."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Take one row, and have it where the end of the process cannot undo it when this returns.

        Args:
            row: at least one column, in the order logged; columns may come and go from row to row. Values are
                numbers, strings, None, or lists of these (see `cells.frozen`).
        """

    def close(self) -> None:
        """Let go of files; called once, nothing is written after it."""
