"""After how many failures a launch halts: the words are those of GNU parallel's ``--halt``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.text import plural, shown

_FORM = re.compile(r"(soon|now)(?:,fail=(\d{1,9})(%)?)?")


@dataclass(frozen=True)
class Halt:
    """When a launch halts.

    Attributes:
        when: 'never'; 'soon', nothing more is started and what runs goes on; 'now', what runs is ended too.
        failures: so many, or so many per cent of all runs, halt it.
        percent: whether `failures` are per cent.
    """

    when: str = "never"
    failures: int = 1
    percent: bool = False

    def why(self, failed: int, total: int | None) -> str:
        """Return why a launch halts that so many runs of it failed in, '' if it goes on.

        Args:
            total: of all runs; without it per cent are not counted.
        """
        if self.when == "never" or failed < self._enough(total):
            return ""
        return f"halted after {plural(failed, 'failure')} (halt={self})"

    def _enough(self, total: int | None) -> float:
        if not self.percent:
            return self.failures
        return math.inf if total is None else max(1, math.ceil(self.failures * total / 100))

    def __str__(self) -> str:
        return "never" if self.when == "never" else f"{self.when},fail={self.failures}{'%' * self.percent}"


def parse_halt(given: Any) -> Halt:
    """Return what ``'never'``, ``'soon'``, ``'now'``, ``'soon,fail=5'`` or ``'now,fail=10%'`` asks for.

    Raises:
        UsageError: it is none of these.
    """
    if given == "never":
        return Halt()
    found = _FORM.fullmatch(given.replace(" ", "")) if isinstance(given, str) else None
    count = int(found[2] or 1) if found else 0
    if not found or count < 1 or (found[3] and count > 100):
        raise UsageError(
            f"halt is {shown(given)}; it is 'never', 'soon' (after a failure nothing more is started) or 'now' (what "
            "runs is ended too), with a number of failures as 'soon,fail=5' or 'now,fail=10%'."
        )
    return Halt(found[1], count, bool(found[3]))
