"""Many numbers in few words: 0, 1, 2 and 5 are ``0-2,5``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def slices(numbers: Iterable[int]) -> str:
    """Return whole numbers as ranges, in order, each once."""
    return ",".join(_range(first, last) for first, last in _ranges(sorted(set(numbers))))


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield numbers[start], numbers[place - 1]
            start = place


def _range(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
