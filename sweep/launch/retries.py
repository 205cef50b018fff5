"""Which failed runs are tried again within a launch, how often, and after what pause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweep.base.errors import UsageError, did_you_mean
from sweep.base.text import shown
from sweep.rundir.status import Kind

# Whatever made a run fail (a disk that is full, a port in use) gets a little longer to pass each time.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_MOST = 1000

_NAMES = {**{str(kind): kind for kind in Kind}, "oom": Kind.MEMORY, "out-of-memory": Kind.MEMORY}


@dataclass(frozen=True)
class Retries:
    """How many more tries a failed run is given.

    Attributes:
        whatever: for failures of any class together.
        by_kind: for failures of one class each; a class that is missing has none. None: `whatever` counts.
    """

    whatever: int = 0
    by_kind: Mapping[Kind, int] | None = None

    def of(self, kind: Kind) -> int:
        """Return how many more tries failures of a class are given."""
        return self.whatever if self.by_kind is None else self.by_kind.get(kind, 0)


@dataclass
class Tries:
    """The failures of one run within a launch."""

    failures: Counter[Kind] = field(default_factory=Counter)

    def failed(self, kind: Kind, retries: Retries) -> str:
        """Count a failure, and return which try comes next, such as ``'2 of 3'``; '' if there is none left."""
        self.failures[kind] += 1
        so_far = self.failures.total() if retries.by_kind is None else self.failures[kind]
        return f"{so_far + 1} of {retries.of(kind) + 1}" if so_far <= retries.of(kind) else ""

    @property
    def pause_s(self) -> float:
        """Seconds to wait before the next try: 1, 2, 4, ... up to a minute."""
        return float(min(_FIRST_PAUSE_S * 2 ** min(self.failures.total() - 1, 30), _LONGEST_PAUSE_S))


def parse_retries(given: Any) -> Retries:
    """Return what ``2``, ``'2'``, ``{'killed': 3}`` or ``'killed=3,timeout=1'`` asks for.

    Raises:
        UsageError: it is none of these, or a class or a number is wrong.
    """
    if isinstance(given, Mapping):
        return Retries(by_kind=_by_kind(given.items(), given))
    if isinstance(given, str) and "=" in given:
        pairs = (part.partition("=") for part in given.split(","))
        return Retries(by_kind=_by_kind(((name.strip(), count) for name, _, count in pairs), given))
    return Retries(_count(given, given))


def _by_kind(pairs: Any, given: Any) -> dict[Kind, int]:
    counts: dict[Kind, int] = {}
    for name, count in pairs:
        kind = _NAMES.get(name) if isinstance(name, str) else None
        if kind is None:
            raise UsageError(
                f"retries: {shown(name)} is no class of failures; there are {', '.join(Kind)}."
                + did_you_mean(str(name), _NAMES)
            )
        if kind in counts:
            raise UsageError(f"retries names {str(kind)!r} twice in {shown(given)}; give each class once.")
        counts[kind] = _count(count, given)
    return counts


def _count(count: Any, given: Any) -> int:
    if isinstance(count, str) and count.strip().isdecimal() and len(count) < 9:
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST:
        raise UsageError(
            f"retries is {shown(given)}; it is a number of further tries from 0 to {_MOST}, or one for each class of "
            "failures such as 'killed=3,timeout=1'."
        )
    return count
