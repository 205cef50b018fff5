"""Ids of jobs, written short: an array's elements as one word with ranges, so that a call can name thousands."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from sweep.base.errors import LaunchError
from sweep.base.text import shown

_ID = re.compile(r"(\d+)(?:_(\d+))?", re.ASCII)
# Ranges in one word; Slurm's own programs read much longer ones.
_RANGES = 100


def compressed(ids: Iterable[str]) -> list[str]:
    """Return '12_[0-3,7]' for '12_0', '12_1', '12_2', '12_3', '12_7'; a lone job as it is.

    Raises:
        LaunchError: one is no id of a job; nothing else may come onto a command line.
    """
    arrays: dict[str, set[int]] = {}
    words: list[str] = []
    for one in dict.fromkeys(ids):
        job, index = checked(one)
        if index is None:
            words.append(one)
        else:
            arrays.setdefault(job, set()).add(index)
    return words + [word for job, indices in arrays.items() for word in _words(job, sorted(indices))]


def checked(one: str) -> tuple[str, int | None]:
    """Return the array's or job's own id, and the element's number.

    Raises:
        LaunchError: it is no id of a job.
    """
    found = _ID.fullmatch(one)
    if found is None:
        raise LaunchError(f"{shown(one)} is no id of a Slurm job; those are like 12, or 12_3 in an array.")
    return found[1], int(found[2]) if found[2] else None


def jobs_of(ids: Iterable[str]) -> list[str]:
    """Return the arrays and lone jobs that ids belong to, each once."""
    return list(dict.fromkeys(checked(one)[0] for one in ids))


def _words(job: str, indices: list[int]) -> Iterator[str]:
    ranges = list(_ranges(indices))
    for start in range(0, len(ranges), _RANGES):
        yield f"{job}_[{','.join(ranges[start : start + _RANGES])}]"


def _ranges(indices: list[int]) -> Iterator[str]:
    """Yield '0-3' and '7' for sorted numbers: those in a row keep their distance to their place."""
    for _, row in itertools.groupby(enumerate(indices), key=lambda one: one[1] - one[0]):
        numbers = [number for _, number in row]
        yield str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"


def batched(words: list[str], size: int) -> Iterator[list[str]]:
    """Yield the words in groups of at most so many."""
    for start in range(0, len(words), size):
        yield words[start : start + size]
