"""What a thunk takes, asked before anything is started."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import UsageError, did_you_mean, listed

# What a launch passes by itself, if the thunk takes it.
INJECTED = ("seed", "logger_kwargs", "env_fn", "run")
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Signature:
    """The arguments of a thunk.

    Attributes:
        name: of the function, for messages.
        defaults: argument to its default; `inspect.Parameter.empty` where it has none.
        open: whether it takes any keyword (``**kwargs``), or cannot be asked.
    """

    name: str
    defaults: dict[str, Any]
    open: bool

    def takes(self, argument: str) -> bool:
        return self.open or argument in self.defaults

    def asks_for(self, argument: str) -> bool:
        """Say whether the argument is named in the signature, rather than swallowed by ``**kwargs``."""
        return argument in self.defaults

    def required(self) -> list[str]:
        return [name for name, default in self.defaults.items() if default is inspect.Parameter.empty]


def signature(thunk: Callable[..., Any]) -> Signature:
    """Return what a thunk takes; a function that cannot be asked (some builtins) takes everything.

    Raises:
        UsageError: the thunk is not callable.
    """
    name = getattr(thunk, "__qualname__", None) or getattr(thunk, "__name__", None) or repr(thunk)
    if not callable(thunk):
        raise UsageError(f"{thunk!r} is not a function; a grid runs a function of keyword arguments.")
    try:
        parameters = inspect.signature(thunk).parameters.values()
    except (ValueError, TypeError):
        return Signature(name, {}, open=True)
    named = {one.name: one.default for one in parameters if one.kind in _NAMED}
    return Signature(name, named, any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters))


def unknown_arguments(taken: Signature, arguments: Iterable[str]) -> list[str]:
    """Return a sentence for every argument that the thunk does not take."""
    rest = [name for name in arguments if not taken.takes(name) and not _becomes_env_fn(taken, name)]
    known = [name for name in taken.defaults if name not in INJECTED]
    takes = f"it takes {listed(known)}" if known else "it takes none"
    return [f"{taken.name}() takes no argument {name!r}; {takes}.{did_you_mean(name, known)}" for name in rest]


def missing_arguments(taken: Signature, arguments: Iterable[str]) -> list[str]:
    """Return the required arguments that nobody gives."""
    given = {*arguments, *INJECTED}
    return [name for name in taken.required() if name not in given]


def _becomes_env_fn(taken: Signature, argument: str) -> bool:
    return argument == "env_name" and taken.asks_for("env_fn")
