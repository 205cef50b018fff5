"""How often something happens in a run."""

from __future__ import annotations

from sweep.base.errors import LoggerError
from sweep.base.text import shown

AUTO = "auto"
_PARTS = 100


def interval_of(given: int | str, total: int | None, parts: int = _PARTS) -> int:
    """Return an interval in steps; 0 is never.

    Args:
        given: a whole number of steps, 0 (or less) for never, or 'auto': `parts` times in the whole run, and at least
            at every step. Where nobody knows how long the run is, 'auto' is every step.
        total: the steps of the whole run, None if it is not known.
        parts: how often 'auto' is; 100 is what skrl has for its `write_interval`, 10 for its `checkpoint_interval`.

    Raises:
        LoggerError: it is neither.
    """
    if given == AUTO:
        return max(1, (total or 0) // parts)
    if isinstance(given, bool) or not isinstance(given, int):
        raise LoggerError(f"an interval of {shown(given, 60)} is not possible; a whole number, 0 for never, or 'auto'.")
    return max(0, given)


def is_due(step: int, last: int, interval: int) -> bool:
    """Say whether a multiple of the interval lies behind `last` and not beyond `step`."""
    return interval > 0 and step // interval > last // interval
