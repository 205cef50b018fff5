"""Proof that a product's names are all different, from the parts alone: nothing is expanded.

A name is a concatenation of one part from each list. Two different choices give one name exactly if the lists are not
uniquely decodable position by position, which is what Sardinas and Patterson decide for a code (1953): follow what one
reading has in excess of another (the dangling suffix) until it is empty, or until every way is exhausted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence

# Two readings of the same text: how many lists each has used, the choices they made, and what the first has in excess.
_State = tuple[tuple[int, ...], tuple[int, ...], str]


def find_clash(lists: Sequence[Sequence[str]]) -> tuple[list[int], list[int]] | None:
    """Return two different choices (an index into each list) whose concatenations are equal, or None.

    Args:
        lists: the parts at each position of a name.
    """
    tables = [_Table(parts) for parts in lists]
    for position, table in enumerate(tables):
        clash = _from_divergence(tables, position, table)
        if clash:
            return clash
    return None


class _Table:
    """The parts of one position, findable by prefix."""

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = parts
        self.first: dict[str, int] = {}
        self.repeated: tuple[int, int] | None = None
        for index, part in enumerate(parts):
            if part in self.first and self.repeated is None:
                self.repeated = (self.first[part], index)
            self.first.setdefault(part, index)
        self.ordered = sorted(self.first)

    def prefixes_of(self, text: str) -> Iterator[str]:
        """Yield the parts that are proper prefixes of a text."""
        return (text[:end] for end in range(len(text)) if text[:end] in self.first)

    def starting_with(self, text: str) -> Iterator[str]:
        for place in range(bisect_left(self.ordered, text), len(self.ordered)):
            if not self.ordered[place].startswith(text):
                return
            yield self.ordered[place]


def _from_divergence(tables: Sequence[_Table], position: int, table: _Table) -> tuple[list[int], list[int]] | None:
    """Search for a clash between readings that first differ at one position."""
    before = (0,) * position
    if table.repeated:
        return _completed(tables, ((*before, table.repeated[0]), (*before, table.repeated[1]), ""))
    if position == len(tables) - 1:
        return None  # no list is left in which the shorter reading could catch up
    queue = deque(_divergences(table, before))
    seen = {(position + 1, position + 1, excess) for _, _, excess in queue}
    while queue:
        state = queue.popleft()
        if state[2] == "" and len(state[0]) == len(state[1]):
            return _completed(tables, state)
        for after in _steps(tables, state):
            mark = (len(after[0]), len(after[1]), after[2])
            if mark not in seen:
                seen.add(mark)
                queue.append(after)
    return None


def _divergences(table: _Table, before: tuple[int, ...]) -> Iterator[_State]:
    """Yield two choices of which one begins with the other, once for each excess."""
    seen: set[str] = set()
    for long in table.ordered:
        for short in table.prefixes_of(long):
            excess = long[len(short) :]
            if excess not in seen:
                seen.add(excess)
                yield (*before, table.first[long]), (*before, table.first[short]), excess


def _steps(tables: Sequence[_Table], state: _State) -> Iterator[_State]:
    """Let the reading that is behind take one more part, in every way that fits."""
    ahead, behind, excess = state
    if excess == "" and len(behind) > len(ahead):
        ahead, behind = behind, ahead
    if len(behind) == len(tables):
        return
    table = tables[len(behind)]
    for part in table.prefixes_of(excess):
        yield ahead, (*behind, table.first[part]), excess[len(part) :]
    for part in table.starting_with(excess):
        yield (*behind, table.first[part]), ahead, part[len(excess) :]


def _completed(tables: Sequence[_Table], state: _State) -> tuple[list[int], list[int]]:
    """Give both readings the same rest."""
    rest = [0] * (len(tables) - len(state[0]))
    return [*state[0], *rest], [*state[1], *rest]
