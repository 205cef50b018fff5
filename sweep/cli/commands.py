"""From a command line to the command that it names."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from sweep.base.errors import UsageError, did_you_mean
from sweep.cli.command import Command
from sweep.cli.help import TOPICS, overview
from sweep.cli.parser import build_parser, parse
from sweep.cli.registry import COMMANDS


def run_command(argv: list[str]) -> int:
    """Run the command that a command line names, and return the exit code."""
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    parsed = parse(argv or ["help"], ALL)
    return ALL[parsed.command or "help"].run(parsed)


def _complete() -> None:
    import argcomplete

    argcomplete.autocomplete(build_parser(ALL))


def command_help(parsed: Any) -> int:
    """Explain a command or a topic."""
    topic = getattr(parsed, "topic", "")
    if topic in TOPICS:
        print(TOPICS[topic], end="")
        return 0
    known = [*ALL, *TOPICS]
    if topic and topic not in known:
        raise UsageError(f"no help on {topic!r}; there is help on {', '.join(known)}.{did_you_mean(topic, known)}")
    if topic:
        build_parser(ALL).parse_args([topic, "--help"])
    print(overview(ALL.values()), end="")
    return 0


def _add_topic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="?", default="")


_HELP = Command(
    "help", "explain a command", "Explain a command: sweep help run. Also: sweep help yaml.\n", command_help, _add_topic
)
ALL: Mapping[str, Command] = {**COMMANDS, _HELP.name: _HELP}
