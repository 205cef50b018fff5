"""What was asked of a sweep: its parameters, its function, and what it ran on."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.text import duration, plural
from sweep.results.diff.origins import origins
from sweep.results.parameters import ABSENT
from sweep.results.report.values import name_of, values_of
from sweep.results.run import Run
from sweep.results.status.times import duration_s, ended, started
from sweep.results.table.ranking import Ranking
from sweep.results.text.numbers import value_text
from sweep.results.text.slices import slices
from sweep.rundir.origin import newest_attempt
from sweep.rundir.paths import RunDir

# Runs are made by one thing if they are equal in these.
CODE = frozenset({"function's code", "commit", "source"})
# So many times more combinations than settings are no grid of which some are missing, but samples.
_SAMPLED = 4
_LONG = 400  # characters of a value that is shown in full


@dataclass(frozen=True)
class Asked:
    """What was asked.

    Attributes:
        shape: the grid in words: ``4 lr x 2 act = 8 settings x 5 seeds = 40 runs``.
        parameters: those that vary, and the texts of their values.
        fixed: those that do not.
        facts: what else is known, each a name and its values: function, code, machine, command, times.
        packages: name and version, of the first run.
        mixed: the names of facts about the code in which runs differ.
    """

    shape: str
    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    fixed: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    packages: tuple[tuple[str, str], ...]
    mixed: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many values each parameter has."""
        return {key: len(values) for key, values in self.parameters}


def what_was_asked(runs: Sequence[Run], ranking: Ranking) -> Asked:
    """Return what some runs were asked to do."""
    values = {key: values_of([row.setting for row in ranking.rows], key) for key in ranking.keys}
    made = [(fact.name, fact.a) for fact in origins(runs, runs)]
    program = _mapping(newest_attempt(RunDir(runs[0].path)).get("program"))
    return Asked(
        _shape({key: len(found) for key, found in values.items()}, runs),
        tuple((key, tuple(name_of(value) for value in found)) for key, found in values.items()),
        tuple((key, value_text(value, _LONG)) for key, value in ranking.fixed.items()),
        (*_function(runs), *made, *_launch(program), *_times(runs)),
        tuple(sorted((str(name), str(version)) for name, version in _mapping(program.get("packages")).items())),
        tuple(name for name, found in made if name in CODE and len(found) > 1),
    )


def _shape(counts: Mapping[str, int], runs: Sequence[Run]) -> str:
    settings = len({run.setting for run in runs})
    full = 1
    for count in counts.values():
        full *= count
    grid = " x ".join(f"{count} {key}" for key, count in counts.items())
    words = plural(settings, "setting")
    if full > _SAMPLED * settings:
        words = f"{words} of {plural(len(counts), 'parameter')}"
    elif grid:
        words = f"{grid} = {words}" if full == settings else f"{words} of {grid} = {full:,}"
    return f"{words}{_seeds(runs, settings)} = {plural(len(runs), 'run')}"


def _seeds(runs: Sequence[Run], settings: int) -> str:
    seeds = {run.seed for run in runs if run.seed is not None}
    return f" x {plural(len(seeds), 'seed')}" if seeds and len(seeds) * settings == len(runs) else ""


def _function(runs: Sequence[Run]) -> Iterator[tuple[str, tuple[str, ...]]]:
    thunks = tuple(dict.fromkeys(run.thunk for run in runs if run.thunk))
    if thunks:
        yield "function", thunks
    seeds = [run.seed for run in runs if run.seed is not None]
    if seeds:
        yield "seeds", (slices(seeds),)
    others = tuple(sorted({run.source for run in runs} - {"sweep"}))
    if others:
        yield "written by", others


def _launch(program: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    command = program.get("command")
    if isinstance(command, list) and command:
        yield "command", (shlex.join(map(str, command)),)
    if program.get("directory"):
        yield "directory", (str(program["directory"]),)


def _times(runs: Sequence[Run]) -> Iterator[tuple[str, tuple[str, ...]]]:
    begun = [moment for run in runs if (moment := started(run)) is not None]
    over = [moment for run in runs if (moment := ended(run)) is not None]
    if begun:
        end = f" to {at(max(over))}" if over else ""
        yield "time", (f"{at(min(begun))}{end}",)
    took = [spent for run in runs if (spent := duration_s(run)) is not None]
    if took:
        yield "runs took", (f"{duration(sum(took))} in all, the longest {duration(max(took))}",)


def at(moment: float) -> str:
    """Return seconds since the epoch as local time."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
    except (ValueError, OverflowError, OSError):  # a status file may say anything
        return ABSENT


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
