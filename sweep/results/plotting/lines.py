"""Which runs make which line: a setting is a line, its seeds are what it is averaged over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.base.errors import UsageError
from sweep.results.parameters import varying
from sweep.results.plotting.request import PlotRequest
from sweep.results.run import Run
from sweep.results.statistics.align import Aligned, align
from sweep.results.statistics.smooth import smooth_causal
from sweep.results.table_file import Table

# Ends that differ by less than this share are the same to the eye.
_NEAR = 0.02
Curve = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Line:
    """One line of a figure.

    Attributes:
        label: what it is called.
        params: the parameters that vary, of its first run.
        runs: those that have the metric, in the order of `curves`.
        curves: x and y of each run, smoothed if that was asked for; x ascends.
        expected: how many runs it has, with those that have nothing to draw.
    """

    label: str
    params: Mapping[str, object]
    runs: tuple[Run, ...]
    curves: tuple[Curve, ...]
    expected: int

    @property
    def is_cut(self) -> bool:
        """Whether its runs have different x, and some go on well beyond the place where it ends."""
        whole, furthest = align(self.curves), max(float(x[-1]) for x, _ in self.curves)
        end = float(whole.x[-1]) if len(whole.x) else -np.inf
        return whole.was_interpolated and end < furthest - _NEAR * abs(furthest)

    def aligned(self) -> Aligned:
        """Return the runs over one x, without the places where none of them has a number."""
        whole = align(self.curves)
        there = whole.n > 0
        return Aligned(whole.x[there], whole.y[:, there], whole.was_interpolated)


def make_lines(runs: Sequence[Run], tables: Callable[[Run], Table], x: str, y: str, request: PlotRequest) -> list[Line]:
    """Return the lines of one figure, in the order of their runs.

    Args:
        x: a column, or empty for the number of the row.

    Raises:
        UsageError: the legend has another number of names than there are lines.
    """
    keys = varying(runs)
    groups = _named(_grouped(runs, request.count), request.legend)
    found = (_line(label, group, tables, x, y, keys, request.smooth) for label, group in groups)
    return [line for line in found if line.curves]


def _grouped(runs: Sequence[Run], each: bool) -> list[tuple[str, list[Run]]]:
    if each:
        return [(run.name, [run]) for run in runs]
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.setting, []).append(run)
    return [(group[0].label, group) for group in groups.values()]


def _named(groups: list[tuple[str, list[Run]]], legend: Sequence[str]) -> list[tuple[str, list[Run]]]:
    if not legend:
        return groups
    if len(legend) != len(groups):
        there = ", ".join(label for label, _ in groups)
        raise UsageError(f"the legend has {len(legend)} names for {len(groups)} lines: {there}.")
    named: dict[str, list[Run]] = {}
    for name, (_, group) in zip(legend, groups, strict=True):
        named.setdefault(name, []).extend(group)
    return list(named.items())


def _line(
    label: str,
    group: Sequence[Run],
    tables: Callable[[Run], Table],
    x: str,
    y: str,
    keys: Sequence[str],
    window: int,
) -> Line:
    params = {key: group[0].config[key] for key in keys if key in group[0].config}
    with_curves = [(run, curve) for run in group for curve in _curves(tables(run), x, y, window)]
    runs, curves = tuple(run for run, _ in with_curves), tuple(curve for _, curve in with_curves)
    return Line(label, params, runs, curves, len(group))


def _curves(table: Table, x: str, y: str, window: int) -> Iterator[Curve]:
    """Yield the curve of a table, if it has one: its rows by x."""
    if y not in table.columns or (x and x not in table.columns):
        return
    heights = table.columns[y]
    places = table.columns[x] if x else np.arange(len(heights), dtype=float)
    good = np.isfinite(places)  # a hole in the heights stays one
    if np.isfinite(heights[good]).any():
        order = np.argsort(places[good], kind="stable")
        yield places[good][order], smooth_causal(heights[good][order], window)
