"""What a launch allows its runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from sweep.launch.halt import Halt
from sweep.launch.retries import Retries


@dataclass(frozen=True)
class Limits:
    """What a launch allows.

    Attributes:
        at_once: runs at once, at most; the machine may have room for fewer.
        timeout_s: of one run; None for none.
        failure_lines: how many of a failed run's last lines its outcome carries.
        stall_timeout_s: how long a run may write nothing; None for ever.
        retries: how often a failed run is tried again.
        halt: after which failures the launch ends early.
        total: the number of runs, if it is known; `halt` counts its per cent of them.
    """

    at_once: int = 1
    timeout_s: float | None = None
    failure_lines: int = 5
    stall_timeout_s: float | None = None
    retries: Retries = field(default_factory=Retries)
    halt: Halt = field(default_factory=Halt)
    total: int | None = None

    def without_times(self) -> Self:
        """Return the same for a launch whose runs are timed where they run."""
        return replace(self, timeout_s=None, stall_timeout_s=None)
