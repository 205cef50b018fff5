"""One process of a run, as its supervisor knows it."""

from __future__ import annotations

from dataclasses import dataclass

from sweep.launch.supervisor.processes import read


@dataclass
class Rank:
    """One process of a run.

    Attributes:
        pid: 0 until it is there.
        asked: whether somebody was told to make it.
        code: its exit code, negative for a signal; None while it lives.
    """

    pid: int = 0
    asked: bool = False
    code: int | None = None
    peak: int = 0

    @property
    def lives(self) -> bool:
        return self.pid > 0 and self.code is None

    @property
    def is_expected(self) -> bool:
        """Whether its end is still to be told."""
        return self.asked and self.code is None

    @property
    def has_no_end(self) -> bool:
        """Whether it is dead, or was never made, though nobody has told so."""
        process = read(self.pid) if self.pid else None
        return process is None or process.state in "ZX"
