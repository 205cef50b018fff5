"""How often the kernel has killed a process because memory ran out."""

from __future__ import annotations

from pathlib import Path

_COUNTERS = Path("/proc/vmstat")


class MemoryKills:
    """Tells whether the kernel has killed since it was last asked."""

    def __init__(self) -> None:
        self._seen = _count()

    def any_new(self) -> bool:
        before, self._seen = self._seen, _count()
        return self._seen > before


def _count() -> int:
    """Return the count since the machine started, of all processes; 0 where the kernel does not tell."""
    try:
        lines = _COUNTERS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
