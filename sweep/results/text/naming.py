"""Many runs in few words: settings by name, with their seeds as ranges."""

from __future__ import annotations

from collections.abc import Iterable

from sweep.base.text import plural
from sweep.results.run import Run
from sweep.results.text.slices import slices


def which(runs: Iterable[Run], limit: int | None = 8) -> list[str]:
    """Return a text for each setting: ``ppo_lr0-001 s0-2,5``; after `limit` of them how many more there are.

    Args:
        limit: None is all of them.
    """
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.label, run.setting), []).append(run)
    told = [_setting(label, group) for (label, _), group in list(groups.items())[:limit]]
    rest = len(groups) - len(told)
    return [*told, f"and {plural(rest, 'more setting')}"] if rest else told


def _setting(label: str, runs: list[Run]) -> str:
    seeds = [run.seed for run in runs if run.seed is not None]
    return f"{label} s{slices(seeds)}" if seeds else label
