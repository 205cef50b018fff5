"""The files of a snapshot: a folder ``step_000000012`` with a manifest that says what else is in it, and how it was.

A folder of that name was moved there whole, so it is complete unless somebody damaged it; the manifest has the size and
the CRC-32 of every other file, which shows that too.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from sweep.base.files import read_json

MANIFEST = "manifest.json"
# The folder of what was saved when the function raised; no step, and no run goes on from it.
EXCEPTION = "exception"
FORMAT = 1
_STEP = re.compile(r"step_(\d{9,})")
_CHUNK = 2**20


def snapshot_name(step: int) -> str:
    """Return the name of a step's folder: digits enough that names sort as steps do."""
    return f"step_{step:09}"


def snapshots_in(folder: Path) -> dict[int, Path]:
    """Return the snapshots in a folder by step, smallest first; nothing is read but names. Other names are ignored."""
    if not folder.is_dir():
        return {}
    named = [(_STEP.fullmatch(path.name), path) for path in folder.iterdir()]
    found = {int(match[1]): path for match, path in named if match is not None}
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class StoredFile:
    """What a file was when it was written: its bytes, and their CRC-32."""

    size: int
    crc32: int


@dataclass(frozen=True)
class StoredItem:
    """Where the state of one item is.

    Attributes:
        kind: how it is put back.
        form: of the file: npz, pt, json or pkl.
    """

    kind: str
    form: str
    file: str


@dataclass(frozen=True)
class Manifest:
    """What a snapshot's manifest says.

    Attributes:
        step: how many steps or epochs were done before it, less one: the number of the last one.
        total: how many there were to be.
        made: seconds since the epoch.
        items: what all ranks share, by name.
        own: what belongs to each rank alone, by name; a list with one mapping a rank.
        metric, better, score: by which the best is chosen, whether the largest or the smallest is (max, min), and what
            it was; None where nobody asked.
        why: it was made: the rhythm, the metric, a signal, by hand, an exception.
        complete: False if it holds only some items, and no run goes on from it.
        versions: of Python and the libraries in use.
    """

    step: int
    total: int = 0
    made: float = 0.0
    items: Mapping[str, StoredItem] = field(default_factory=dict)
    own: tuple[Mapping[str, StoredItem], ...] = ()
    metric: str = ""
    better: str = "max"
    score: float | None = None
    why: str = ""
    complete: bool = True
    versions: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, StoredFile] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the manifest that JSON says.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it says none.
        """
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
        known = {key: data[key] for key in cls.__dataclass_fields__}
        known["items"] = _items(data["items"])
        known["own"] = tuple(_items(one) for one in data["own"])
        known["files"] = {name: StoredFile(**one) for name, one in data["files"].items()}
        return cls(**known)


def _items(data: Mapping[str, Any]) -> dict[str, StoredItem]:
    return {name: StoredItem(**one) for name, one in data.items()}


def read_manifest(folder: Path) -> Manifest | None:
    """Return what a snapshot's manifest says; None if there is none, or none that can be read."""
    try:
        return Manifest.of_json(read_json(folder / MANIFEST))
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return None


def damage(folder: Path) -> str:
    """Return what is wrong with a snapshot, '' if it is as it was written. Every byte is read."""
    manifest = read_manifest(folder)
    if manifest is None:
        return f"its {MANIFEST} cannot be read"
    return next(filter(None, (_damage_of(folder / name, one) for name, one in manifest.files.items())), "")


def _damage_of(file: Path, stored: StoredFile) -> str:
    try:
        found = stored_file(file)
    except OSError as error:
        return f"{file.name}: {error.strerror}"
    if found.size != stored.size:
        return f"{file.name} has {found.size} bytes instead of {stored.size}"
    return "" if found == stored else f"{file.name} is not what was written"


def stored_file(file: Path) -> StoredFile:
    """Return size and checksum of a file as it is."""
    size = crc = 0
    with file.open("rb", buffering=0) as data:
        while chunk := data.read(_CHUNK):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return StoredFile(size, crc)
