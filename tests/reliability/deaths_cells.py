"""The cells of the matrix: every way to die, in the first and the last rank, in every phase; and how each must end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

PHASES = ("import", "before", "in", "save", "after")
RANKS = (0, -1)


@dataclass(frozen=True)
class End:
    """How a run must end.

    Attributes:
        kind: the class of the cause.
        words: the cause has all of them; `{rank}` stands for the number of the rank that died.
    """

    kind: str
    words: tuple[str, ...]


# How a run ends in which one rank does this before every rank has returned.
ENDS = {
    "ValueError": End("error", ("rank {rank}: ValueError: on purpose",)),
    "MemoryError": End("out of memory", ("rank {rank}: MemoryError: on purpose",)),
    "KeyboardInterrupt": End("error", ("rank {rank}: KeyboardInterrupt",)),
    "exit 0": End("error", ("rank {rank}: SystemExit: 0",)),
    "exit 3": End("error", ("rank {rank}: SystemExit: 3",)),
    "return": End("error", ("rank {rank} returned, but other ranks were still running 2 s later",)),
    "_exit 0": End("error", ("rank {rank} ended with exit code 0",)),
    "_exit 3": End("error", ("rank {rank} ended with exit code 3",)),
    "SEGV": End("killed", ("rank {rank} was killed by SIGSEGV",)),
    "KILL": End("killed", ("rank {rank} was killed by SIGKILL",)),
    "TERM": End("killed", ("rank {rank} was killed by SIGTERM",)),
    "Abort": End("error", ("rank {rank}", " 3")),
    "STOP": End("timeout", ("stalled", "rank {rank} is stopped (SIGSTOP)")),
    "C exit": End("error", ("rank {rank} ended with exit code 0",)),
}


@dataclass(frozen=True)
class Cell:
    """One run in which one rank dies.

    Attributes:
        rank: -1 for the last one.
    """

    way: str
    rank: int
    phase: str

    def __str__(self) -> str:
        return f"{self.way}, {'last' if self.rank else 'first'} rank, {self.phase}"

    def wrong(self, ranks: int, state: str, kind: str, cause: str) -> str:
        """Return what is wrong with the end of this cell's run, of so many ranks; empty if nothing is."""
        end = ENDS[self.way]
        if self.phase == "after":
            return "" if (state, kind, cause) == ("done", "", "") else "it was done before the rank died"
        words = [word.format(rank=self.rank % ranks) for word in end.words]
        missing = [word for word in words if word not in cause]
        if state != "failed":
            return f"it is {state}, not failed"
        if missing:
            return f"the cause lacks {missing}"
        return "" if kind == end.kind else f"its class is {kind}, not {end.kind}"


def cells(every: int = 1) -> Iterator[Cell]:
    """Yield the cells, or a part of them that has every way, rank and phase."""
    for (phase, rank, way), number in zip(product(PHASES, RANKS, ENDS), _diagonals(), strict=False):
        if number % every == 0:
            yield Cell(way, rank, phase)


def _diagonals() -> Iterator[int]:
    for phase, rank, way in product(range(len(PHASES)), range(len(RANKS)), range(len(ENDS))):
        yield way + 2 * rank + phase
