"""The command line's own grammar, in argparse: what stands before the target."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from sweep import __version__
from sweep.base.errors import UsageError, did_you_mean
from sweep.cli.help import SUMMARIES, TEXTS, overview
from sweep.front.request import STARTS
from sweep.grid.definition import ORDERS

_WITH_TARGET = ("run", "print")
# Commands on a directory of runs.
_WITH_DIRECTORY = ("stop", "retry", "wait")
# Flags of ours that the reference knows too; they may also stand after the target.
SHARED_FLAGS = ("num_cpu", "data_dir", "datestamp", "exp_name")


_SHARE_FLAGS = (
    ("parallel", "N", "runs at once, or auto: what there is room for (default)"),
    ("threads", "N", "threads of each rank (default 1)"),
    ("gpus", "N", "GPUs per run; 0.5 puts two runs on one"),
    ("memory", "SIZE", "memory that a run needs, for example 8G"),
    ("timeout", "TIME", "time limit of a run, for example 90s or 2h"),
    ("stall-timeout", "TIME", "how long a run may write nothing, for example 10min"),
    ("retries", "N", "further tries of a failed run: 2, or killed=3,timeout=1"),
    ("halt", "WHEN", "after a failure: never, soon or now; soon,fail=5; now,fail=10%%"),
)


_SWITCHES = (
    ("fresh", "do everything anew; what is there is set aside"),
    ("share", "go on beside other launches of the same grid"),
    ("pin", "give each rank cores of its own"),
)


_NO_TARGET = "no target: name a YAML grid or a function, for example my_module:train"
_NO_DIRECTORY = "no directory: name one of runs, for example data"


class Parser(argparse.ArgumentParser):
    """An argparse parser whose mistakes are one line, as all others."""

    def error(self, message: str) -> NoReturn:
        name = self.prog.partition(" ")[2]
        if message.startswith("the following arguments are required"):
            message = _NO_DIRECTORY if name in _WITH_DIRECTORY else _NO_TARGET
        raise UsageError(f"{message}. See: sweep help {name}".rstrip())

    def format_help(self) -> str:
        name = self.prog.partition(" ")[2]
        return TEXTS[name] + "\n" + _flags(self) if name else overview()


def _flags(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, max_help_position=28, width=79)
    actions = [action for action in parser._actions if action.option_strings]
    formatter.start_section("Flags, before the target" if parser.prog.endswith(_WITH_TARGET) else "Flags")
    formatter.add_arguments(actions)
    formatter.end_section()
    return formatter.format_help()


def build_parser() -> Parser:
    """Return the parser of every command."""
    parser = Parser(prog="sweep", add_help=True, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"sweep {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=Parser)
    parsers = {name: commands.add_parser(name, help=text, allow_abbrev=False) for name, text in SUMMARIES.items()}
    for name in _WITH_TARGET:
        _add_launch_flags(parsers[name])
    _add_run_flags(parsers["run"])
    _add_directory_flags(parsers)
    parsers["completion"].add_argument("shell", nargs="?", default="bash", choices=["bash", "zsh", "fish", "tcsh"])
    parsers["help"].add_argument("topic", nargs="?", default="")
    return parser


def _add_launch_flags(parser: Parser) -> None:
    parser.add_argument("--num_cpu", "--num-cpu", metavar="N", help="MPI ranks per run, or auto (default 1)")
    parser.add_argument("--data_dir", "--data-dir", metavar="DIR", help="root of the results (default: data)")
    parser.add_argument("--datestamp", action="store_true", default=None, help="put the date on the directories")
    parser.add_argument("--exp_name", "--exp-name", metavar="NAME", help="begins every name (default: cmd_<function>)")
    parser.add_argument("--order", choices=ORDERS, help="in which order variants run")
    parser.add_argument("target", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _add_run_flags(parser: Parser) -> None:
    parser.add_argument("--dry-run", "--dry_run", action="store_true", help="stop after the plan")
    parser.add_argument(
        "--retry-failed", "--retry_failed", action="store_true", default=None, help="try again what failed before"
    )
    _add_share_flags(parser)
    parser.add_argument("--start", choices=STARTS, help="how a run's processes are made")
    for name, text in _SWITCHES:
        parser.add_argument(f"--{name}", action="store_true", default=None, help=text)
    parser.add_argument("--wait", type=float, metavar="S", help="seconds between the plan and the start")


def _add_share_flags(parser: Parser) -> None:
    for name, metavar, text in _SHARE_FLAGS:
        parser.add_argument(*_spellings(name), metavar=metavar, help=text)


def _add_directory_flags(parsers: dict[str, Parser]) -> None:
    for name in _WITH_DIRECTORY:
        parsers[name].add_argument("directory", metavar="DIR", help=argparse.SUPPRESS)
        parsers[name].add_argument("--json", action="store_true", help="print one JSON object")
    _add_share_flags(parsers["retry"])
    parsers["stop"].add_argument("--timeout", metavar="TIME", default="60s", help="how long to wait (default 60s)")
    parsers["stop"].add_argument("--now", action="store_true", help="ask twice: let nothing be saved")
    parsers["wait"].add_argument("--timeout", metavar="TIME", help="how long to wait (default: for ever)")


def _spellings(name: str) -> list[str]:
    """Return a flag as it is shown, and with underscores, as the reference writes its own."""
    return list(dict.fromkeys((f"--{name}", f"--{name.replace('-', '_')}")))


def own_flags() -> set[str]:
    """Return every flag of a launch, with underscores: names that a function's arguments may share."""
    parser = Parser()
    _add_launch_flags(parser)
    _add_run_flags(parser)
    return {text.lstrip("-").replace("-", "_") for action in parser._actions for text in action.option_strings}


def parse(argv: list[str]) -> Any:
    """Parse a command line.

    Raises:
        UsageError: an unknown command or flag, with the closest one there is.
    """
    parser = build_parser()
    _check_command(argv)
    parsed, unknown = parser.parse_known_args(argv)
    if unknown and parsed.command not in _WITH_TARGET:
        where = f"sweep {parsed.command}" if parsed.command else "sweep"
        raise UsageError(
            f"{unknown[0]!r} is nothing that `{where}` takes. See: sweep help {parsed.command or ''}".rstrip()
        )
    if unknown:
        flags = [f"--{flag}" for flag in sorted(own_flags())]
        raise UsageError(
            f"{unknown[0]!r} is no flag of `sweep {parsed.command}`; a function's own arguments stand after the target."
            f"{did_you_mean(unknown[0].partition('=')[0].replace('-', '_').replace('__', '--', 1), flags)}"
        )
    return parsed


def _check_command(argv: list[str]) -> None:
    if argv and not argv[0].startswith("-") and argv[0] not in SUMMARIES:
        hint = did_you_mean(argv[0], SUMMARIES)
        if not hint and (":" in argv[0] or argv[0].endswith((".yaml", ".yml"))):
            hint = f" To run it: sweep run {argv[0]}"
        raise UsageError(f"{argv[0]!r} is no command; there are {', '.join(SUMMARIES)}.{hint}")
