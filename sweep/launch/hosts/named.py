"""How hosts are written, and what is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sweep.base.errors import UsageError
from sweep.base.text import shown

# A name that means nothing to a shell, a launcher or ssh but itself (RFC 1123, and the underscore that some have).
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_MOST_SLOTS = 9999


@dataclass(frozen=True)
class Host:
    """A machine that runs may go to.

    Attributes:
        name: as ssh knows it.
        slots: how many cores of it are for runs.
    """

    name: str
    slots: int

    def __str__(self) -> str:
        return f"{self.name}:{self.slots}"


def parse_hosts(given: str | Sequence[str]) -> tuple[Host, ...]:
    """Return the hosts that ``'h1:8,h2:8'`` or ``['h1:8', 'h2:8']`` names.

    Raises:
        UsageError: there is none, one is named twice, or one is not a name and a number of slots.
    """
    words = given.split(",") if isinstance(given, str) else given
    if isinstance(words, (bytes, dict)) or not isinstance(words, Iterable):
        raise UsageError(f"hosts is {shown(given)}; it is text such as 'h1:8,h2:8'.")
    hosts = tuple(map(_host, words))
    if not hosts:
        raise UsageError("hosts is empty; name one or more with their cores for runs, such as 'h1:8,h2:8'.")
    names = [host.name for host in hosts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"hosts names {twice} more than once; name it once with all its slots: {twice}:8.")
    return hosts


def _host(word: object) -> Host:
    text = word.strip() if isinstance(word, str) else ""
    if text.startswith("[") or text.count(":") > 1:
        raise UsageError(
            f"hosts: {shown(word)} is an IPv6 address or no host, and mpiexec takes no such address; give it a name in "
            "~/.ssh/config, and write that as in 'h1:8'."
        )
    name, colon, count = text.partition(":")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"hosts: {shown(word)} is no host; it is a name of letters, digits, '.', '_' and '-' that does not begin "
            "with '-', and its slots: 'h1:8'. User and port belong in ~/.ssh/config."
        )
    if not colon:
        raise UsageError(f"hosts: {name} has no number of slots; say how many of its cores are for runs: {name}:8.")
    if not (count.isascii() and count.isdecimal() and len(count) <= 4 and int(count)):
        raise UsageError(f"hosts: {shown(word)}: {name} has a number of slots from 1 to {_MOST_SLOTS}, as in {name}:8.")
    return Host(name, int(count))
