"""Shorthands: what stands for a key in a name, and what to do when two keys would get the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from sweep.grid.nesting import SEPARATOR
from sweep.grid.values import clean

_LENGTH = 3
_DROPPED = re.compile(r"[^A-Za-z0-9]")


def shorthand(key: str, length: int = _LENGTH) -> str:
    """Return the automatic shorthand: of each part the first characters, then only letters and digits of those.

    The cut comes before the drop, so ``q_lr`` gives ``ql`` and ``ac_kwargs:hidden_sizes`` gives ``ac-hid``.
    """
    return "-".join(_DROPPED.sub("", part[:length]) for part in key.split(SEPARATOR))


def resolve(given: Mapping[str, str | None], automatic: bool) -> dict[str, str]:
    """Return the shorthand of every key that stands in names.

    Args:
        given: key to the user's shorthand, or None.
        automatic: whether a key without one gets an automatic shorthand; otherwise it stands in full.

    Automatic shorthands that clash are lengthened until they differ, only then and only those.
    """
    chosen = {key: key if sh is None else sh for key, sh in given.items()}
    lengths = {key: _LENGTH for key, sh in given.items() if sh is None} if automatic else {}
    while True:
        chosen.update({key: shorthand(key, length) for key, length in lengths.items()})
        growing = [key for key in _clashing(chosen) if key in lengths and lengths[key] < _longest_part(key)]
        if not growing:
            return chosen
        for key in growing:
            lengths[key] += 1


def _clashing(chosen: Mapping[str, str]) -> list[str]:
    holders = defaultdict(list)
    for key, sh in chosen.items():
        holders[clean(sh)].append(key)
    return [key for keys in holders.values() if len(keys) > 1 for key in keys]


def _longest_part(key: str) -> int:
    return max(len(part) for part in key.split(SEPARATOR))
