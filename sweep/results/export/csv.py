"""Two CSV files: runs.csv with a row a run, curves.csv with a row for each row that a run has written."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from sweep.results.export.columns import Plain, curve_blocks, curve_names, headings, run_columns
from sweep.results.export.material import Material
from sweep.results.export.place import Destination

# A spreadsheet takes a text that begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(material: Material, place: Destination) -> None:
    """Write both files (RFC 4180, with line feeds, UTF-8)."""
    told = run_columns(material)
    _write(place.file("runs.csv"), list(told), zip(*told.values(), strict=True))
    names = curve_names(material)
    _write(place.file("curves.csv"), ["run", "run/seed", *headings(names)], _curves(material))


def _curves(material: Material) -> Iterable[Sequence[Plain]]:
    for run, columns in curve_blocks(material):
        head = (material.names[run], run.seed)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            yield (*head, *row)


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Plain]]) -> None:
    with path.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(cell_text, head))
        writer.writerows(map(cell_text, row) for row in rows)


def cell_text(value: Plain) -> str:
    """Return what stands in a cell: of a number every digit, nothing for nan and None.

    Before a text that a spreadsheet would take for a formula stands an apostrophe; numbers are as they are.
    """
    if value is None or value != value:
        return ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.startswith(_FORMULA) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
