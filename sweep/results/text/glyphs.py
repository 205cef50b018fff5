"""Single characters that say how a run is, and little pictures of curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from sweep.results.run import DEAD, NOT_KNOWN, QUEUED
from sweep.rundir.status import State

STYLES = {
    State.DONE: "green", State.RUNNING: "cyan", State.FAILED: "red", State.INTERRUPTED: "yellow",
    State.PENDING: "bright_black", QUEUED: "blue", DEAD: "magenta", NOT_KNOWN: "magenta",
}  # fmt: skip


@dataclass(frozen=True)
class Glyphs:
    """A set of characters.

    Attributes:
        marks: state to character.
        levels: from empty to full, for runs that go on and for curves.
        unknown: for every other state.
        plus_minus: before half the width of an interval.
    """

    marks: dict[str, str]
    levels: str
    plus_minus: str
    unknown: str = "?"

    def mark(self, state: str, fraction: float | None = None) -> str:
        """Return the character of a run.

        Args:
            fraction: how far a running one is, from 0 to 1; None where that is not known.
        """
        if state == State.RUNNING and fraction is not None:
            return self.levels[_level(fraction, len(self.levels))]
        return self.marks.get(state, self.unknown)

    def curve(self, values: Sequence[float]) -> str:
        """Return a curve with a character for each value, between their least and their largest; nan is blank."""
        known = [value for value in values if math.isfinite(value)]
        if not known:
            return ""
        low, span = min(known), max(known) - min(known)
        return "".join(self._point(value, low, span) for value in values)

    def _point(self, value: float, low: float, span: float) -> str:
        if not math.isfinite(value):
            return " "
        return self.levels[_level((value - low) / span if span > 0 else 0.5, len(self.levels))]

    @property
    def all(self) -> str:
        return "".join(self.marks.values()) + self.levels + self.plus_minus


def _level(fraction: float, count: int) -> int:
    return min(count - 1, max(0, int(fraction * count))) if math.isfinite(fraction) else 0


UNICODE = Glyphs(
    {
        State.DONE: "■", State.RUNNING: "▷", State.FAILED: "✗", State.INTERRUPTED: "◌", State.PENDING: "·", DEAD: "†",
        QUEUED: "▫",
    },
    "▁▂▃▄▅▆▇",
    "±",
)  # fmt: skip
ASCII = Glyphs(
    {
        State.DONE: "#", State.RUNNING: ">", State.FAILED: "x", State.INTERRUPTED: "o", State.PENDING: ".", DEAD: "!",
        QUEUED: ",",
    },
    "123456789",
    "+-",
)  # fmt: skip


def glyphs_for(stream: IO[Any]) -> Glyphs:
    """Return the characters that a stream can carry."""
    try:
        UNICODE.all.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def style_of(state: str) -> str:
    return {str(key): style for key, style in STYLES.items()}.get(state, "")
