"""Curves of several seeds as the few points that a line of text has room for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sweep.results.table_file import Column, Table


def mean_curve(tables: Sequence[Table], metric: str, x: str, points: int) -> list[float]:
    """Return the mean over seeds of a metric in equal parts of x; nan where no seed has a row.

    A seed counts by the mean of its rows in a part, and only where it has some.

    Args:
        x: the column that counts how far a run is; '' for the number of the row.
        points: how many parts; of fewer rows than these there are as many as rows.
    """
    curves = [curve for table in tables if len((curve := _curve(table, metric, x))[0])]
    if not curves:
        return []
    low, high = (pick(pick(curve[0]) for curve in curves) for pick in (min, max))
    count = min(points, max(len(curve[0]) for curve in curves))
    if high <= low:
        return [float(np.mean([np.mean(y) for _, y in curves]))]
    parts = np.array([_parts(at, y, float(low), float(high), count) for at, y in curves])
    known = np.isfinite(parts)
    sums, counts = np.where(known, parts, 0.0).sum(axis=0), known.sum(axis=0)
    return [float(total / n) if n else math.nan for total, n in zip(sums, counts, strict=True)]


def _curve(table: Table, metric: str, x: str) -> tuple[Column, Column]:
    y = table.columns.get(metric, np.full(table.rows, math.nan))
    at = table.columns.get(x, np.arange(len(y), dtype=np.float64))
    known = np.isfinite(y) & np.isfinite(at)
    return at[known], y[known]


def _parts(at: Column, y: Column, low: float, high: float, count: int) -> Column:
    part = np.minimum((at - low) / (high - low) * count, count - 1).astype(int)
    rows = np.bincount(part, minlength=count)
    sums = np.bincount(part, weights=y, minlength=count)
    means: Column = np.divide(sums, rows, out=np.full(count, math.nan), where=rows > 0)
    return means
