"""What can be wrong with a snapshot."""

from __future__ import annotations

from sweep.base.errors import SweepError


class SnapshotError(SweepError):
    """A snapshot cannot be made, or what it holds does not fit the run that wants it."""


class SnapshotNotFound(SnapshotError, FileNotFoundError):
    """There is no such snapshot; the message lists those there are."""


class CorruptSnapshot(SnapshotError):
    """The snapshot that was named is damaged."""
