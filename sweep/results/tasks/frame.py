"""A ranking over several tasks as a pandas frame."""

from __future__ import annotations

from typing import Any

from sweep.results.frames import pandas
from sweep.results.tasks.ranking import TaskRanking

_NO_NUMBERS = ("score/mark", "score/lacks", "score/n")


def tasks_frame(found: TaskRanking) -> Any:
    """Return a row a setting: parameters (``config/``), numbers (``score/``), the mean of each task (``task/``), name.

    What is not known is nan, and the place of what is not ranked is missing.

    Raises:
        UsageError: there is no pandas.
    """
    rows = [{_name(key): value for key, value in row.items()} for row in found.plain_rows()]
    frame = pandas().DataFrame(rows)
    numbers = [name for name in frame if str(name).startswith(("score/", "task/")) and name not in _NO_NUMBERS]
    return frame.astype({**dict.fromkeys(numbers, "float64"), "score/place": "Int64"})


def _name(key: str) -> str:
    if "/" in key and key.split("/")[0] in ("config", "task"):
        return key
    return f"run/{key}" if key in ("label", "runs") else f"score/{key}"
