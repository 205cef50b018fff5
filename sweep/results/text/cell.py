"""A piece of text with its colours: what tables and lines are made of. What it says is always inert."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sweep.base.text import printable

# Of text that comes from files, so much is shown in one place at most.
LONGEST = 2000


@dataclass(frozen=True)
class Cell:
    """Text in one line.

    Attributes:
        spans: (text, style) one after the other; a style is one of `rich`, such as 'red' or 'bold cyan', or ''.
    """

    spans: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it, without styles."""
        return "".join(text for text, _ in self.spans)

    @property
    def width(self) -> int:
        """In columns of a terminal."""
        return text_width(self.text)


def cell(text: object, style: str = "") -> Cell:
    """Return any text as a cell: on one line, its control characters written out."""
    return Cell(((inert(str(text)), style),))


def joined(cells: Iterable[Cell]) -> Cell:
    return Cell(tuple(span for one in cells for span in one.spans))


def inert(text: str) -> str:
    """Return text that can neither steer a terminal nor begin a new line, and is never endless."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    return printable(cut.expandtabs(4))


def text_width(text: str) -> int:
    """Return the columns that a terminal gives to a text: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fitted(text: str, width: int) -> str:
    """Return text cut in its middle to at most `width` columns: names differ at both ends."""
    if text_width(text) <= width:
        return text
    if width < 8:
        return _taken(text, width)
    tail = _taken(text[::-1], (width - 3) // 2)[::-1]
    return _taken(text, width - 3 - text_width(tail)) + "..." + tail


def _taken(text: str, width: int) -> str:
    taken, used = 0, 0
    for character in text:
        used += _width(character)
        if used > width:
            break
        taken += 1
    return text[:taken]
