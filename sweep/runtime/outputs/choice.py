"""Outputs by name."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sweep.base.errors import LoggerError, did_you_mean, listed
from sweep.base.text import shown
from sweep.runtime.outputs.output import Output

# Where each output lives: what belongs to another package is imported when it is asked for.
_HOMES: Mapping[str, str] = MappingProxyType(
    {
        "progress": "sweep.runtime.outputs.tsv:TsvOutput",
        "metrics": "sweep.runtime.outputs.jsonl:JsonlOutput",
        "tracked": "sweep.runtime.outputs.jsonl:TrackedOutput",
        "console": "sweep.runtime.outputs.table:ConsoleOutput",
        "log": "sweep.runtime.outputs.table:LogOutput",
        "tensorboard": "sweep.runtime.outputs.tensorboard:TensorBoardOutput",
        "wandb": "sweep.runtime.outputs.wandb:WandbOutput",
        "mlflow": "sweep.runtime.outputs.mlflow:MlflowOutput",
    }
)
# The files first: a console that is gone must not cost the row.
ALWAYS = ("progress", "metrics", "tracked", "console", "log")


def chosen(given: Iterable[str | Output], setting: Iterable[str] = ()) -> list[Output]:
    """Return the usual outputs and those that are named; a name with a minus in front takes that one away.

    Args:
        given: names or outputs, what the call of the logger says.
        setting: names, what the settings say.

    Raises:
        LoggerError: a name is unknown, or `-progress` is asked for, which every run has.
    """
    names, objects = list(ALWAYS), list[Output]()
    for one in [*setting, *items(given)]:
        if not isinstance(one, str):
            objects.append(_checked(one))
        elif one.startswith("-"):
            name = _known(one[1:])
            if name == "progress":
                raise LoggerError("outputs: '-progress' is not possible, every run has its progress.txt; leave it out.")
            names = [other for other in names if other != name]
        elif _known(one) not in names:
            names.append(one)
    return [*map(_made, names), *objects]


def items(given: Iterable[str | Output]) -> list[str | Output]:
    """Return what was given as a list, one name alone too.

    Raises:
        LoggerError: it is none.
    """
    if isinstance(given, str):
        return [given]
    try:
        return list(given)
    except TypeError:
        raise LoggerError(f"outputs={shown(given, 60)} is no list of names and outputs.") from None


def _known(name: str) -> str:
    if name not in _HOMES:
        raise LoggerError(f"outputs: {name!r} is no output; there are {listed(_HOMES)}.{did_you_mean(name, _HOMES)}")
    return name


def _checked(output: Output) -> Output:
    lacking = [verb for verb in _VERBS if not hasattr(output, verb)]
    if lacking or isinstance(output, type):
        what = f"lacks {listed(lacking)}" if lacking else "is a class; pass an instance of it"
        raise LoggerError(f"outputs: {shown(output, 60)} is no output, it {what} (see sweep.runtime.outputs.output).")
    return output


_VERBS = ("name", "open", "row", "message", "mark", "roll_back", "flush", "close")


def _made(name: str) -> Output:
    module, _, kind = _HOMES[name].partition(":")
    output: Output = getattr(importlib.import_module(module), kind)()
    return output
