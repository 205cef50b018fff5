"""Which parameters of some runs differ, and which do not."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.results.run import Run

# The value of a key that a run's configuration does not have, as it is shown.
ABSENT = "-"


def varying(runs: Sequence[Run]) -> list[str]:
    """Return the keys that do not have the same value in all runs, in the order in which they come up.

    1, 1.0 and True are three values; not having a key is one too.
    """
    seen: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for run in runs:
        for key, value in run.config.items():
            seen.setdefault(key, set()).add(repr(value))
            counts[key] = counts.get(key, 0) + 1
    return [key for key, values in seen.items() if len(values) > 1 or counts[key] < len(runs)]


def fixed(runs: Sequence[Run]) -> dict[str, object]:
    """Return the keys that have one value in all runs, and that value."""
    differing = set(varying(runs))
    return {key: value for key, value in runs[0].config.items() if key not in differing} if runs else {}
