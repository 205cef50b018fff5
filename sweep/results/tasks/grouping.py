"""Settings that differ in their task alone, put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.results.parameters import ABSENT
from sweep.results.run import Run
from sweep.results.settings import Setting
from sweep.results.statistics.scores import Floats
from sweep.results.text.cell import inert
from sweep.results.text.numbers import by_size, value_text
from sweep.results.values import key_of


@dataclass(frozen=True)
class TaskSetting:
    """A setting on all of its tasks.

    Attributes:
        label: its name, without what names the task.
        params: the parameters that vary, but the task.
        members: its runs on each task, by the task's name.
    """

    label: str
    params: Mapping[str, object] = field(hash=False)
    members: Mapping[str, Setting] = field(hash=False)

    @property
    def key(self) -> str:
        """What tells it from every other setting."""
        return key_of(*sorted(one.key for one in self.members.values()))

    @property
    def n(self) -> int:
        """How many runs have a score, on all tasks together."""
        return sum(one.n for one in self.members.values())

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for one in self.members.values() for run in one.runs)

    def scores(self, task: str) -> Floats:
        """Return the scores on a task, as they are; none if it lacks it."""
        return self.members[task].values if task in self.members else np.empty(0)


def check_task(runs: Iterable[Run], keys: Sequence[str]) -> None:
    """Check that parameters say what the task of a run is.

    Raises:
        UsageError: no run has one of them, or there is one task alone.
    """
    found = list(runs)
    there = list(dict.fromkeys(key for run in found for key in run.config))
    for key in keys:
        if key not in there:
            close = did_you_mean(key, there) or f" There are {listed(there) or 'none'}."
            raise UsageError(f"no run has a parameter {key!r} that could say its task.{close}")
    if len({_identity(run, keys) for run in found if _has(run, keys)}) < 2:
        raise UsageError(f"all runs are of one task: {keys[0]} has one value; leave out --task.")


def task_names(settings: Sequence[Setting], keys: Sequence[str]) -> dict[str, str]:
    """Return the tasks of some settings: what tells one from the others, and its name; numbers by their size."""
    first = {_identity(one.runs[0], keys): one.runs[0] for one in settings if _has(one.runs[0], keys)}
    order = sorted(first, key=lambda identity: by_size(first[identity].config[keys[0]]))
    short = {identity: _text(first[identity], keys[:1]) for identity in order}
    if len(set(short.values())) == len(short):
        return short
    long = {identity: _text(first[identity], keys) for identity in order}
    return long if len(set(long.values())) == len(long) else {identity: inert(identity) for identity in order}


def grouped(settings: Sequence[Setting], keys: Sequence[str]) -> tuple[list[TaskSetting], dict[str, str]]:
    """Return settings put together over tasks, and the tasks as `task_names` does; those without a task are left out.

    Settings go together if they have the same function and the same value of every other parameter. What has no
    function on record (runs of other programs) must have the same name too, without the task in it.

    Args:
        keys: the parameters that say what a setting's task is.

    Raises:
        UsageError: two settings have the same parameters on one task, so that they cannot be told apart.
    """
    tasks, varying = task_names(settings, keys), list(settings[0].params if settings else ())
    groups: dict[str, dict[str, Setting]] = {}
    for one in settings:
        if _has(one.runs[0], keys):
            members = groups.setdefault(_group(one, keys), {})
            task = tasks[_identity(one.runs[0], keys)]
            if task in members:
                raise _unclear(members[task], one, task)
            members[task] = one
    params = [key for key in varying if key not in keys]
    return [_made(members, tasks, keys, params) for members in groups.values()], tasks


def _made(
    members: Mapping[str, Setting], tasks: Mapping[str, str], keys: Sequence[str], params: Sequence[str]
) -> TaskSetting:
    ordered = {task: members[task] for task in tasks.values() if task in members}
    first = next(iter(ordered.values()))
    told = {key: first.params.get(key, ABSENT) for key in params}
    return TaskSetting(_label(first.runs[0], keys), told, ordered)


def _unclear(one: Setting, other: Setting, task: str) -> UsageError:
    return UsageError(
        f"{inert(one.label)} and {inert(other.label)} have the same parameters on the task {task}, so it is open which "
        "of them goes with which on other tasks; name the runs of one of them alone."
    )


def _has(run: Run, keys: Sequence[str]) -> bool:
    return keys[0] in run.config


def _identity(run: Run, keys: Sequence[str]) -> str:
    return ", ".join(repr(run.config.get(key, ABSENT)) for key in keys)


def _text(run: Run, keys: Sequence[str]) -> str:
    return inert(", ".join(value_text(run.config.get(key, ABSENT)) for key in keys))


def _group(one: Setting, keys: Sequence[str]) -> str:
    run = one.runs[0]
    others = {key: value for key, value in run.config.items() if key not in keys}
    return key_of(run.source, run.thunk, "" if run.thunk else _stem(run, keys), others)


def _stem(run: Run, keys: Sequence[str], before: str = "") -> str:
    """Return a setting's name without the values of its task: ``ppo_env_lr1`` of ``ppo_envhopper-v4_lr1``.

    Args:
        before: a pattern of what goes with a value; if it is not there, the value goes alone.
    """
    stem = run.label
    for key in keys:
        word = re.sub(r"[^\w-]", "-", str(run.config.get(key, ABSENT)))
        for name in dict.fromkeys([word, re.sub(r"-v\d+$", "", word)]):
            bare = (r"(?<![\d-])" if name[:1].isdigit() else "") + re.escape(name) + r"(?!\d)"
            pattern = f"{before}{bare}" if re.search(f"{before}{bare}", stem, re.IGNORECASE) else bare
            stem = re.sub(pattern, "", stem, count=1, flags=re.IGNORECASE)
    return stem


def _label(run: Run, keys: Sequence[str]) -> str:
    """Return a setting's name without the words that name its task: ``ppo_lr1`` of ``ppo_envhopper-v4_lr1``."""
    return _stem(run, keys, "(^|_)[a-z]*").strip("_-") or run.label
