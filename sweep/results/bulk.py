"""Reading many tables at once, through the parser of `pyarrow`, which is several times as fast as Python's own.

It is given what looks regular alone, and takes only what is: as many cells in every row as there are names, and a
number, or nothing, in each that is wanted. Everything else is for `read_table`, which looks at each line.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from sweep.results.cells import names_in
from sweep.results.files import TABLE_LIMIT, read_bytes
from sweep.results.foreign import TABLE
from sweep.results.numbers import Column
from sweep.results.run import Run
from sweep.results.table_file import Table, read_table

# Beyond this the interpreter, which runs one thread at a time, is what they wait for.
_MOST_THREADS = 4
# How numbers that are none are written; the parser knows more ways.
_NO_NUMBER = ("", "nan", "NaN", "-nan")
# What has a meaning in a file of some other kind, or for the parser alone.
_STRANGE = (b"\0", b"\r", b"\n\n")
_STRANGE_BEGINNINGS = (b"#", b"\xef")


def read_tables(runs: Sequence[Run], columns: Collection[str] | None = None) -> list[Table]:
    """Return what `read_table` returns for each run: the same numbers, and in less time where `pyarrow` is there."""
    read = partial(_read, _parser(), columns=columns)
    threads = min(len(runs), len(os.sched_getaffinity(0)), _MOST_THREADS)
    if threads < 2:
        return [read(run) for run in runs]
    with ThreadPoolExecutor(threads) as pool:  # the parser lets go of the interpreter while it works
        return list(pool.map(read, runs))


def _parser() -> Any:
    """Return `pyarrow.csv`, None if it is not installed."""
    try:
        import pyarrow.csv
    except ImportError:
        return None
    return pyarrow.csv


def _read(parser: Any, run: Run, columns: Collection[str] | None) -> Table:
    text = _regular_text(run) if parser is not None else b""
    names = names_in(text[: text.find(b"\n") + 1], is_csv=False)
    places = [place for place, name in enumerate(names) if columns is None or name in columns]
    values = _parsed(parser, text, len(names), places) if places else None
    if values is None:
        return read_table(run, columns)
    return Table({names[place]: column for place, column in zip(places, values, strict=True)})


def _regular_text(run: Run) -> bytes:
    """Return the text of a run's table, nothing if it is not for the fast parser."""
    data = read_bytes(run.table, TABLE_LIMIT) if run.table is not None and run.table.name == TABLE else None
    if data is None or not data.endswith(b"\n") or data.startswith(_STRANGE_BEGINNINGS):
        return b""
    header = b"\n" + data[: data.find(b"\n") + 1]  # it may come again
    return b"" if any(one in data for one in (*_STRANGE, header)) else data


def _parsed(parser: Any, text: bytes, width: int, places: Sequence[int]) -> list[Column] | None:
    """Return the columns at some places; None if not every row is whole and every cell of theirs a number."""
    names = list(map(str, range(width)))
    wanted = [names[place] for place in places]
    try:
        table = parser.read_csv(
            _source(text),
            parser.ReadOptions(use_threads=False, block_size=len(text), skip_rows=1, column_names=names),
            parser.ParseOptions(delimiter="\t", quote_char=False, double_quote=False),
            parser.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, "float64"),
                null_values=_NO_NUMBER,
                strings_can_be_null=False,
            ),
        )
    except ValueError:  # what `pyarrow` raises for such a file
        return None
    found = [(table.column(name), table.column(name).to_numpy()) for name in wanted]
    is_plain = all(np.count_nonzero(np.isnan(column)) == told.null_count for told, column in found)
    return [column for _, column in found] if is_plain else None


def _source(text: bytes) -> Any:
    import pyarrow

    return pyarrow.BufferReader(text)
