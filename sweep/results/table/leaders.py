"""The leading settings, as something to use again."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sweep.base.errors import UsageError
from sweep.base.jsonable import to_jsonable
from sweep.results.run import Run
from sweep.results.table.ranked import Ranked

if TYPE_CHECKING:
    from sweep.results.table.ranking import Ranking

# More of a range is a slip of the finger.
_MOST_SEEDS = 1_000_000


def as_json(row: Ranked) -> dict[str, Any]:
    """Return what is known of a setting, with its whole configuration and where its runs are."""
    runs = row.setting.runs
    config = {key: to_jsonable(value) for key, value in runs[0].config.items()}
    return row.as_json() | {"config": config, "paths": [str(run.path) for run in runs]}


def as_flags(row: Ranked) -> str:
    """Return a setting's configuration as the flags of `sweep run`, quoted for a shell."""
    return " ".join(_flag(key, value) for key, value in row.setting.runs[0].config.items())


def _flag(key: str, value: object) -> str:
    text = value if isinstance(value, str) and not _is_literal(value) else repr(value)
    return shlex.quote(f"--{key}={text}") if text.startswith("-") else f"--{shlex.quote(key)} {shlex.quote(text)}"


def _is_literal(text: str) -> bool:
    """Say whether a command line would take a text for something else, as it does ``1``, ``None`` and ``(2, 3)``."""
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return True


def parse_seeds(text: str) -> list[int]:
    """Return the seeds of ``100:110`` (the end is not one of them), ``100:110:2`` or ``1,2,3``.

    Raises:
        UsageError: it is neither, or says no seed.
    """
    try:
        parts = [int(part) for part in text.replace(":", ",").split(",")]
        seeds = list(range(*parts)[:_MOST_SEEDS]) if ":" in text else parts
    except (ValueError, TypeError):
        raise UsageError(f"seeds {text!r} are none; write 100:110 (110 is not one of them), or 100,101.") from None
    if not seeds or len(set(seeds)) < len(seeds):
        raise UsageError(
            f"seeds {text!r} are {'none' if not seeds else 'not all different'}; write 100:110, or 100,101."
        )
    return seeds


def to_rerun(
    runs: Sequence[Run], seeds: Sequence[int], count: int, rank: Callable[[Sequence[Run]], Ranking]
) -> list[Ranked]:
    """Return the leading settings, chosen by runs of other seeds than those that they are to be run again with.

    What an earlier rerun with these seeds has come to therefore changes nothing in the choice.

    Args:
        count: how many of them.
        rank: ranks some runs.

    Raises:
        UsageError: the seeds are not fresh: every setting has them; or nothing has a score.
    """
    others = [run for run in runs if run.seed not in seeds]
    own: dict[str, set[int | None]] = {}
    for run in runs:
        own.setdefault(run.setting, set()).add(run.seed)
    used = [seed for seed in seeds if all(seed in there for there in own.values())]
    if not others or (used and len(own) > count):
        raise UsageError(
            f"seed {(used or seeds)[0]} is one that the settings are ranked by; name seeds that are fresh."
        )
    leaders = rank(others).scored()[:count]
    if not leaders:
        raise UsageError("no setting has a score yet; `sweep status` tells what there is.")
    return leaders
