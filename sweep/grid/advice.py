"""What a careful colleague would remark on a grid before it is launched. Never an error: a remark may be wrong."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from sweep.base.signature import Signature, missing_arguments, unknown_arguments
from sweep.grid.definition import Definition
from sweep.grid.nesting import SEPARATOR
from sweep.grid.parameter import SEED, Parameter

_SHAPE_WORD = re.compile(r"(sizes|shape|dims|layers|units|hidden)$")
_WORDS = {
    "true": "True",
    "false": "False",
    "none": "None",
    "null": "None",
    "True": "True",
    "False": "False",
    "None": "None",
}


def advice(definition: Definition, taken: Signature | None = None, ignored: str | None = None) -> list[str]:
    """Return remarks on a grid, each one line.

    Args:
        taken: the thunk's signature, if the thunk is known.
        ignored: the key that gives the thunk, if one does.
    """
    parameters = list(definition.parameters())
    remarks = [remark for parameter in parameters for remark in _on_parameter(parameter, taken)]
    remarks += _on_seeds(definition)
    if taken is not None:
        remarks += _on_arguments([name for name in top_arguments(definition) if name != ignored], taken)
    return list(dict.fromkeys(remarks))


def _on_parameter(parameter: Parameter, taken: Signature | None) -> Iterator[str]:
    for value in parameter.values:
        if isinstance(value, str) and _is_number(value):
            bare = f"write {value} without quotes if it is one"
            mend = "numbers are written without underscores" if "_" in value else bare
            yield f"{parameter.key!r} has the text {value!r}, not a number; {mend}."
        elif isinstance(value, str) and value in _WORDS:
            yield f"{parameter.key!r} has the text {value!r}, not the value {_WORDS[value]}."
    if _swept_by_element(parameter, taken):
        yield (
            f"{parameter.key!r} is swept element by element ({len(parameter.values)} runs with one number each); "
            f"write fixed([...]) or [[...]] if the list is one value."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _swept_by_element(parameter: Parameter, taken: Signature | None) -> bool:
    numbers = len(parameter.values) > 1 and all(
        isinstance(value, int) and not isinstance(value, bool) for value in parameter.values
    )
    if not numbers or parameter.key == SEED:
        return False
    default = taken.defaults.get(parameter.key) if taken is not None else None
    if default is not None and default is not inspect.Parameter.empty:
        return isinstance(default, (list, tuple))
    return bool(_SHAPE_WORD.search(parameter.key))


def _on_seeds(definition: Definition) -> Iterator[str]:
    seeds = {value for parameter in definition.parameters() if parameter.key == SEED for value in parameter.values}
    varied = any(len(parameter.values) > 1 for parameter in definition.parameters() if parameter.key != SEED)
    if varied and len(seeds) < 2:
        yield "one seed a setting cannot tell a better setting from a luckier one; add('seed', [0, 1, 2, ...])."


def _on_arguments(arguments: list[str], taken: Signature) -> Iterator[str]:
    yield from unknown_arguments(taken, arguments)
    for name in missing_arguments(taken, arguments):
        yield f"{taken.name}() needs the argument {name!r}, which the grid does not give."


def top_arguments(definition: Definition) -> list[str]:
    """Return the keyword arguments that the grid gives a thunk: the first part of every key."""
    return list(dict.fromkeys(key.split(SEPARATOR)[0] for key in definition.all_keys()))
