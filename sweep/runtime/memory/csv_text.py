"""Memories as csv: a header of ``field.i``, one line for a step of one environment, steps in order of time.

The text is that of skrl's files. A float is written in all its digits, so it comes back bit for bit; shapes, dtypes and
fill level lie in a file beside it, the name with `.json` behind.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from sweep.base.errors import RingError
from sweep.base.files import write_text
from sweep.base.text import shown
from sweep.runtime.memory.content import Content, checked, from_json, to_json
from sweep.runtime.memory.fields import Array, Field, Fields, fitted

_BLOCK = 4096  # lines that are in memory as text at once
_UNREADABLE = (ValueError, KeyError, OverflowError, RingError)
_TRUTH = {"True": True, "False": False, "1": True, "0": False, "1.0": True, "0.0": False}
_READERS: dict[str, Callable[[str], Any]] = {"b": _TRUTH.__getitem__, "f": float, "i": int, "u": int}


def beside(path: Path) -> Path:
    """Return the file that describes a csv file."""
    return path.with_name(path.name + ".json")


def write(file: IO[bytes], content: Content) -> None:
    """Write the lines; `write_beside` writes the description."""
    flat = {
        name: array.reshape(len(array) * array.shape[1], math.prod(array.shape[2:]))
        for name, array in content.arrays.items()
    }
    header = [f"{name}.{i}" for name, array in flat.items() for i in range(array.shape[1])]
    file.write((",".join(header) + "\r\n").encode())
    for start in range(0, len(next(iter(flat.values()))), _BLOCK):
        columns = [column for array in flat.values() for column in array[start : start + _BLOCK].T]
        lines = zip(*(map(repr, column.tolist()) for column in columns), strict=True)
        file.write("".join(",".join(line) + "\r\n" for line in lines).encode())


def write_beside(path: Path, content: Content) -> None:
    if content.description is not None:
        write_text(beside(path), json.dumps(to_json(content.description), indent=1) + "\n")


def read(path: Path, fields: Fields | None, num_envs: int) -> Content:
    """Return what a file holds.

    Args:
        fields: of the memory that asks, for a file without a description; None if there is no memory yet.
        num_envs: of that memory.

    Raises:
        RingError: the file is damaged, its columns are of other fields, or nothing says what its fields are.
    """
    about = _description(path)
    if about is None and fields is None:
        raise RingError(
            f"{path} has no {beside(path).name} beside it, so nothing says what its fields are; make the "
            "memory with Ring(capacity, num_envs, fields=...) and let it load the file."
        )
    known = about.fields if about else fields or {}
    envs = about.num_envs if about else num_envs
    try:
        flat = _read_flat(path, known)
    except (UnicodeDecodeError, csv.Error) as error:
        raise RingError(f"{path} is damaged or no csv file ({error}); export it again.") from error
    lines = len(next(iter(flat.values())))
    if lines % envs:
        raise RingError(f"{path} has {lines} lines, which are no whole steps of {envs} environments; export it again.")
    arrays = {name: flat[name].reshape(-1, envs, *field.shape) for name, field in known.items()}
    return checked(arrays, about, str(path)) if about else Content(arrays, None)


def _description(path: Path) -> Any:
    file = beside(path)
    if not file.exists():
        return None
    try:
        return from_json(json.loads(file.read_bytes()), str(file))
    except (ValueError, RecursionError) as error:
        raise RingError(f"{file} is damaged ({error}); export the memory again.") from error


def _read_flat(path: Path, fields: Fields) -> dict[str, Array]:
    """Return each field's lines, of shape (lines, size)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(_whole_lines(file, path))
        header = next(rows, [])
        places = _places(path, header, fields)
        parts = [_block(path, line, block, len(header), fields, places) for line, block in _blocks(rows)]
    empty = {name: np.empty((0, field.size), field.dtype) for name, field in fields.items()}
    return {name: np.concatenate([part[name] for part in [empty, *parts]]) for name in fields}


def _whole_lines(file: Iterable[str], path: Path) -> Iterator[str]:
    for line in file:
        if not line.endswith("\n"):
            raise RingError(f"{path} is cut off in the middle of its last line; export it again.")
        yield line


def _blocks(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    line = 2
    while block := list(itertools.islice(rows, _BLOCK)):
        yield line, block
        line += len(block)


def _places(path: Path, header: Sequence[str], fields: Fields) -> dict[str, list[int]]:
    """Return the columns of every field."""
    wanted = {name: [f"{name}.{i}" for i in range(field.size)] for name, field in fields.items()}
    if sorted(header) != sorted(itertools.chain(*wanted.values())):
        said = shown(",".join(header), 100)
        raise RingError(f"{path} has the columns {said}; this memory holds {', '.join(map(str, fields.values()))}.")
    return {name: [header.index(column) for column in columns] for name, columns in wanted.items()}


def _block(
    path: Path, line: int, rows: list[list[str]], width: int, fields: Fields, places: dict[str, list[int]]
) -> dict[str, Array]:
    try:
        return _converted(rows, width, fields, places)
    except _UNREADABLE:
        for number, row in enumerate(rows, line):
            try:
                _converted([row], width, fields, places)
            except _UNREADABLE:
                said = shown(",".join(row), 80)
                raise RingError(f"{path}:{number}: {said} does not fit its columns; export it again.") from None
        raise


def _converted(rows: list[list[str]], width: int, fields: Fields, places: dict[str, list[int]]) -> dict[str, Array]:
    columns = list(zip(*rows, strict=True))
    if len(columns) != width:
        raise ValueError("a line of another length than the header")
    return {name: _column(fields[name], [columns[place] for place in found]) for name, found in places.items()}


def _column(field: Field, texts: list[tuple[str, ...]]) -> Array:
    kind = field.dtype.kind
    read_one, wide = _READERS[kind], field.dtype if kind != "f" else np.dtype(np.float64)
    return fitted(field, np.array([[*map(read_one, text)] for text in texts], wide).T)
