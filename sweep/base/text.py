"""Pure strings for people: colours, columns, durations. Decides nothing about where they are shown."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Mapping
from typing import IO, Any

# SGR codes of the terminal; bold adds ';1'.
COLOURS = {
    "gray": 30, "red": 31, "green": 32, "yellow": 33, "blue": 34,
    "magenta": 35, "cyan": 36, "white": 37, "crimson": 38,
}  # fmt: skip
REPORT_WIDTH = 80


def colorize(text: str, color: str, bold: bool = False, highlight: bool = False) -> str:
    """Wrap text in terminal colour codes, whatever the output is; see `paint` for the polite form."""
    code = str(COLOURS[color] + (10 if highlight else 0)) + (";1" if bold else "")
    return f"\x1b[{code}m{text}\x1b[0m"


def wants_colour(stream: IO[Any], environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether colours belong on a stream: only a terminal, and never with NO_COLOR (no-color.org)."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return bool(getattr(stream, "isatty", bool)())


def paint(text: str, color: str, bold: bool = True, stream: IO[Any] | None = None) -> str:
    """Colour text if the stream it is meant for (standard output by default) wants colours."""
    return colorize(text, color, bold) if wants_colour(stream or sys.stdout) else text


def rule(character: str = "=", width: int = REPORT_WIDTH) -> str:
    return character * width


def plural(count: int, noun: str) -> str:
    """Return ``1 run`` or ``2 runs``; the noun is one whose plural takes an s."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def duration(seconds: float) -> str:
    """Return a length of time as people say it: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if not math.isfinite(seconds):
        return "unknown"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def shorten(text: str, width: int) -> str:
    """Return text on one line, cut in the middle to at most `width` characters."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    if width < 8:
        return text[: max(width, 0)]
    head = (width - 3) * 2 // 3
    return text[:head] + "..." + text[len(text) - (width - 3 - head) :]


def printable(text: str) -> str:
    """Replace control characters, so that text from a file or a value can never steer a terminal."""
    return "".join(c if c == "\t" or c.isprintable() else repr(c)[1:-1] for c in text)


def shown(value: object, width: int = 160) -> str:
    """Return a value's `repr` as it stands in a message: one line, cut to a width, whatever the value does."""
    try:
        text = repr(value)
    except Exception as error:  # a user's own __repr__
        text = f"<{type(value).__name__}, whose repr fails with {type(error).__name__}>"
    return printable(shorten(text, width))


_UNITS_S = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def seconds_of(given: object) -> float | None:
    """Return the seconds in ``90``, ``'90s'``, ``'30min'``, ``'2h'`` or ``'1d'``; None if it is none of these."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(given))
    if match is None or match[2] not in _UNITS_S or float(match[1]) <= 0:
        return None
    return float(match[1]) * _UNITS_S[match[2]]
