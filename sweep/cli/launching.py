"""The commands that launch: run and print."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.importing import import_object
from sweep.base.signature import signature
from sweep.cli import words
from sweep.cli.command import Command
from sweep.cli.launch_flags import SHARED_FLAGS, add_launch, add_target, own_flags
from sweep.front.experiment import ExperimentGrid
from sweep.grid.parameter import split_shorthand
from sweep.grid.spec import parse_alternatives

_YAML = (".yaml", ".yml")
# Flags of a launch that are text, or nothing, and are read by what they are for.
_AS_TYPED = (
    "dry_run", "retry_failed", "order", "wait", "memory", "timeout", "stall_timeout", "retries", "halt", "fresh",
    "share", "start", "pin", "extendable", "shard", "index", "engine",
    "hosts",
)  # fmt: skip

TARGET = """\
The target is a YAML grid or a function. Modules are looked for in the working
directory first.

  grid.yaml                  `sweep help yaml` shows one
  my_module:train            a function of keyword arguments
  path/to/train.py:train
"""

_RUN = f"""\
Run every variant of a grid, each as a process of its own.

  sweep run my_module:train --lr 1e-3 3e-4 --seed 0 10 20
  sweep run my_module:train --opt:lr[lr] 1e-3 3e-4 --num_cpu 2 --exp_name ppo
  sweep run --dry-run grid.yaml
  sweep run grid.yaml lr=1e-2 'seed=[0,1]'

{TARGET}
After a function stand its arguments:

  --lr 1e-3 3e-4       several values: one variant each; no value is True
  --lr=1e-3            one value, which may begin with a dash
  --opt:lr 1e-3        a key of the dict argument opt
  --lr[rate] 1e-3      `rate` stands for lr in names
  --act py:torch:tanh  an imported object
  --kw:order 3         an argument whose name is also one of sweep's flags

Values are read as Python literals, anything else is text. --num_cpu,
--data_dir, --datestamp and --exp_name belong to sweep and may stand after the
function too; sweep's other flags stand before it.

After a YAML file stand changes to it, key=value, with YAML values.

Running the same again skips what is done, goes on with what was cut off, and
lists what failed. --retries is about failures within this launch, and
--retry-failed about those of earlier ones. --extendable epochs lets a done run
with other epochs go on from its snapshot.

On a cluster of any kind, each job of an array runs a part. All parts may go on
at once, and --order changes none of them:

  sweep run --shard 3/10 grid.yaml                  every tenth, from the third
  sweep run --index $SLURM_ARRAY_TASK_ID grid.yaml  one variant, from 0
"""

_PRINT = f"""\
Show a grid's report and plan. Starts nothing and writes nothing.

  sweep print grid.yaml
  sweep print my_module:train --lr 1e-3 3e-4 --seed 0 1 2

{TARGET}"""


def command_run(parsed: Any) -> int:
    """Run every variant of the target."""
    found = _load(parsed)
    if found is None:
        return 0
    grid, options = found
    more = {name: getattr(parsed, name) for name in _AS_TYPED}
    more["slurm"] = words.pairs("slurm", parsed.slurm)
    share = {name: words.number(getattr(parsed, name)) for name in ("parallel", "threads", "gpus")}
    return grid.run(**options, **more, **share).exit_code


def command_print(parsed: Any) -> int:
    """Show the report and the plan of the target."""
    found = _load(parsed)
    if found is not None:
        grid, options = found
        part = {"shard": parsed.shard, "index": parsed.index}
        grid.print(**options, **part, order=parsed.order, extendable=parsed.extendable)
    return 0


def _load(parsed: Any) -> tuple[ExperimentGrid, dict[str, Any]] | None:
    """Return the target's grid and what `run` and `print` are given; None if only help was asked for."""
    if Path(parsed.target).suffix in _YAML:
        grid, own = _load_yaml(parsed)
        thunk = None
    else:
        thunk = import_object(parsed.target)
        if any(word in words.HELP_WORDS for word in parsed.rest):
            print(_function_help(thunk))
            return None
        grid, own = _load_function(parsed, thunk)
    options = {name: _own(parsed, own, name) for name in SHARED_FLAGS if name != "exp_name"}
    return grid, {"thunk": thunk, **options, "num_cpu": words.number(options["num_cpu"])}


def _load_function(parsed: Any, thunk: Any) -> tuple[ExperimentGrid, dict[str, Any]]:
    found = words.parse_words(parsed.rest, signature(thunk), SHARED_FLAGS, own_flags())
    name = _own(parsed, found.own, "exp_name")
    grid = ExperimentGrid(f"cmd_{getattr(thunk, '__name__', 'run')}" if name is None else str(name))
    for key, shorthand, alternatives in found.arguments:
        grid.add(key, alternatives, shorthand)
    return grid, dict(found.own)


def _load_yaml(parsed: Any) -> tuple[ExperimentGrid, dict[str, Any]]:
    changes, flags = words.split_changes(parsed.rest, [name for name in SHARED_FLAGS if name != "datestamp"])
    grid = ExperimentGrid.from_yaml(parsed.target)
    for key, text in _changes(changes).items():
        _check_known(key, grid)
        grid.override(key, parse_alternatives(text, "the command line"))
    own = words.shared_words(flags, SHARED_FLAGS, own_flags())
    if (name := _own(parsed, own, "exp_name")) is not None:
        grid.name(str(name))
    return grid, own


def _changes(words: list[str]) -> dict[str, str]:
    """Return key to value of the words ``key=value``.

    Raises:
        UsageError: a key twice.
    """
    pairs = [word.partition("=") for word in words]
    keys = [key for key, _, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice}= is given twice; give it once, with all its values: '{twice}=[1, 2]'.")
    return {key: value for key, _, value in pairs}


def _check_known(key: str, grid: ExperimentGrid) -> None:
    """Refuse a new key that looks like a misspelt one of the grid; another one is an argument that the grid lacks."""
    known = grid.definition.all_keys()
    name = split_shorthand(key)[0]
    if name in known:
        return
    if hint := did_you_mean(name, known):
        raise UsageError(f"{key}: the grid has no {name!r}; it has {listed(known)}.{hint}")
    if name.split(":")[0] in ("run", "name", "thunk", "order"):
        raise UsageError(f"{key}: changes are for the grid; use sweep's flags before the file, or edit the file.")


def _own(parsed: Any, after: Mapping[str, Any], name: str) -> Any:
    """Return a flag of ours, which may stand before the target or after it, but not in both places."""
    before = getattr(parsed, name)
    if before is not None and name in after:
        raise UsageError(f"--{name} is given twice, before and after the target; give it once.")
    given = before if before is not None else after.get(name)
    return words.literal(given) if name == "datestamp" and isinstance(given, str) else given


def _function_help(thunk: Any) -> str:
    name = getattr(thunk, "__qualname__", str(thunk))
    return f"{name}{inspect.signature(thunk)}\n\n{inspect.getdoc(thunk) or '(it has no docstring)'}"


_PLAN = "show a grid's report and plan; start nothing"
_NO_TARGET = "no target: name a YAML grid or a function, for example my_module:train"

COMMANDS = (
    Command("run", "run every variant of a grid", _RUN, command_run, add_launch, _NO_TARGET, "the target"),
    Command(
        "print",
        "show a grid's report and plan; start nothing",
        _PRINT,
        command_print,
        add_target,
        _NO_TARGET,
        "the target",
    ),
)
