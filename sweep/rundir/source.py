"""The source that a sweep ran with: one archive of what it was made of, from which a run can be made again.

data_dir/.sweep/sources/DIGEST.tar.gz   plain files, named by what they are: the same source is there once
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import stat
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sweep.base.errors import SweepError
from sweep.base.files import write_once
from sweep.rundir.origin import find_kept, newest_attempt
from sweep.rundir.paths import RunDir

SOURCES = "sources"
_SUFFIX = ".tar.gz"
_DIGEST = re.compile(r"[0-9a-f]{64}")
# What surrounds a file in an archive: its header, a longer one for an unusual name, and padding; in bytes.
_AROUND = 4096
# Files that people keep passwords and keys in.
_SECRET = re.compile(r"\.env(\..*)?|\.netrc|\.pypirc|\.git-credentials|.*\.(pem|key)|id_(rsa|ed25519).*")
# So many of the files that are left out are named.
_NAMED = 100


@dataclass(frozen=True)
class Limits:
    """How large an archive may be.

    Attributes:
        file: a file of more bytes is left out.
        total: files are left out that would pass it, in bytes before they are compressed.
        files: so many at most.
    """

    file: int = 2 * 2**20
    total: int = 32 * 2**20
    files: int = 5_000


LIMITS = Limits()


@dataclass(frozen=True)
class Source:
    """What an archive holds.

    Attributes:
        digest: of names, modes and contents (SHA-256), and the archive's name; empty if it holds nothing.
        files: how many.
        size: of them all, in bytes, before they are compressed.
        left_out: (file, why) of the first hundred others.
        left_out_count: how many others.
    """

    digest: str
    files: int
    size: int
    left_out: tuple[tuple[str, str], ...] = ()
    left_out_count: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Packed:
    """One file of an archive."""

    name: str
    executable: bool
    data: bytes

    def entry(self) -> tarfile.TarInfo:
        member = tarfile.TarInfo(self.name)
        member.size, member.mode = len(self.data), 0o755 if self.executable else 0o644
        return member


def digest_of(files: Sequence[Packed]) -> str:
    """Return the name of these files together."""
    known = hashlib.sha256()
    for one in files:
        known.update(b"%s\0%d\0%d\0" % (os.fsencode(one.name), one.executable, len(one.data)))
        known.update(one.data)
    return known.hexdigest()


def save_source(root: Path, names: Sequence[str], folder: Path, limits: Limits = LIMITS) -> Source:
    """Put the files of a tree into an archive, unless it is there already. Files are read once, and never changed.

    A link is followed if it stays in the tree. What may hold a secret, by its name, is left out.

    Args:
        root: the folder of the tree.
        names: of the files, relative to it, the most important ones first.
        folder: of the archives; made if it is not there.

    Raises:
        OSError: the archive cannot be written.
    """
    taken, left_out, left_out_count = _read_all(root.resolve(), names, limits)
    size = sum(len(one.data) for one in taken)
    digest = digest_of(taken) if taken else ""
    archive = folder / f"{digest}{_SUFFIX}"
    if taken and not os.access(archive, os.R_OK):
        folder.mkdir(parents=True, exist_ok=True)
        write_once(archive, lambda file: _write(file, taken), 0o600)
    return Source(digest, len(taken), size, tuple(left_out), left_out_count)


def _read_all(root: Path, names: Sequence[str], limits: Limits) -> tuple[list[Packed], list[tuple[str, str]], int]:
    """Return the files that are taken, the first that are not, and how many are not."""
    taken: list[Packed] = []
    left_out: list[tuple[str, str]] = []
    total, most = 0, f"the archive would pass {limits.files:,} files"
    for number, name in enumerate(names):
        if len(taken) == limits.files:
            left_out += [(printable_name(name), most) for name in names[number : number + _NAMED]]
            break
        found = _read(root, name, min(limits.file, limits.total - total))
        if isinstance(found, str):
            left_out.append((printable_name(name), found))
        else:
            taken.append(found)
            total += len(found.data)
    return sorted(taken, key=lambda one: one.name), left_out[:_NAMED], len(names) - len(taken)


def _read(root: Path, name: str, most: int) -> Packed | str:
    """Return a file, or why it is left out."""
    if _SECRET.fullmatch(name.rpartition("/")[2]):
        return "may hold a secret"
    try:
        path = f"{root}/{name}"
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            path = os.path.realpath(path)
            if not Path(path).is_relative_to(root):
                return "a link that leads out"
            found = os.stat(path)  # noqa: PTH116
        if not stat.S_ISREG(found.st_mode):
            return "no plain file"
        if found.st_size > most:
            return f"{found.st_size:,} bytes, more than there is room for"
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            data = file.read(most)
    except (OSError, RuntimeError, ValueError) as error:  # a link to itself is a RuntimeError
        return getattr(error, "strerror", None) or "cannot be read"
    return Packed(name, bool(found.st_mode & stat.S_IXUSR), data)


def printable_name(name: str) -> str:
    """Return a file's name as text that can be written anywhere."""
    return name.encode(errors="replace").decode()


def _write(file: IO[bytes], taken: Sequence[Packed]) -> None:
    with (
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for one in taken:
            tar.addfile(one.entry(), io.BytesIO(one.data))


def source_of(run: RunDir) -> Source | None:
    """Return what the newest attempt of a run has recorded of its source; None where that is nothing."""
    try:
        record = newest_attempt(run)["program"]["source"]
        left_out = tuple((str(name), str(why)) for name, why in record.get("left_out", ()))
        digest, numbers = str(record["digest"]), [int(record[key]) for key in ("files", "size", "left_out_count")]
        return Source(digest, numbers[0], numbers[1], left_out, numbers[2]) if _DIGEST.fullmatch(digest) else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def unpack_source(run: RunDir, into: Path, limits: Limits = LIMITS) -> Source:
    """Unpack the source that the newest attempt of a run was started with, and return what was recorded of it.

    The archive is taken for hostile: plain files below the folder are written, and nothing else; all of it must be
    what its name says, or nothing stays.

    Args:
        into: a new folder, or an empty one.

    Raises:
        SweepError: no source is recorded, its archive is gone or is not what was recorded, or the folder is not empty.
    """
    source = source_of(run)
    if source is None:
        raise SweepError(f"{run.path} has no record of its source; relaunch it with the code that is there now.")
    archive = find_kept(run, SOURCES, f"{source.digest}{_SUFFIX}")
    if archive is None:
        raise SweepError(
            f"the source of {run.path} is gone: there is no {source.digest}{_SUFFIX} in .sweep/{SOURCES} of its data "
            "directory. Put it back, or relaunch with the code that is there now."
        )
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise SweepError(f"{into} is not empty; name a new folder for the source of {run.path}.")
    try:
        _unpack_all(archive, source.digest, into, limits)
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        raise SweepError(f"{archive} cannot be unpacked: {error}. The source of this run is not to be had.") from error
    return source


def _unpack_all(archive: Path, digest: str, into: Path, limits: Limits) -> None:
    files = list(_members(archive, limits))
    if digest_of(files) != digest:
        raise ValueError("it does not hold what its name says")
    made = not into.exists()
    into.mkdir(parents=True, exist_ok=True)
    try:
        for one in files:
            _write_new(into / one.name, one)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        if not made:
            into.mkdir(exist_ok=True)
        raise


def _members(archive: Path, limits: Limits) -> Iterator[Packed]:
    """Yield the files of an archive, which may be made to harm: its whole size is bounded before it is looked at."""
    most = limits.total + limits.files * _AROUND
    with gzip.open(archive) as packed:
        content = packed.read(most + 1)  # to its end, where its checksum is
    if len(content) > most:
        raise ValueError(f"it holds more than {most:,} bytes")
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        for member in tar:
            if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
                raise ValueError(f"{member.name!r} is no plain file")
            if not _is_below(member.name):
                raise ValueError(f"{member.name!r} leads out of the folder")
            file = tar.extractfile(member)
            assert file is not None
            yield Packed(member.name, bool(member.mode & stat.S_IXUSR), file.read())


def _is_below(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\0" not in name


def _write_new(path: Path, one: Packed) -> None:
    """Write a file that is not there: no entry writes over another, or through a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o755 if one.executable else 0o644), "wb") as file:
        file.write(one.data)
