"""Which of the runs that were found are meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sweep.base.errors import UsageError
from sweep.base.text import plural
from sweep.results.run import Run


def selected(runs: Sequence[Run], select: Iterable[str], exclude: Iterable[str]) -> list[Run]:
    """Return the runs whose path contains all texts of `select` and none of `exclude`, as the reference has it.

    Raises:
        UsageError: there is none.
    """
    wanted, unwanted = list(select), list(exclude)
    kept = [run for run in runs if _is_meant(str(run.path), wanted, unwanted)]
    if runs and not kept:
        raise UsageError(f"of {plural(len(runs), 'run')} none is left by --select {wanted} and --exclude {unwanted}.")
    return kept


def _is_meant(path: str, select: Iterable[str], exclude: Iterable[str]) -> bool:
    return all(text in path for text in select) and not any(text in path for text in exclude)
