"""The two tables of the CSV export as Parquet files, with types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sweep.results.export.columns import Plain, curve_blocks, curve_names, headings, run_columns
from sweep.results.export.material import Material
from sweep.results.export.needed import needed
from sweep.results.export.place import Destination

# Rows that are held before they are written together: a group of rows of Parquet.
_GROUP = 200_000


def write_parquet(material: Material, place: Destination) -> None:
    """Write runs.parquet and curves.parquet.

    Raises:
        UsageError: pyarrow is not installed.
    """
    pa, parquet = needed("pyarrow", "parquet"), needed("pyarrow.parquet", "parquet")
    told = {name: _column(pa, values) for name, values in run_columns(material).items()}
    parquet.write_table(pa.table(told), place.file("runs.parquet"))
    names = headings(curve_names(material))
    schema = pa.schema([("run", pa.string()), ("run/seed", pa.int64()), *((name, pa.float64()) for name in names)])
    with parquet.ParquetWriter(place.file("curves.parquet"), schema) as writer:
        for group in _groups(pa, schema, material):
            writer.write_table(group)


def _groups(pa: Any, schema: Any, material: Material) -> Iterator[Any]:
    held: list[Any] = []
    for run, columns in curve_blocks(material):
        rows = len(next(iter(columns.values())))
        told = [[material.names[run]] * rows, [None if _is_huge(run.seed) else run.seed] * rows, *columns.values()]
        held.append(
            pa.table([pa.array(one, kind) for one, kind in zip(told, schema.types, strict=True)], schema=schema)
        )
        if sum(len(one) for one in held) >= _GROUP:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _column(pa: Any, values: Sequence[Plain]) -> Any:
    """Return a column of one type: whole numbers, numbers or truth values if all are, else text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float} and not any(_is_huge(value) for value in values):
        is_whole = kinds == {int}
        return pa.array(
            values if is_whole else [_as_float(value) for value in values], "int64" if is_whole else "double"
        )
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    return pa.array([None if value is None else _encodable(str(value)) for value in values], pa.string())


def _is_huge(value: Plain) -> bool:
    return isinstance(value, int) and abs(value) >= 2**63


def _as_float(value: Any) -> float | None:
    return None if value is None else float(value)


def _encodable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
