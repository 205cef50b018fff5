"""One parameter that has another value than when a snapshot was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sweep.rundir.variant_file import ABSENT

_SEPARATOR = ":"


@dataclass(frozen=True)
class Change:
    """A changed parameter.

    Attributes:
        name: the last part of its key.
        before: its value at the time of the snapshot, in the exact form; ABSENT where it was not given.
        now: its new value.
    """

    name: str
    before: Any
    now: Any

    @classmethod
    def of(cls, key: str, before: Any, now: Any) -> Change:
        """Return the change of a colon key."""
        return cls(key.rpartition(_SEPARATOR)[2], before, now)

    def makes(self, value: Any) -> bool:
        """Say whether a value is the new one."""
        return _same(value, self.now)

    def was(self, value: Any) -> bool:
        """Say whether a value of the snapshot is the old one; where nobody knows that it may be."""
        if self.makes(value):
            return False
        return bool(self.before == ABSENT) or _same(value, self.before)


def is_plain(value: Any) -> bool:
    """Say whether a value is one that a parameter may have given, and not a state that grew."""
    return isinstance(value, (bool, int, float, str))


def _same(one: Any, other: Any) -> bool:
    return is_plain(one) and isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
