"""A score over a column that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sweep.results.score import Score
from sweep.results.table_file import Table


@dataclass(frozen=True)
class ScoreOver(Score):
    """A score that knows its x, whatever other columns there are.

    Attributes:
        x: the column that counts how far a run is; '' is the number of the row.
    """

    x: str = ""

    def of(self, table: Table, x: str) -> float:
        """Return the score of a run's rows over its own x."""
        return super().of(table, self.x)

    def __str__(self) -> str:
        return f"{super().__str__()}{f' (x: {self.x})' if self.x else ''}"
