"""Rounds that alternate between the contenders, so that a machine that slows down for a while slows all of them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contender import Contender, Measured, NotMeasured, run

START_LIMIT_S = 90.0
SLOWEST_RUN_S = 10.0
SLOWEST_OF_MANY_S = 1.0


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: in each, every contender has its turn.
        budget_s: seconds for the runs of one contender in one round; decides how many runs.
        least, most: runs, whatever the budget says.
    """

    rounds: int
    budget_s: float
    least: int
    most: int


@dataclass
class Row:
    """A contender, what was measured of it in each round, and why not if that is so."""

    contender: Contender
    count: int = 0
    rounds: list[Measured] = field(default_factory=list)
    reason: str = ""


def measure(contenders: Sequence[Contender], effort: Effort) -> list[Row]:
    """Measure contenders in alternating rounds, after one that is not counted and says how many runs can be afforded.

    A contender that fails once is not measured, and its row says why.
    """
    rows = [Row(contender) for contender in contenders]
    for row in rows:
        with _telling(row, "warming up"):
            row.count = row.contender.count or _affordable(row.contender, effort)
    for number in range(effort.rounds):
        for row in [row for row in rows if not row.reason]:
            with _telling(row, f"round {number + 1} of {effort.rounds}"):
                row.rounds.append(run(row.contender, row.count, _limit_s(row, effort)))
    _say("")
    return rows


@contextlib.contextmanager
def _telling(row: Row, what: str) -> Iterator[None]:
    """Keep why a contender could not be measured, and go on with the next."""
    _say(f"{what}: {row.contender.label}")
    try:
        yield
    except NotMeasured as error:
        row.reason = str(error)


def _affordable(contender: Contender, effort: Effort) -> int:
    per_run_s = run(contender, effort.least, START_LIMIT_S + SLOWEST_RUN_S * effort.least).per_run_s
    return min(effort.most, max(effort.least, int(effort.budget_s / per_run_s)))


def _limit_s(row: Row, effort: Effort) -> float:
    if row.contender.count:
        return START_LIMIT_S + SLOWEST_OF_MANY_S * row.count
    return START_LIMIT_S + max(SLOWEST_RUN_S * effort.least, 10 * effort.budget_s)


def _say(line: str) -> None:
    """Tell a person who watches what goes on, on one line that is written over."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
