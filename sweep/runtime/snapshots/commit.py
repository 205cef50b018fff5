"""A directory that appears whole or not at all, on the disk too."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sweep.rundir.snapshot_files import MANIFEST, Manifest, StoredFile, snapshot_name, stored_file

_HIDDEN, _TEMPORARY = ".", ".tmp"


def temporary(folder: Path, step: int) -> Path:
    """Make and return an empty directory in which a snapshot is put together; no reader takes it for one."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        fsync_directory(folder.parent)
    path = folder / f"{_HIDDEN}{snapshot_name(step)}.{os.getpid()}-{time.monotonic_ns()}{_TEMPORARY}"
    path.mkdir()
    return path


class Checksums:
    """Sizes and checksums of files; one that an earlier snapshot shares (a hard link) is not read again."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], StoredFile] = {}

    def below(self, folder: Path) -> dict[str, StoredFile]:
        """Return those of all files below a folder by their path in it; what is not there any more is forgotten."""
        before, self._known = self._known, {}
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {str(file.relative_to(folder)): self._of(file, before) for file in files}

    def _of(self, file: Path, before: Mapping[tuple[int, ...], StoredFile]) -> StoredFile:
        found = file.stat()
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        stored = before.get(key) if found.st_nlink > 1 else None
        self._known[key] = stored or stored_file(file)
        return self._known[key]


def commit(made: Path, manifest: Manifest, checksums: Checksums, name: str = "") -> Manifest:
    """Turn a directory that was put together into the snapshot of its step, so that a power loss leaves all or nothing.

    First come the files, then the manifest, which knows each of them, the directory, its name, and the folder that
    holds the name. A snapshot of the same step makes way.

    Args:
        checksums: of the run's snapshots so far.
        name: of the folder; by default that of its step.

    Returns:
        the manifest as it was written.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    whole = replace(manifest, files=_settled(made, checksums))
    text = manifest_text(whole)
    write_synced(made / MANIFEST, lambda path: path.write_text(text))
    fsync_directory(made)
    target = made.parent / (name or snapshot_name(manifest.step))
    old = _hide(target) if target.exists() else None
    made.rename(target)
    fsync_directory(made.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
    return whole


def _settled(made: Path, checksums: Checksums) -> dict[str, StoredFile]:
    """Have all files on the disk, and return their checksums, which take as long as the disk needs for them."""
    errors: list[OSError] = []

    def sync() -> None:
        try:
            sync_inside(made)
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=sync)
    thread.start()
    try:
        files = checksums.below(made)
    finally:
        thread.join()
    if errors:
        raise errors[0]
    return files


def manifest_text(manifest: Manifest) -> str:
    return json.dumps(manifest.as_json(), indent=1, allow_nan=False) + "\n"


def write_synced(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file and have it on the disk when this returns."""
    write(path)
    _fsync(path)


def sync_below(folder: Path) -> None:
    """Have a folder and all that it holds on the disk."""
    sync_inside(folder)
    _fsync(folder)


def sync_inside(folder: Path, names: str = "**/*") -> None:
    """Have what a folder holds on the disk; files with several names are an earlier snapshot's, and are there.

    Args:
        names: a pattern of those that are meant.
    """
    for path in folder.glob(names):
        if path.is_dir() or path.stat().st_nlink == 1:
            _fsync(path)


def fsync_directory(path: Path) -> None:
    """Have the names in a directory on the disk when this returns; `os.replace` alone leaves that to chance."""
    _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(snapshot: Path) -> None:
    """Remove a snapshot: first its name, so that no reader meets half of it."""
    shutil.rmtree(_hide(snapshot), ignore_errors=True)


def _hide(snapshot: Path) -> Path:
    hidden = snapshot.with_name(f"{_HIDDEN}{snapshot.name}.{os.getpid()}-{time.monotonic_ns()}{_TEMPORARY}")
    snapshot.rename(hidden)
    return hidden


def clear_up(folder: Path) -> None:
    """Remove what attempts that were cut off have left half written; only the owner of the run may call it."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith(_HIDDEN) and path.name.endswith(_TEMPORARY):
            shutil.rmtree(path, ignore_errors=True)
