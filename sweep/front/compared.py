"""What two runs of one configuration have left behind, compared: rows, and what their last snapshots hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import Manifest, StoredFile, StoredItem, read_manifest, snapshots_in

# A column is a time if one of the words in its name is one of these, and none is of the others: `Time`, `time/total`,
# `EpochSeconds`, but not `TimeStep`.
_TIMES = {
    "time",
    "times",
    "walltime",
    "wallclock",
    "clock",
    "seconds",
    "secs",
    "elapsed",
    "duration",
    "fps",
    "sps",
    "eta",
}
_NO_TIMES = {"step", "steps", "limit", "limits", "out", "outs"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Of a snapshot: how far outputs had come, which differs where a file was cut and begun anew.
_MARKS = "log marks"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One column of the rows that is not the same in both.

    Attributes:
        row: the first one in which it differs, counted from 0.
        one, other: what it is there; None where there is no such row or cell.
    """

    file: str
    column: str
    row: int
    one: Any
    other: Any


@dataclass(frozen=True)
class Comparison:
    """What came of comparing.

    Attributes:
        rows: how many rows each of the two has.
        columns: those that were compared.
        times: those that were left out, as they tell times.
        differences: of the rows, the earliest first.
        items: that both last snapshots hold, and whether they are equal byte for byte.
        steps: of the last snapshots; None without one.
    """

    rows: tuple[int, int]
    columns: tuple[str, ...]
    times: tuple[str, ...]
    differences: tuple[Difference, ...]
    items: Mapping[str, bool]
    steps: tuple[int | None, int | None]

    @property
    def changed(self) -> list[str]:
        """The items of the last snapshots that are not equal."""
        return [name for name, same in self.items.items() if not same]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not self.changed and self.steps[0] == self.steps[1]


def compared(one: RunDir, other: RunDir, ignored: Iterable[str] = ()) -> Comparison:
    """Compare two runs.

    Args:
        ignored: columns that are left out besides those that tell times.
    """
    tables = {"progress.txt": (_table(one), _table(other)), "metrics.jsonl": (_records(one), _records(other))}
    names = list(dict.fromkeys(name for rows in tables["progress.txt"] for row in rows for name in row))
    left_out = [name for name in names if is_time(name) or name in set(ignored)]
    found = [
        difference
        for file, (mine, theirs) in tables.items()
        for difference in _differences(file, mine, theirs, set(left_out))
    ]
    ours, others = _newest(one), _newest(other)
    return Comparison(
        (len(tables["progress.txt"][0]), len(tables["progress.txt"][1])),
        tuple(name for name in names if name not in left_out),
        tuple(left_out),
        tuple(sorted(found, key=lambda difference: difference.row)),
        _items(ours, others) if ours is not None and others is not None else {},
        (None if ours is None else ours.step, None if others is None else others.step),
    )


def is_time(column: str) -> bool:
    """Say whether a column tells a time or a speed, which are never the same in two runs."""
    words = {word.lower() for word in _WORDS.findall(column)}
    return bool(words & _TIMES) and not words & _NO_TIMES


def _table(run: RunDir) -> list[Row]:
    if not run.progress.exists():
        return []
    header, *lines = run.progress.read_text(errors="replace").split("\n")
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=False)) for line in lines if line]


def _records(run: RunDir) -> list[Row]:
    file = run.path / "metrics.jsonl"
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    return [_record(line) for line in lines]


def _record(line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        return {"": line}
    return row if isinstance(row, dict) else {"": line}


def _differences(file: str, one: list[Row], other: list[Row], left_out: set[str]) -> Iterator[Difference]:
    """Yield each column that differs, with the first row of that."""
    seen: set[str] = set(left_out)
    for number, (mine, theirs) in enumerate(zip_longest(one, other)):
        for name in dict.fromkeys([*(mine or {}), *(theirs or {})]):
            cells = (mine or {}).get(name), (theirs or {}).get(name)
            if name not in seen and not _is_same(*cells):
                seen.add(name)
                yield Difference(file, name, number, *cells)


def _is_same(one: Any, other: Any) -> bool:
    if type(one) is float and type(other) is float and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and bool(one == other)


def _newest(run: RunDir) -> Manifest | None:
    found = list(snapshots_in(run.snapshots).values())
    return read_manifest(found[-1]) if found else None


def _items(one: Manifest, other: Manifest) -> dict[str, bool]:
    """Return for each item that both have whether its files are the same ones, by their checksums."""
    mine, theirs = _stored(one), _stored(other)
    return {name: _files(one, mine[name]) == _files(other, theirs[name]) for name in mine if name in theirs}


def _stored(manifest: Manifest) -> dict[str, StoredItem]:
    """Return all items of a snapshot, those of each rank under names of their own."""
    own = {
        name if len(manifest.own) == 1 else f"{name} of rank {rank}": item
        for rank, items in enumerate(manifest.own)
        for name, item in items.items()
        if name != _MARKS
    }
    return {**manifest.items, **own}


def _files(manifest: Manifest, item: StoredItem) -> dict[str, StoredFile]:
    return {
        name: stored for name, stored in manifest.files.items() if name == item.file or name.startswith(f"{item.file}/")
    }
