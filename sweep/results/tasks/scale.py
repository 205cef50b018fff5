"""Scores of several tasks on one scale: as they are, or so that 0 and 1 mean the same on each task."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sweep.base.errors import UsageError, did_you_mean
from sweep.results.statistics.scores import Floats
from sweep.results.text.numbers import number

_ALLOWED = "none, minmax, LOW:HIGH, or TASK=LOW:HIGH for each task"
# Tasks whose largest scores differ by more than this factor are not on one scale.
_ALIKE = 3.0

Ends = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """How scores were normalised.

    Attributes:
        kind: 'none', 'minmax', 'stated', or '' if nothing was said, which does as 'none'.
        ends: for each task the scores that become 0 and 1; empty if scores stay as they are.
        higher_is_better: of the scores as they are after it.
    """

    kind: str
    ends: Mapping[str, Ends] = field(hash=False)
    higher_is_better: bool

    def of(self, task: str, scores: Floats) -> Floats:
        """Return scores of a task on the scale."""
        if not self.ends:
            return scores
        low, high = self.ends[task]
        return (scores - low) / (high - low)

    def __str__(self) -> str:
        if not self.ends:
            return "not normalised: the scores of all tasks go together as they are"
        if self.kind == "minmax":
            return "normalised by what these runs reached: on each task the worst of them is 0, the best is 1"
        if len(set(self.ends.values())) == 1:
            low, high = next(iter(self.ends.values()))
            return f"normalised: {number(low)} is 0, {number(high)} is 1, on each task"
        told = ", ".join(f"{task} {number(low)} .. {number(high)}" for task, (low, high) in self.ends.items())
        return f"normalised to 0 .. 1: {told}"

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        ends = {task: list(pair) for task, pair in self.ends.items()}
        return {"kind": self.kind or "none", "stated": bool(self.kind), "ends": ends}


def scale_of(words: Sequence[str], scores: Mapping[str, Floats], higher_is_better: bool) -> Scale:
    """Return the scale that some words mean.

    Args:
        words: none of them is as 'none'; 'none'; 'minmax'; 'LOW:HIGH', the scores that become 0 and 1 on every task;
            'TASK=LOW:HIGH' for one task, which goes before what is said for every task.
        scores: of all runs, by task.
        higher_is_better: of the scores as they are; after normalising more is always better.

    Raises:
        UsageError: a word is none of these, names no task, or a task has no ends.
    """
    every = [word for word in words if "=" not in word]
    if len(every) > 1:
        raise UsageError(f"--normalise says {' and '.join(every)} for every task; it takes {_ALLOWED}.")
    kind = every[0] if every else ""
    own = dict(_own(word, scores) for word in words if "=" in word)
    if kind in ("", "none") and not own:
        return Scale(kind, {}, higher_is_better)
    ends = {task: own.get(task) or _ends(kind, task, scores[task], higher_is_better) for task in scores}
    return Scale(kind if kind == "minmax" and not own else "stated", ends, True)


def _own(word: str, tasks: Mapping[str, Floats]) -> tuple[str, Ends]:
    task, _, ends = word.rpartition("=")
    if task not in tasks:
        close = did_you_mean(task, tasks) or f" There are {', '.join(tasks)}."
        raise UsageError(f"--normalise {word}: there is no task {task!r}.{close}")
    return task, _parsed(ends, word)


def _ends(kind: str, task: str, scores: Floats, higher_is_better: bool) -> Ends:
    if kind in ("", "none"):
        raise UsageError(f"--normalise says nothing of the task {task!r}; add {task}=LOW:HIGH.")
    if kind != "minmax":
        return _parsed(kind, kind)
    if not len(scores):
        return (0.0, 1.0)  # no score of it is ever asked for
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        raise UsageError(f"all scores on the task {task!r} are {low:g}, which minmax cannot normalise; say LOW:HIGH.")
    return (low, high) if higher_is_better else (high, low)


def _parsed(text: str, word: str) -> Ends:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        low, high = math.nan, math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low != high):
        raise UsageError(
            f"--normalise {word} is no scale; it takes {_ALLOWED}.{did_you_mean(word, ['none', 'minmax'])}"
        )
    return low, high


def on_one_scale(scores: Sequence[Floats]) -> bool:
    """Say whether scores of several tasks look as if they were on one scale: all from 0 to 1, or of like size.

    They are not if the largest of one task is three times as large as that of another, or if two tasks have no score
    in common.
    """
    there = [one for one in scores if len(one)]
    if all(one.min() >= 0 and one.max() <= 1 for one in there):
        return True
    sizes = [float(np.abs(one).max()) for one in there]
    overlap = max(one.min() for one in there) <= min(one.max() for one in there)
    return bool(overlap and max(sizes) <= _ALIKE * min(sizes))
