"""Where a run's loop begins: behind its newest snapshot, with that of its parent if it is a fork, or from nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sweep.rundir.parent import brought
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, read_manifest
from sweep.rundir.variant_file import VariantRecord, read_variant
from sweep.runtime.mpi.helpers import proc_id
from sweep.runtime.snapshots.errors import CorruptSnapshot
from sweep.runtime.snapshots.reading import newest
from sweep.runtime.snapshots.store import Snapshot


@dataclass(frozen=True)
class Origin:
    """What there is to begin with; on rank 0, as the other ranks do not look.

    Attributes:
        newest: of the run's own snapshots, the newest that is whole.
        parent: the snapshot that a fork begins with, until it has one of its own.
        items: to which that is limited; () for all.
        changed: keys that have another value than when the snapshot was made, to both, in the exact form.
    """

    newest: Snapshot | None = None
    parent: Snapshot | None = None
    items: tuple[str, ...] = ()
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot | None:
        return self.newest or self.parent


def origin_of(run: RunDir, warn: Callable[[str], object]) -> Origin:
    """Return what a run begins with; the bytes of its snapshot are all read.

    Raises:
        CorruptSnapshot: it is a fork, and its parent's snapshot is damaged.
    """
    if proc_id() != 0 or not (run.snapshots.is_dir() or run.parent.is_dir()):
        return Origin()
    record = read_variant(run)
    if (own := newest(run, warn) if run.snapshots.is_dir() else None) is not None:
        return Origin(own, changed=_changed_since(record, own.manifest.made))
    parent = _of_parent(run)
    known = None if record is None else record.story.parent
    if parent is None or known is None:
        return Origin(parent=parent)
    return Origin(None, parent, known.items, {key: (there, here) for key, (there, here) in known.changed.items()})


def _of_parent(run: RunDir) -> Snapshot | None:
    folder = brought(run)
    if folder is None:
        return None
    manifest, wrong = read_manifest(folder), damage(folder)
    if manifest is None or wrong:
        raise CorruptSnapshot(f"{folder} is damaged, with which this fork begins: {wrong}. Fork again, with --fresh.")
    return Snapshot(folder, manifest)


def _changed_since(record: VariantRecord | None, moment: float) -> dict[str, tuple[Any, Any]]:
    """Return the extendable parameters that were changed after a moment, in seconds since the epoch."""
    found: dict[str, tuple[Any, Any]] = {}
    for entry in () if record is None else record.story.history:
        if entry["time"] > moment:
            for key, (there, here) in entry["changed"].items():
                found[key] = (found.get(key, (there,))[0], here)
    return found
