"""The words after a function: its arguments and their values, by the reference's rules without its `eval`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.importing import import_object
from sweep.base.signature import Signature
from sweep.grid.nesting import SEPARATOR
from sweep.grid.parameter import split_shorthand

# The reference's short names; each is used only if the function does not have an argument of that name itself.
SHORT_NAMES = {
    "env": "env_name",
    "hid": "ac_kwargs:hidden_sizes",
    "act": "ac_kwargs:activation",
    "cpu": "num_cpu",
    "dt": "datestamp",
}
FUNCTION_PREFIX = "kw:"
IMPORT_PREFIX = "py:"
HELP_WORDS = ("--help", "-h")


@dataclass
class Flag:
    """One ``--name`` with the words behind it, as typed."""

    name: str
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Words:
    """What stands after the target.

    Attributes:
        arguments: (key, shorthand or None, alternatives) for the function, in the order typed.
        own: flags of ours, each with its single value as text (True without one).
    """

    arguments: tuple[tuple[str, str | None, list[Any]], ...]
    own: Mapping[str, Any]


def split_flags(words: Sequence[str]) -> list[Flag]:
    """Group words into flags.

    Raises:
        UsageError: a value before the first flag, or a flag with a single dash.
    """
    flags: list[Flag] = []
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            flags.append(Flag(name, [value] if equals else []))
        elif not flags and word.startswith("-") and isinstance(literal(word), str):
            raise UsageError(f"{word!r} is no flag: an argument is written -{word}.")
        elif not flags:
            raise UsageError(f"{word!r} stands before any flag; write --argument {word} to say whose value it is.")
        else:
            _check_value(word, flags[-1])
            flags[-1].words.append(word)
    return flags


def _check_value(word: str, flag: Flag) -> None:
    if word.startswith("-") and isinstance(literal(word), str):
        raise UsageError(
            f"{word!r} begins with a dash: a flag is written -{word}, and a value that begins with a dash "
            f"--{flag.name}={word}."
        )


def parse_words(words: Sequence[str], taken: Signature, shared: Iterable[str], reserved: Iterable[str]) -> Words:
    """Sort the words after a function into its arguments and our own flags.

    Args:
        taken: the function's signature.
        shared: our flags that may stand here.
        reserved: all our flags.

    Raises:
        UsageError: a flag twice, a flag of ours that must stand before the target, a name that both know.
    """
    arguments: list[tuple[str, str | None, list[Any]]] = []
    own: dict[str, Any] = {}
    for flag in split_flags(words):
        name, shorthand = split_shorthand(flag.name)
        key = _full_name(name, taken)
        if key.replace("-", "_") in shared:
            _put_once(own, key.replace("-", "_"), _single(flag))
            continue
        _check_not_ours(key, taken, reserved)
        key = key.removeprefix(FUNCTION_PREFIX)
        if any(key == other for other, _, _ in arguments):
            raise UsageError(f"--{key} is given twice; put all its values behind one flag.")
        arguments.append((key, shorthand, [value_of(word) for word in flag.words] or [True]))
    return Words(tuple(arguments), own)


def split_changes(words: Sequence[str], valued: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the changes ``key=value`` among the words after a YAML file, and the others.

    Args:
        valued: flags of ours that take a value, which may have an equals sign in it.
    """
    valued, changes, others = set(valued), list[str](), list[str]()
    before = ""
    for word in words:
        is_value = before.startswith("--") and before[2:].replace("-", "_") in valued
        changed = "=" in word and not word.startswith("--") and not is_value
        (changes if changed else others).append(word)
        before = word
    return changes, others


def shared_words(words: Sequence[str], shared: Iterable[str], reserved: Iterable[str]) -> dict[str, Any]:
    """Return our own flags among the words after a YAML file, where no function's arguments stand.

    Raises:
        UsageError: a flag of ours that must stand before the file, or one of nobody's.
    """
    own: dict[str, Any] = {}
    for flag in split_flags(words):
        name = flag.name.replace("-", "_")
        if name in shared:
            _put_once(own, name, _single(flag))
        elif name in reserved:
            raise UsageError(f"--{flag.name} is sweep's own flag: put it before the file.")
        else:
            raise UsageError(f"--{flag.name}: after a YAML file stand changes to it, as {name}=1 or '{name}=[1,2]'.")
    return own


def _full_name(name: str, taken: Signature) -> str:
    first = name.split(SEPARATOR)[0]
    return name if taken.asks_for(first) else SHORT_NAMES.get(name, name)


def _put_once(own: dict[str, Any], name: str, value: Any) -> None:
    if name in own:
        raise UsageError(f"--{name} is given twice; give it once.")
    own[name] = value


def _single(flag: Flag) -> Any:
    if len(flag.words) > 1:
        hint = " To sweep over it: --kw:num_cpu." if flag.name.replace("-", "_") == "num_cpu" else ""
        raise UsageError(f"--{flag.name} takes one value, not {len(flag.words)}: it is the same for every run.{hint}")
    return flag.words[0] if flag.words else True


def _check_not_ours(key: str, taken: Signature, reserved: Iterable[str]) -> None:
    name = key.replace("-", "_")
    if name not in reserved:
        return
    if taken.asks_for(name):
        raise UsageError(
            f"--{key} could be sweep's or {taken.name}()'s: write --kw:{name} for the function's, and put sweep's "
            f"--{key} before the target."
        )
    raise UsageError(f"--{key} is sweep's own flag: put it before the target.")


def value_of(word: str) -> Any:
    """Return the value a word stands for: an imported object (``py:torch:tanh``), a Python literal, or the text."""
    return import_object(word.removeprefix(IMPORT_PREFIX)) if word.startswith(IMPORT_PREFIX) else literal(word)


def number(text: Any) -> Any:
    """Return the number that a flag's text stands for, or what it is else."""
    return literal(text) if isinstance(text, str) else text


def pairs(flag: str, given: Sequence[str] | None) -> dict[str, Any] | None:
    """Return what ``--flag key=value`` says, given any number of times: texts, several of one key as a list.

    Raises:
        UsageError: there is no '='.
    """
    if given is None:
        return None
    found: dict[str, list[str]] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"--{flag} {word!r} is not KEY=VALUE; write for example --{flag} time=12h.")
        found.setdefault(key.replace("-", "_"), []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def literal(word: str) -> Any:
    """Return a Python literal's value, or the word itself if it is none."""
    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return word
