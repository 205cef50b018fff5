"""The command that kills a run to see whether anybody can tell afterwards."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from sweep.base.errors import UsageError
from sweep.base.importing import import_object
from sweep.base.signature import signature
from sweep.cli import words
from sweep.cli.command import Command

_CHECK = """\
Kill a run of your own function in the middle, let it go on, and compare it
with one that was not killed.

  sweep check-resume my_module:train --epochs 6 --seed 0
  sweep check-resume --after 3 --signal TERM my_module:train --epochs 6
  sweep check-resume --ignore Fps --keep compared path/to/train.py:train

The function is one that registers its state with run.state(...). After it
stand its arguments, each with one value, as for `sweep run`. It runs two or
three times, so give it few epochs, of which each writes a row.

Compared are progress.txt and metrics.jsonl, without the columns that tell
times (Time, EpochSeconds, fps), and the last snapshots. If something differs,
the first row of each such column is shown, with the likely cause: two runs
that nothing happened to tell what has to do with the kill and what has not.

--signal TERM is how a launch or a batch system stops a run: it saves first.
The default, KILL, is what happens when the memory or the power runs out.

Exit codes: 0 the same, 1 not the same, 2 it cannot be checked.
"""
_SHARED = ("num_cpu",)


def command_check_resume(parsed: Any) -> int:
    """Kill a run and compare it."""
    from sweep.front.check_resume import check_resume

    thunk = import_object(parsed.target)
    found = words.parse_words(parsed.rest, signature(thunk), _SHARED, _own_flags())
    ranks = parsed.num_cpu if parsed.num_cpu is not None else found.own.get("num_cpu", 1)
    check = check_resume(
        thunk,
        {key: _one(key, values) for key, _, values in found.arguments},
        after=parsed.after,
        by=parsed.signal.upper().removeprefix("SIG"),
        num_cpu=words.number(ranks),
        ignored=parsed.ignore or (),
        keep=parsed.keep,
        tell=lambda text: print(text, file=sys.stderr, flush=True),
    )
    print(json.dumps(check.as_json()) if parsed.json else "\n".join(check.lines()))
    return check.exit_code


def _one(key: str, values: list[Any]) -> Any:
    """Return the only value of an argument.

    Raises:
        UsageError: there are several.
    """
    if len(values) != 1:
        raise UsageError(f"--{key} has {len(values)} values; a check is of one variant: give it one.")
    return values[0]


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--after", type=int, metavar="ROW", help="the row after which to kill, from 0 (default: drawn)")
    parser.add_argument("--signal", metavar="NAME", default="KILL", help="KILL (default) or TERM")
    parser.add_argument("--ignore", action="append", metavar="COLUMN", help="a column not to compare; may be repeated")
    parser.add_argument("--keep", metavar="DIR", help="a new directory, in which the runs stay")
    parser.add_argument("--num_cpu", "--num-cpu", metavar="N", help="MPI ranks (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("target", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _own_flags() -> set[str]:
    parser = argparse.ArgumentParser()
    _add_check(parser)
    return {text.lstrip("-").replace("-", "_") for action in parser._actions for text in action.option_strings}


COMMANDS = (
    Command(
        "check-resume",
        "kill a run of a function, and see whether anybody can tell",
        _CHECK,
        command_check_resume,
        _add_check,
        "no target: name a function, for example my_module:train",
        "the target",
    ),
)
