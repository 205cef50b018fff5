"""The tables as text: ratios first, to the floor of the same round; milliseconds beside them as context."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence

from contender import Measured
from rounds import Row

WIDTH = 56


def ratios(row: Row, floor: Row, figure: Callable[[Measured], float]) -> list[float]:
    """Return a row's figure over the floor's, round by round; nothing where the floor has none."""
    return [figure(own) / figure(base) for own, base in zip(row.rounds, floor.rounds, strict=False)]


def table(title: str, rows: Sequence[Row], against: str = "floor") -> Iterator[str]:
    """Yield the lines of a table of costs per run; the first row is what the others are measured against."""
    yield f"\n{title} ({rounds_of(rows)})"
    yield (
        f"  {'':{WIDTH}} {'x ' + against:>9} {'(min..max)':>16} {'ms a run':>9} {'runs':>6} {'apart s':>8}"
        f" {'own process':>12} {'record':>7}"
    )
    for row in rows:
        yield f"  {row.contender.label:{WIDTH}} " + (_lost(row.reason) if row.reason else _costs(row, rows[0]))
    yield from notes(rows)


def rounds_of(rows: Sequence[Row]) -> str:
    most = max(len(row.rounds) for row in rows)
    return "1 round" if most == 1 else f"{most} rounds"


def notes(rows: Sequence[Row]) -> Iterator[str]:
    """Yield how contenders that tell it made their processes, each way once."""
    told: dict[str, list[str]] = {}
    for row in [row for row in rows if not row.reason]:
        for note in sorted({one.note for one in row.rounds if one.note}):
            told.setdefault(note, []).append(row.contender.label)
    for note, labels in told.items():
        yield f"  processes made by {note}: {' | '.join(labels)}"


def _lost(reason: str) -> str:
    return f"!! NOT MEASURED: {reason}"


def _costs(row: Row, floor: Row) -> str:
    each, contender = row.rounds, row.contender
    middle = statistics.median(one.per_run_s for one in each) * 1e3
    apart = round(statistics.median(one.apart_s for one in each), 1) + 0.0  # never -0.0
    return (
        f"{_ratio(ratios(row, floor, lambda one: one.per_run_s))} {middle:9.1f} {row.count:6,} {apart:8.1f}"
        f" {contender.own_process:>12} {contender.record:>7}"
    )


def _ratio(found: Sequence[float]) -> str:
    if not found:
        return f"{'no floor':>9} {'':16}"
    digits = 3 if max(found) < 0.1 else 2 if max(found) < 20 else 0
    spread = f"({min(found):.{digits}f}..{max(found):.{digits}f})"
    return f"{statistics.median(found):9.{digits}f} {spread:>16}"


def busy_table(title: str, rows: Sequence[Row], cores: int, run_s: float) -> Iterator[str]:
    """Yield the table of cores busy.

    Args:
        run_s: processor seconds that every run burns.
    """

    def of_the_runs(one: Measured) -> float:
        return one.count * run_s / (one.runs_s * cores)

    yield f"\n{title} ({rounds_of(rows)})"
    yield (
        f"  {'':{WIDTH}} {'x floor':>9} {'(min..max)':>16} {'of the runs':>12} {'of the whole':>13}"
        f" {'all CPU time':>13} {'runs':>6}"
    )
    for row in rows:
        yield f"  {row.contender.label:{WIDTH}} " + (
            _lost(row.reason)
            if row.reason
            else f"{_ratio(ratios(row, rows[0], of_the_runs))} {_percent(row, of_the_runs):>12}"
            f" {_percent(row, lambda one: one.count * run_s / (one.whole_s * cores)):>13}"
            f" {_percent(row, lambda one: one.cpu_s / (one.whole_s * cores)):>13} {row.count:6,}"
        )
    yield from notes(rows)


def _percent(row: Row, share: Callable[[Measured], float]) -> str:
    return f"{statistics.median(share(one) for one in row.rounds):.0%}"
