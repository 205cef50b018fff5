"""A `config.json` alone, of sweep or of Spinning Up: plain JSON for people, exact only in part.

It has no function, and what JSON has no form for is a name or a text there (a class, a function, an object), or a list
(a tuple). So the function says what its arguments are: its defaults tell a text from a name, and a tuple from a list.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.signature import INJECTED, signature
from sweep.grid.parameter import SEED

# What a launch gives, or the function makes itself, and writes down with its arguments.
_NO_ARGUMENTS = {*INJECTED, "logger", "exp_name"} - {"seed", "env_fn"}
_EMPTY = inspect.Parameter.empty
# Texts that stand for something else: an object's, a cut one, a number's.
_NO_TEXT = re.compile(
    r"<.*>|.*\.\.\. \(\d+ (characters|items)\)|bytes of length \d+|array of .*, shape .*|-?Infinity|NaN"
)


@dataclass
class Bare:
    """What a bare file says.

    Attributes:
        config: the values that can be had.
        wrong: keys of which the value cannot be had, each with why.
        remarks: what is not exact, or was left out.
    """

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def take(self, key: str, value: Any, default: Any) -> None:
        """Judge one argument."""
        name = getattr(default, "__name__", None) if callable(default) and default is not _EMPTY else None
        if isinstance(value, str) and (key == "env_fn" or name is not None):
            if name == value:
                self.remarks.append(f"{key!r}: {value!r} is the name of the function's default, which is taken")
            else:
                self.wrong[key] = f"{value!r} is the name of something, and says not where it is"
            return
        if found := dict(_faults(value, key)):
            self.wrong.update(found)
            return
        self.config[key] = self._typed(key, value, default)

    def _typed(self, key: str, value: Any, default: Any) -> Any:
        if isinstance(value, list) and isinstance(default, tuple):
            self.remarks.append(f"{key!r}: taken as a tuple, as its default is one; JSON has only lists")
            return tuple(value)
        if _has_list(value):
            self.remarks.append(f"{key!r}: lists are taken as lists; JSON does not tell them from tuples")
        elif isinstance(value, str) and not isinstance(default, str):
            self.remarks.append(f"{key!r}: taken as the text {value!r}; JSON does not tell it from a name")
        return value


def read_bare(file: Path, thunk: Callable[..., Any]) -> Bare:
    """Return what a file says of a function's arguments.

    Raises:
        LaunchError: the file is no configuration.
    """
    written, taken = _read(file), signature(thunk)
    found = Bare(str(written.get("exp_name") or file.absolute().parent.name))
    values = {key: value for key, value in written.items() if key not in _NO_ARGUMENTS}
    left_out = [key for key in values if not taken.takes(key) and key != SEED]
    if left_out:
        found.remarks.append(f"left out, as {taken.name}() has no such argument: {', '.join(map(repr, left_out))}")
    for key in values:
        if key not in left_out:
            found.take(key, values[key], taken.defaults.get(key, _EMPTY))
    return found


def _has_list(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and any(map(_has_list, value.values())))


def _read(file: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LaunchError(
            f"{file} cannot be read as JSON: {error}; name a config.json or a run's directory."
        ) from error
    if not isinstance(data, dict) or not data:
        raise LaunchError(f"{file} holds no configuration; name a config.json or a run's directory.")
    return data


def _faults(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (colon key, why) of what is the name of something and not the thing."""
    if isinstance(value, str) and _NO_TEXT.fullmatch(value):
        yield path, f"{value!r} is only what it looked like"
    elif isinstance(value, list):
        for item in value:
            yield from _faults(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if _NO_TEXT.fullmatch(key):
                yield path, f"{key!r} is only what it looked like"
            else:
                yield from _faults(item, f"{path}:{key}")
