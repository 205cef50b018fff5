"""How this Python process was started, turned into how each rank is to be started. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.base.errors import MpiError

_LETTERS_WITH_VALUE = "WX"
_WORDS_WITH_VALUE = ("--check-hash-based-pycs",)


def split_command(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part a Python command line into the interpreter's options and the program with its arguments.

    Args:
        words: `sys.orig_argv` without the interpreter.

    Returns:
        The options, and the program: a script, `-m` and a module, `-c` and a text, or `-`, with what follows;
        [] if there is none (interactive).
    """
    options: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        flags, letter, value = _cut(word)
        if letter and letter in "cm":
            return options + ([f"-{flags}"] if flags else []), [f"-{letter}", *([value] if value else []), *rest]
        options.append(word)
        if (letter and not value) or word in _WORDS_WITH_VALUE:
            options += rest[:1]
            del rest[:1]
    return options, rest


def _cut(word: str) -> tuple[str, str, str]:
    """Split a cluster of one-letter options at the first letter that takes a value: ``-uWerror`` is u, W, error."""
    if word.startswith("--"):
        return "", "", ""
    for at, letter in enumerate(word[1:], 1):
        if letter in "cm" or letter in _LETTERS_WITH_VALUE:
            return word[1:at], letter, word[at + 1 :]
    return word[1:], "", ""


def rank_command(python: str, words: Sequence[str]) -> list[str]:
    """Return the command that runs this process's program again as one MPI rank.

    `-m mpi4py` goes in front of the program: it ends every rank when one raises, where otherwise the others would
    wait for ever (https://mpi4py.readthedocs.io/en/stable/mpi4py.run.html).

    Args:
        python: the interpreter.
        words: `sys.orig_argv` without the interpreter.

    Raises:
        MpiError: the program was typed or piped in, so it cannot be started a second time.
    """
    options, program = split_command(words)
    if not program or program[0] == "-":
        raise MpiError(
            "mpi_fork starts the program again on every rank, and this one came from standard input or an "
            "interactive session; save it as a file and run that."
        )
    hooked = program[0] == "-m" and program[1:2] in (["mpi4py"], ["mpi4py.run"])
    return [python, *options, *([] if hooked else ["-m", "mpi4py"]), *program]
