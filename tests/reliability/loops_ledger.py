"""What the ledger of a sweep says: which runs were run again, beside themselves, or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from loops_drivers import Bench


@dataclass(frozen=True)
class Line:
    """One event of a run: start, beat, row, leftover or end."""

    word: str
    attempt: int
    pid: int
    time: float
    more: tuple[str, ...]


def lines(file: Path) -> list[Line]:
    words = (line.split() for line in file.read_text().splitlines())
    return [Line(word, int(attempt), int(pid), float(time), tuple(more)) for word, attempt, pid, time, *more in words]


@dataclass
class Watch:
    """Follows a sweep over all its launches.

    Attributes:
        starts: for each run that is done, how often it had been started when that was first seen.
        contents: of the directories of runs that are done.
    """

    bench: Bench
    starts: dict[str, dict[str, int]] = field(default_factory=dict)
    contents: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def look(self) -> None:
        """Take note of what is done now; to be called when nothing runs."""
        for name in self.bench.done() - self.starts.keys():
            self.starts[name] = self._starts_of(name)
            self.contents[name] = contents(self._directory(name))

    def faults(self, runs: int) -> dict[str, object]:
        """Return what went wrong, when all launches are over: nothing, if all is well."""
        self.look()
        events = {file.name: lines(file) for file in sorted(self.bench.ledger.iterdir())}
        found: dict[str, object] = {
            "lost": runs - len(self.bench.done()),
            "run again": [name for name, starts in self.starts.items() if starts != self._starts_of(name)],
            "changed": [name for name, before in self.contents.items() if before != contents(self._directory(name))],
            "overlapping": [name for name, own in events.items() if overlaps(own)],
            "same attempt twice": [name for name, own in events.items() if not rising(own)],
            "leftovers seen": [line for own in events.values() for line in own if line.word == "leftover"],
            "rows lost": [name for name, own in events.items() if not self._has_rows(name, own)],
            "unreadable": unreadable(self.bench.data),
            "cut-off files": [str(file) for file in self.bench.data.rglob("*.tmp")],
        }
        return {what: value for what, value in found.items() if value}

    def _starts_of(self, name: str) -> dict[str, int]:
        files = [file for file in self.bench.ledger.glob(f"{name}*") if file.name.removeprefix(name)[:1] in ("", ".")]
        return {file.name: sum(line.word == "start" for line in lines(file)) for file in files}

    def _directory(self, name: str) -> Path:
        return self.bench.data / name.rpartition("_s")[0] / name

    def _has_rows(self, name: str, own: list[Line]) -> bool:
        """Say whether every row that was promised to last is in the table, or aside as one of an earlier attempt."""
        noted = {(line.attempt, int(line.more[0])) for line in own if line.word == "row"}
        directory = self._directory(name.partition(".")[0])
        tables = [directory / "progress.txt", *(directory / ".sweep/orphans").glob("progress*.txt")]
        return noted <= {row for table in tables if table.exists() for row in rows(table)}


def overlaps(own: list[Line]) -> bool:
    """Say whether two copies of a run were alive at once: one gives a sign after a later one has begun."""
    latest: list[int] = []
    for line in own:
        if line.word == "start":
            latest.append(line.pid)
        elif line.pid != latest[-1]:
            return True
    return False


def rising(own: list[Line]) -> bool:
    attempts = [line.attempt for line in own if line.word == "start"]
    return all(before < after for before, after in pairwise(attempts))


def rows(table: Path) -> set[tuple[int, int]]:
    """Return attempt and epoch of each row."""
    head, *body = table.read_text().splitlines()
    assert head.split("\t") == ["Attempt", "Epoch"], f"{table} begins with {head!r}"
    return {(int(attempt), int(epoch)) for attempt, epoch in (line.split("\t") for line in body)}


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory with what is in it."""
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


def unreadable(data: Path) -> list[str]:
    """Return the JSON files of a sweep that are none, and what a cut-off write has left behind."""
    return [str(file) for file in sorted(data.rglob("*.json")) if not _is_json(file)]


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True
