"""A memory in snapshots: files of the steps added since the snapshot before, shared with it where nothing changed.

    ring.json                                     capacity, fields, the count of all steps, the segments' names
    segment_<first step>_<last step>.npz          steps from the first to before the last, oldest first

A segment is never changed. The next snapshot gets hard links to those that still hold a step that is kept (copies on a
file system without links), so it costs the new steps alone, every directory is whole by itself, and deleting one leaves
the others as they are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweep.base.errors import RingError
from sweep.base.files import write_atomic, write_text
from sweep.runtime.memory import npz
from sweep.runtime.memory.content import Description, description_of, from_json, to_json
from sweep.runtime.memory.fields import Arrays, Fields
from sweep.runtime.memory.storage import Storage

ABOUT = "ring.json"
# From here on the newest are written again as one, as soon as together they are no smaller than the one before.
MOST = 256


@dataclass(frozen=True)
class Segment:
    """Steps from number `first` to before number `last`."""

    first: int
    last: int

    @property
    def name(self) -> str:
        return f"segment_{self.first:015d}_{self.last:015d}.npz"


def _segment(name: str) -> Segment | None:
    match = re.fullmatch(r"segment_(\d{15,})_(\d{15,})\.npz", name)
    return Segment(int(match[1]), int(match[2])) if match else None


class Base:
    """The directory that a memory was last saved to, or loaded from; it stays the same one when it is renamed."""

    def __init__(self, directory: Path, segments: Sequence[Segment]) -> None:
        self.segments = list(segments)
        self._descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):  # it was never opened
            os.close(self._descriptor)

    def share(self, segment: Segment, directory: Path) -> None:
        """Link a segment into another directory, or copy it.

        Raises:
            OSError: it is not there any more.
        """
        target = directory / segment.name
        here = os.stat(segment.name, dir_fd=self._descriptor)
        if target.exists() and os.path.samestat(here, target.stat()):
            return
        try:
            os.link(segment.name, target, src_dir_fd=self._descriptor)
        except OSError:  # no links here, too many of this file, or another file of that name
            source = os.open(segment.name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._descriptor)
            with os.fdopen(source, "rb") as file:
                write_atomic(target, lambda copy: shutil.copyfileobj(file, copy))


def save(storage: Storage, directory: Path, base: Base | None) -> Base:
    """Write a memory into a directory, sharing what `base` holds of it; return the directory as the next base.

    Everything is on the disk when this returns, but the directory's own entry in the one above it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    segments = _shared(storage, directory, base) if base else []
    first = segments[-1].last if segments else storage.first
    if first < storage.total:
        new = Segment(first, storage.total)
        steps = storage.steps(new.first, new.last)
        write_atomic(directory / new.name, lambda file: npz.write_arrays(file, steps))
        segments.append(new)
    about = {**to_json(description_of(storage)), "segments": [segment.name for segment in segments]}
    write_text(directory / ABOUT, json.dumps(about, indent=1) + "\n")
    _tidy(directory, about["segments"])
    _sync(directory)
    return Base(directory, segments)


def _shared(storage: Storage, directory: Path, base: Base) -> list[Segment]:
    """Link what is kept of the base, and return it; nothing if any of it is gone."""
    segments = kept(base.segments, storage.first, storage.total)
    try:
        for segment in segments:
            base.share(segment, directory)
    except OSError:
        return []
    return segments


def _tidy(directory: Path, names: Sequence[str]) -> None:
    """Remove segments that no longer count, as when a directory is saved to again."""
    for path in directory.glob("segment_*.npz"):
        if path.name not in names:
            path.unlink()


def kept(segments: Sequence[Segment], first: int, total: int) -> list[Segment]:
    """Return the segments that still count when steps from `first` to before `total` are kept."""
    found = [segment for segment in segments if segment.last > first]
    while len(found) >= MOST and found[-1].last - found[-1].first <= total - found[-1].last:
        found.pop()
    return found


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load(like: Storage, directory: Path) -> tuple[Storage, Base]:
    """Return what a directory holds, in a storage like the one given, and the directory as the next base.

    Raises:
        RingError: there is no memory there, one of other fields, or a damaged one.
    """
    file = directory / ABOUT
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise RingError(f"{file} cannot be read ({error}); take an older snapshot.") from error
    about = from_json(data, str(file))
    _check_alike(about, description_of(like), file)
    segments = _listed(data.get("segments"), about, file)
    storage = like.emptied(about.total - about.rows)
    for segment in segments:
        skipped = max(0, storage.total - segment.first)
        steps = _steps(directory / segment.name, segment, like.num_envs, like.fields)
        storage.put({name: array[skipped:] for name, array in steps.items()})
    return storage, Base(directory, segments)


def _check_alike(saved: Description, here: Description, file: Path) -> None:
    for what in ("capacity", "num_envs", "fields"):
        then, now = getattr(saved, what), getattr(here, what)
        if then != now:
            said = [", ".join(map(str, x.values())) if isinstance(x, dict) else str(x) for x in (then, now)]
            raise RingError(f"{file}: {what} was {said[0]} and is {said[1]}; make the memory as it was saved.")


def _listed(names: object, about: Description, file: Path) -> list[Segment]:
    """Return the segments of a list of names, which follow on one another and cover what was kept."""
    found = [_segment(str(name)) for name in names] if isinstance(names, list) else [None]
    segments = [segment for segment in found if segment is not None]
    ends = [about.total - about.rows, *(segment.last for segment in segments)]
    follow = all(segment.first <= end < segment.last for segment, end in zip(segments, ends, strict=False))
    if len(segments) != len(found) or not follow or ends[-1] != about.total:
        raise RingError(f"{file} does not list its segments as it should: it is damaged; take an older snapshot.")
    return segments


def _steps(path: Path, segment: Segment, num_envs: int, fields: Fields) -> Arrays:
    try:
        arrays = npz.read_arrays(path)
    except OSError as error:
        raise RingError(f"{path} cannot be read ({error.strerror}); take an older snapshot.") from error
    lead = (segment.last - segment.first, num_envs)
    whole = arrays.keys() == fields.keys() and all(
        array.shape == (*lead, *fields[name].shape) and array.dtype == fields[name].dtype
        for name, array in arrays.items()
    )
    if not whole:
        raise RingError(f"{path} does not hold the steps that its name says: it is damaged; take an older snapshot.")
    return arrays
