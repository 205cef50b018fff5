"""A part of a grid for one launch of many: every N-th variant, or a single one, whatever is done already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.text import plural, shown

_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
_INDEX = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class Part:
    """Which variants of a grid a launch is about.

    Attributes:
        label: what people call it: 'shard 3 of 10', 'index 7'.
        places: of its variants in the order in which the grid is written, from 0.
        total: the number of variants of the whole grid.
        lock: the end of the name of a lock that makes a launch the owner of the part; '' where the lock of its one run
            does.
    """

    label: str
    places: range
    total: int
    lock: str = ""

    @property
    def note(self) -> str:
        """The line of the report: ``shard 3 of 10: 12 of the 120 variants``."""
        return f"{self.label}: {len(self.places):,} of the {plural(self.total, 'variant')}"


def shard_given(given: Any) -> tuple[int, int] | None:
    """Return which shard is asked for, from 1, and of how many; None stays None.

    Raises:
        UsageError: no text such as '3/10', or there is no such shard.
    """
    if given is None:
        return None
    found = _SHARD.fullmatch(given) if isinstance(given, str) else None
    which, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= which <= count:
        raise UsageError(f"shard is {shown(given)}; it is which one of how many, from '1/10' to '10/10'.")
    return which, count


def index_given(given: Any) -> int | None:
    """Return the place of a variant, from 0; text as in an array job's variables counts too, and None stays None.

    Raises:
        UsageError: not a whole number from 0.
    """
    if given is None:
        return None
    number = int(given) if isinstance(given, str) and _INDEX.fullmatch(given) else given
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise UsageError(f"index is {shown(given)}; it is the place of a variant, a whole number from 0.")
    return number


def check_part(shard: Any, index: Any) -> None:
    """Refuse what names no part of any grid.

    Raises:
        UsageError
    """
    if shard_given(shard) is not None and index_given(index) is not None:
        raise UsageError(f"shard is {shown(shard)} and index is {shown(index)}; a launch takes one of the two.")
    index_given(index)


def part_of(shard: Any, index: Any, total: int) -> Part | None:
    """Return the part of a grid that is asked for; None for all of it.

    Args:
        total: the number of variants of the grid.

    Raises:
        UsageError: the grid has no such variant.
    """
    if (wanted := shard_given(shard)) is not None:
        which, count = wanted
        places = range(which - 1, total, count)
        return Part(f"shard {which} of {count}", places, total, f".shard-{which}-of-{count}")
    place = index_given(index)
    if place is None:
        return None
    if place >= total:
        raise UsageError(
            f"index is {place} and the grid has {plural(total, 'variant')}; it is from 0 to {total - 1}, "
            f"in Slurm --array=0-{total - 1}."
        )
    return Part(f"index {place}", range(place, place + 1), total)
