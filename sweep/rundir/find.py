"""Runs in a data directory, found by what they are instead of what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import read_variant

# data_dir/NAME (a run without a seed) and data_dir/NAME/NAME_sS.
_PATTERNS = ("*/.sweep/variant.json", "*/*/.sweep/variant.json")


def find_runs(data_dir: Path) -> Iterator[RunDir]:
    """Yield every run directory below a data directory that sweep has made."""
    for pattern in _PATTERNS:
        for file in sorted(data_dir.glob(pattern)):
            yield RunDir(file.parent.parent)


def runs_by_identity(data_dir: Path) -> dict[str, RunDir]:
    """Return the first run of each identity, in the order of directory names (so the earliest date first)."""
    found: dict[str, RunDir] = {}
    for run in find_runs(data_dir):
        record = read_variant(run)
        if record is not None:
            found.setdefault(record.identity, run)
    return found
