"""The two tables that csv and parquet are made of: a row a run, and a row for each row that a run has written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sweep.base.text import printable
from sweep.results.export.material import Material
from sweep.results.numbers import Column
from sweep.results.run import Run
from sweep.results.text.numbers import value_text

Plain = str | float | bool | None
_WIDEST = 10_000  # letters of a value; more than a line of it nobody reads


def run_columns(material: Material) -> dict[str, list[Plain]]:
    """Return a row a run, column by column: its name, what varies, seed, state and score; then the rest.

    A parameter that a run does not have is None, and so is a score that there is none of.
    """
    runs = material.runs
    told: dict[str, list[Plain]] = {"run": [material.names[run] for run in runs]}
    told |= {f"config/{key}": [_parameter(run, key) for run in runs] for key in material.keys}
    told |= {"run/setting": [material.groups[run.setting] for run in runs]}
    told |= {"run/seed": [run.seed for run in runs], "run/state": [str(run.state) for run in runs]}
    told["score"] = [_known(material.scores.get(run, math.nan)) for run in runs]
    told["run/duration_s"] = [None if run.status is None else run.status.duration_s for run in runs]
    told["run/cause"] = [printable(run.status.cause) if run.status else "" for run in runs]
    told |= {
        f"run/{name}": [printable(str(getattr(run, name))) for run in runs] for name in ("source", "thunk", "path")
    }
    return told | {f"config/{key}": [_parameter(run, key) for run in runs] for key in material.fixed}


def _parameter(run: Run, key: str) -> Plain:
    return plain(run.config[key]) if key in run.config else None


def plain(value: object) -> Plain:
    """Return a value that any table holds: numbers and truth values as they are, of all else the text."""
    if isinstance(value, bool | int | float):
        return value
    return "None" if value is None else printable(value_text(value, _WIDEST))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def curve_names(material: Material) -> list[str]:
    """Return the metrics as `curve_blocks` has them, x first; '' is the number of the row."""
    return [material.x, *(name for name in material.columns if name != material.x)]


def headings(names: Sequence[str]) -> list[str]:
    """Return the headings of metrics."""
    return [f"metric/{printable(name)}" if name else "row" for name in names]


def curve_blocks(material: Material) -> Iterator[tuple[Run, Mapping[str, Column]]]:
    """Yield each run that has rows, and its metrics; nan where it has no number."""
    names = curve_names(material)
    for run in material.runs:
        table = material.table(run)
        if table.rows:
            missing = np.full(table.rows, math.nan)
            count = np.arange(table.rows, dtype=np.float64)
            yield run, {name: table.columns.get(name, missing) if name else count for name in names}
