"""From the bytes of a table to cells: the same number in every row, whatever has happened to the file."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from sweep.base.text import plural, printable
from sweep.results.numbers import is_number


@dataclass(frozen=True)
class Cells:
    """A table before its cells are numbers.

    Attributes:
        columns: the cells of each column that was wanted, by name. The names can be shown, none is empty, none comes
            twice.
        notes: what was left out, in words.
    """

    columns: Mapping[str, list[bytes]]
    notes: list[str]


def split_table(data: bytes, is_csv: bool, wanted: Collection[str] | None = None) -> Cells:
    """Return the cells of a table: a header, then rows.

    Args:
        wanted: the columns to return, those of them that are there; all by default.

    What is behind the last newline is a row that is not whole, of which a piece of a number may look like a number; it
    is left out. So are lines before the header that begin with #, as in a monitor file.
    """
    whole, torn = _whole_lines(data)
    header, body = _parted(whole)
    notes = ["the last line is not whole and is left out"] if torn.strip() else []
    separator = b"," if is_csv else b"\t"
    if b'"' in whole and is_csv:
        return _careful(header, body, b"", wanted, notes)
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    names = _named(header.split(separator)) if header else []
    places = [place for place, name in enumerate(names) if wanted is None or name in wanted]
    rows = _regular(header, body, separator, max(places, default=-1) + 1)
    if rows is None:
        return _careful(header, body, separator, wanted, notes)
    return Cells({names[place]: [row[place] for row in rows] for place in places}, notes)


def names_in(head: bytes, is_csv: bool) -> list[str]:
    """Return the columns that the beginning of a table names; none if the header is not whole."""
    header = _parted(head)[0]
    return _named(row_of(header, is_csv)) if header else []


def row_of(line: bytes, is_csv: bool) -> list[bytes]:
    """Return the cells of one line."""
    return next(_lines(line, b"" if is_csv else b"\t"), [])


def last_line(tail: bytes) -> bytes:
    """Return the last whole line of a text that is not empty, as far as it is there."""
    return _whole_lines(tail)[0].rstrip(b"\r\n").rpartition(b"\n")[2]


def lines_named(text: bytes, name: str, is_csv: bool) -> int:
    """Return how many lines begin with the name of the first column: headers, if they are whole."""
    separator = b"," if is_csv else b"\t"
    return sum(_text(line.split(separator, 1)[0].strip(b'"\xef\xbb\xbf')) == name for line in text.split(b"\n"))


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _parted(whole: bytes) -> tuple[bytes, bytes]:
    """Return the header, without its newline, and what is below it."""
    start = 3 if whole.startswith(b"\xef\xbb\xbf") else 0  # as some editors begin a file
    while whole.startswith((b"#{", b"\n", b"\r\n"), start):
        start = (whole.find(b"\n", start) + 1) or len(whole)
    end = whole.find(b"\n", start)
    return (whole[start:end].rstrip(b"\r"), whole[end + 1 :]) if end >= 0 else (b"", b"")


def _regular(header: bytes, body: bytes, separator: bytes, width: int) -> list[list[bytes]] | None:
    """Return the first cells of each row, and the rest as one; None if not all lines are rows with all cells."""
    if body.startswith(header + b"\n") or b"\n" + header + b"\n" in body:
        return None
    lines = body.split(b"\n")
    lines.pop()  # behind the last newline
    separators = list(map(bytes.count, lines, repeat(separator)))
    if separators.count(header.count(separator)) < len(lines):
        return None
    return [line.split(separator, width) for line in lines]


def _careful(header: bytes, body: bytes, separator: bytes, wanted: Collection[str] | None, notes: list[str]) -> Cells:
    """Go line by line: the header may come again, wider or narrower; a row may be short or long."""
    names = _named(next(_lines(header, separator), []))
    if not names:
        return Cells({}, notes)
    places = list(range(len(names)))  # which column each cell of a line is
    rows: list[dict[int, bytes]] = []
    cut, long, is_full = 0, 0, False
    for line in _lines(body, separator):
        if _is_header(line, names):
            places, is_full = _places(line, names), False
        elif is_full and len(line) < len(places):
            cut += 1  # not a row from before a column came, as those are above all full ones
        else:
            is_full = is_full or len(line) >= len(places)
            long += len(line) > len(places)
            rows.append(dict(zip(places, line, strict=False)))
    notes += _counted(cut, "is cut off and left out", "are cut off and left out")
    notes += _counted(long, "has more cells than columns", "have more cells than columns")
    kept = {place: name for place, name in enumerate(names) if wanted is None or name in wanted}
    return Cells({name: [row.get(place, b"") for row in rows] for place, name in kept.items()}, notes)


def _counted(count: int, one: str, more: str) -> list[str]:
    return [f"{plural(count, 'row')} {one if count == 1 else more}"] if count else []


def _lines(text: bytes, separator: bytes) -> Iterator[list[bytes]]:
    """Yield the cells of each line that is not empty; without a separator it is CSV, with quotes."""
    if separator:
        yield from (line.split(separator) for line in text.split(b"\n") if line.strip())
        return
    lines = text.decode(errors="surrogateescape").replace("\0", "").split("\n")
    for line in lines:  # each for itself, so that a quote that is never closed costs one line
        try:
            cells = next(csv.reader([line]), [])
        except csv.Error:  # a cell of more than 128 KiB
            cells = line.split(",")
        if line.strip():
            yield [cell.encode(errors="surrogateescape") for cell in cells]


def _is_header(line: Sequence[bytes], names: Sequence[str]) -> bool:
    """Say whether a line names columns: the first one is where it was, and no cell is a number."""
    return bool(line) and _text(line[0]) == names[0] and not any(map(is_number, line))


def _places(line: Sequence[bytes], names: list[str]) -> list[int]:
    """Return which column each cell stands for from here on; new ones are added."""
    again = _named(line)
    names += [name for name in again if name not in names]
    return [names.index(name) for name in again]


def _text(cell: bytes) -> str:
    return printable(cell.decode(errors="replace")).strip()


def _named(cells: Sequence[bytes]) -> list[str]:
    """Return a name for each column that can be shown, is not empty and is its own."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        name = _text(cell) or f"column {number}"
        while name in names:
            name += " again"
        names[name] = None
    return list(names)
