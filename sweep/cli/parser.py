"""The command line's own grammar, in argparse, put together from the commands."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NoReturn

from sweep import __version__
from sweep.base.errors import UsageError, did_you_mean
from sweep.cli.command import Command
from sweep.cli.help import overview


class Parser(argparse.ArgumentParser):
    """An argparse parser whose mistakes are one line, as all others.

    Args:
        command: what it parses the flags of; None for the words before a command.
        overview: what it prints as help in that case.
    """

    def __init__(self, *, command: Command | None = None, overview: str = "", **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)
        self._command = command
        self._overview = overview

    def error(self, message: str) -> NoReturn:
        command = self._command
        if command is None:
            raise UsageError(f"{message}. See: sweep help")
        if message.startswith("the following arguments are required"):
            message = command.missing or message
        raise UsageError(f"{message}. See: sweep help {command.name}")

    def format_help(self) -> str:
        return self._overview if self._command is None else self._command.text + "\n" + self._flags(self._command)

    def _flags(self, command: Command) -> str:
        formatter = argparse.HelpFormatter(self.prog, max_help_position=28, width=79)
        actions = [action for action in self._actions if action.option_strings]
        formatter.start_section(f"Flags, before {command.flags_before}" if command.flags_before else "Flags")
        formatter.add_arguments(actions)
        formatter.end_section()
        return formatter.format_help()


def build_parser(commands: Mapping[str, Command]) -> Parser:
    """Return the parser of every command."""
    parser = Parser(prog="sweep", overview=overview(commands.values()))
    parser.add_argument("--version", action="version", version=f"sweep {__version__}")
    parsers = parser.add_subparsers(dest="command", metavar="command", parser_class=Parser)
    for command in commands.values():
        command.flags(parsers.add_parser(command.name, help=command.summary, command=command))
    return parser


def parse(argv: list[str], commands: Mapping[str, Command]) -> Any:
    """Parse a command line.

    Raises:
        UsageError: an unknown command or flag, with the closest one there is.
    """
    _check_command(argv, commands)
    parsed, unknown = build_parser(commands).parse_known_args(argv)
    if unknown:
        raise _unknown(unknown[0], commands.get(parsed.command))
    return parsed


def _unknown(word: str, command: Command | None) -> UsageError:
    if command is None:
        return UsageError(f"{word!r} is nothing that `sweep` takes. See: sweep help")
    known = _flags_of(command)
    hint = did_you_mean(word.partition("=")[0].replace("-", "_").replace("__", "--", 1), known)
    if command.flags_before:
        return UsageError(
            f"{word!r} is no flag of `sweep {command.name}`; a function's own arguments stand after the target.{hint}"
        )
    return UsageError(f"{word!r} is nothing that `sweep {command.name}` takes.{hint} See: sweep help {command.name}")


def _flags_of(command: Command) -> list[str]:
    parser = argparse.ArgumentParser()
    command.flags(parser)
    return sorted(
        {text.replace("-", "_").replace("__", "--", 1) for one in parser._actions for text in one.option_strings}
    )


def _check_command(argv: list[str], commands: Mapping[str, Command]) -> None:
    if argv and not argv[0].startswith("-") and argv[0] not in commands:
        hint = did_you_mean(argv[0], commands)
        if not hint and (":" in argv[0] or argv[0].endswith((".yaml", ".yml"))):
            hint = f" To run it: sweep run {argv[0]}"
        there = "." if hint else f"; there are {', '.join(commands)}."
        raise UsageError(f"{argv[0]!r} is no command{there}{hint}")
