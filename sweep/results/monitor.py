"""The episodes that Stable-Baselines3's `Monitor` has written: one file for each environment of a vector of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sweep.results.cells import split_table
from sweep.results.files import TABLE_LIMIT, read_bytes
from sweep.results.foreign import first_line, monitors
from sweep.results.numbers import Column, numbers

# What the rows of all environments have in common: how many steps were taken, of all of them, after each episode.
STEPS = "TotalEnvInteracts"


def read_monitors(folder: Path) -> tuple[dict[str, Column], tuple[str, ...]]:
    """Return the columns of all episodes in the order of time, and notes.

    They are those of the files (r is the return, l the length, t seconds since the start) and `STEPS`.
    """
    parts, notes = [], []
    for name in monitors([file.name for file in folder.iterdir()] if folder.is_dir() else []):
        data = read_bytes(folder / name, TABLE_LIMIT)
        if data is None:
            notes.append(f"{name} cannot be read, or is no plain file")
            continue
        cells = split_table(data, is_csv=True)
        notes += [f"{name}: {note}" for note in cells.notes]
        columns = {column: numbers(texts)[0] for column, texts in cells.columns.items()}
        parts.append((_start_s(first_line(data)), columns))
    return _in_order(parts), tuple(notes)


def _in_order(parts: list[tuple[float, dict[str, Column]]]) -> dict[str, Column]:
    names = [name for name in (parts[0][1] if parts else ()) if all(name in columns for _, columns in parts)]
    joined = {name: np.concatenate([columns[name] for _, columns in parts]) for name in names}
    if len(parts) > 1 and "t" in joined:
        order = np.argsort(np.concatenate([start + columns["t"] for start, columns in parts]), kind="stable")
        joined = {name: column[order] for name, column in joined.items()}
    if "l" in joined and STEPS not in joined:
        joined[STEPS] = np.nancumsum(joined["l"])
    return joined


def _start_s(told: dict[str, Any]) -> float:
    start = told.get("t_start")
    return float(start) if isinstance(start, int | float) else 0.0
