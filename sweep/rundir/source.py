"""The source that a sweep ran with: one archive of the working copy, from which a run can be made again."""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sweep.base.errors import SweepError
from sweep.base.files import write_atomic


@dataclass(frozen=True)
class Source:
    """What an archive holds.

    Attributes:
        files: how many.
        size: of them all, in bytes, before they are compressed.
        left_out: (file, why) of the others.
    """

    files: int
    size: int
    left_out: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def save_source(
    root: Path, names: Sequence[str], archive: Path, file_limit: int = 8 * 2**20, total_limit: int = 64 * 2**20
) -> Source:
    """Write files of a folder into a `.tar.gz`, whole or not at all; the same files give the same bytes.

    Args:
        root: the folder.
        names: of the files, relative to it, as `sweep.base.git.files_of` lists them.
        archive: its folder must exist.
        file_limit: a file of more bytes is left out.
        total_limit: files are left out from where they would pass it.

    Raises:
        OSError: the archive cannot be written.
    """
    taken, left_out, total = [], [], 0
    for name in names:
        size, why = _measured(root / name, file_limit)
        if not why and total + size > total_limit:
            why = f"the archive would pass {total_limit} bytes"
        if why:
            left_out.append((name, why))
        else:
            taken.append(name)
            total += size
    write_atomic(archive, lambda file: _write(file, root, taken))
    return Source(len(taken), total, tuple(left_out))


def _measured(path: Path, limit: int) -> tuple[int, str]:
    """Return a file's size, and why it is left out, if it is."""
    try:
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and not os.access(path, os.R_OK):
            return 0, "cannot be read"
    except OSError as error:
        return 0, error.strerror or "cannot be read"
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        return 0, "no plain file"
    return found.st_size, f"of {found.st_size} bytes, more than {limit}" if found.st_size > limit else ""


def _write(file: IO[bytes], root: Path, names: Sequence[str]) -> None:
    with (
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in names:
            tar.add(root / name, arcname=name, recursive=False, filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def unpack_source(archive: Path, folder: Path) -> None:
    """Unpack an archive into a new folder; nothing that leads out of it is unpacked.

    Raises:
        SweepError: there is no such archive, it is damaged, or the folder exists and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SweepError(f"{folder} is not empty; name a new folder for the source of {archive}.")
    try:
        _check_whole(archive)
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        raise SweepError(f"{archive} cannot be unpacked ({error}); the source of this run is not to be had.") from error


def _check_whole(archive: Path) -> None:
    """Read an archive to its end, where its checksum is: tarfile stops before it."""
    with gzip.open(archive) as file:
        while file.read(2**20):
            pass
