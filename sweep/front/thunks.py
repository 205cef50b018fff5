"""The thunk of a launch: one function for all variants, or a parameter whose values are functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.signature import Signature, signature
from sweep.front.checks import check_arguments, check_picklable
from sweep.grid.advice import top_arguments
from sweep.grid.definition import Definition
from sweep.grid.identity import without
from sweep.grid.nesting import lookup

Thunk = Callable[..., Any] | str
# The number of ranks, as a parameter of a grid.
RANKS = "num_cpu"


class Thunks:
    """Finds the function of a variant.

    Args:
        thunk: a function of keyword arguments, or the key of a parameter whose values are such functions.

    Attributes:
        sweeps_ranks: whether the grid has a parameter `num_cpu` that no function takes: then it is each run's number
            of ranks, and no argument.

    Raises:
        UsageError: neither, or no parameter has that key.
    """

    def __init__(self, thunk: Thunk | None, definition: Definition) -> None:
        self._thunk, self._definition = thunk, definition
        if thunk is None:
            raise UsageError("no function to run: give run() a function, or thunk: in the YAML file.")
        if isinstance(thunk, str) and thunk not in definition.all_keys():
            keys = definition.all_keys()
            raise UsageError(
                f"the thunk {thunk!r} is no parameter of the grid; give a function, or one of {listed(keys)}."
                f"{did_you_mean(thunk, keys)}"
            )
        takes = [signature(function).takes(RANKS) for function in self.functions()]
        self.sweeps_ranks = RANKS in definition.all_keys() and not any(takes)

    def functions(self) -> list[Callable[..., Any]]:
        """Return every function that some variant has."""
        if not isinstance(self._thunk, str):
            assert self._thunk is not None
            return [self._thunk]
        values = [one.values for one in self._definition.parameters() if one.key == self._thunk]
        return list(dict.fromkeys(function for some in values for function in some))

    def signature(self) -> Signature | None:
        """Return what the thunk takes, if all variants have the same one."""
        functions = self.functions()
        if len(functions) != 1:
            return None
        taken = signature(functions[0])
        return replace(taken, defaults={**taken.defaults, RANKS: 1}) if self.sweeps_ranks else taken

    def arguments(self) -> list[str]:
        """Return the keyword arguments that the functions are given, besides those of a launch."""
        ranks = RANKS if self.sweeps_ranks else None
        return [name for name in top_arguments(self._definition) if name not in (self._thunk, ranks)]

    def split(self, variant: Mapping[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Return the function of a variant and the configuration it is called with."""
        if isinstance(self._thunk, str):
            return lookup(variant, self._thunk), without(variant, [self._thunk])
        assert self._thunk is not None
        return self._thunk, dict(variant)

    def check(self) -> None:
        """Refuse what would fail in every run: an argument nobody takes, a value that cannot be sent.

        Raises:
            UsageError, LaunchError
        """
        for function in self.functions():
            check_arguments(function, self.arguments())
        check_picklable(self._sent())

    def _sent(self) -> Iterator[tuple[str, Any]]:
        for function in self.functions():
            yield f"the function {getattr(function, '__qualname__', function)!r}", function
        for one in self._definition.parameters():
            for value in one.values:
                yield f"the value of {one.key!r}", value
