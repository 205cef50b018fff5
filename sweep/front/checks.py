"""What would fail in every run, found before any directory is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sweep.base.errors import LaunchError, UsageError
from sweep.base.picklable import fault
from sweep.base.signature import missing_arguments, signature, unknown_arguments


def check_arguments(thunk: Callable[..., Any], arguments: Iterable[str]) -> None:
    """Refuse arguments that the thunk would refuse.

    Raises:
        UsageError: names the argument and the ones there are.
    """
    taken, arguments = signature(thunk), list(arguments)
    check_names(thunk, arguments)
    missing = missing_arguments(taken, arguments)
    if missing:
        raise UsageError(f"{taken.name}() needs the argument {missing[0]!r}, which nothing gives; add it to the grid.")


def check_names(thunk: Callable[..., Any], arguments: Iterable[str]) -> None:
    """Refuse names that are no arguments of the thunk.

    Raises:
        UsageError: names the argument and the ones there are.
    """
    for wrong in unknown_arguments(signature(thunk), arguments):
        raise UsageError(wrong)


def check_picklable(values: Iterable[tuple[str, Any]]) -> None:
    """Refuse what cannot be sent to another process.

    Args:
        values: (what it is, the value).

    Raises:
        LaunchError: says what it is, which part of it is to blame, and why.
    """
    for what, value in values:
        why = fault(what, value)
        if why:
            raise LaunchError(f"{why}. Pass what it is made from.")
