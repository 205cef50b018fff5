"""The commands on a directory of runs: stop, retry and wait."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Protocol

from sweep.cli import words
from sweep.cli.command import Command
from sweep.cli.launch_flags import add_share
from sweep.front.request import ENGINES, Request, seconds_given
from sweep.front.retry import retry
from sweep.front.stop import stop
from sweep.front.wait import wait

_NUMBERS = ("parallel", "threads", "gpus")
_TEXTS = ("memory", "timeout", "stall_timeout", "retries", "halt")

DIRECTORY = """\
The directory is that of a run, a data directory, or any one above runs.
"""

_STOP = f"""\
Stop every launch that has runs under a directory, as Ctrl-C does: nothing more
is started, what runs may save what it has and is ended. The command that
started it goes on later. Waits until all has ended. Runs that Slurm has are
stopped too: what waits is cancelled, what runs saves and leaves, and with
--now its job is cancelled as well.

  sweep stop data
  sweep stop --now data/ppo_lr0-001

{DIRECTORY}
Exit codes: 0 nothing is going on any more, 2 something still is: on another
host, another user's, or not ended in time.
"""

_RETRY = f"""\
Try the failed runs under a directory again, each with what it was called with.

  sweep retry data
  sweep retry --retries 2 --timeout 4h data/ppo_lr0-001/ppo_lr0-001_s0
  sweep retry --engine slurm --slurm time=12h data

{DIRECTORY}
With --engine slurm they are submitted, and that is all; else they run here,
those too that ran with Slurm before. A run that somebody else has is skipped.
Exit codes: 0 all done or submitted, 1 some failed again, 2 some were skipped,
75 stopped.
"""

_WAIT = f"""\
Wait until nothing is going on under a directory, and Slurm has none of its
runs any more, then count them by state.

  sweep wait data && sweep wait --timeout 8h other
  sweep wait --json data

{DIRECTORY}
Exit codes: 0 all done, 1 some failed, 75 some are interrupted or pending, 2
the time was over or there are no runs.
"""


class _Result(Protocol):
    @property
    def exit_code(self) -> int: ...

    def lines(self) -> Iterator[str]: ...

    def as_json(self) -> dict[str, Any]: ...


def command_stop(parsed: Any) -> int:
    """Stop what is going on under a directory."""
    timeout_s = seconds_given("timeout", parsed.timeout)
    assert timeout_s is not None
    return _told(stop(Path(parsed.directory), timeout_s, parsed.now), parsed.json)


def command_retry(parsed: Any) -> int:
    """Try the failed runs under a directory again."""
    given = {
        **{name: words.number(getattr(parsed, name)) for name in _NUMBERS},
        **{name: getattr(parsed, name) for name in _TEXTS},
    }
    given |= {"engine": parsed.engine, "slurm": words.pairs("slurm", parsed.slurm)}
    request = Request(None, **{name: value for name, value in given.items() if value is not None})
    with redirect_stdout(sys.stderr) if parsed.json else nullcontext():  # the standard output is for the object alone
        retried = retry(Path(parsed.directory), request)
    return _told(retried, parsed.json)


def command_wait(parsed: Any) -> int:
    """Wait for what is going on under a directory."""
    return _told(wait(Path(parsed.directory), seconds_given("timeout", parsed.timeout)), parsed.json)


def _told(result: _Result, as_json: bool) -> int:
    print(json.dumps(result.as_json()) if as_json else "\n".join(result.lines()))
    return result.exit_code


def _add_directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_stop(parser: argparse.ArgumentParser) -> None:
    _add_directory(parser)
    parser.add_argument("--timeout", metavar="TIME", default="60s", help="how long to wait (default 60s)")
    parser.add_argument("--now", action="store_true", help="ask twice: let nothing be saved")


def _add_retry(parser: argparse.ArgumentParser) -> None:
    _add_directory(parser)
    parser.add_argument("--engine", choices=ENGINES, help="where they execute (default local: this machine)")
    parser.add_argument("--slurm", action="append", metavar="KEY=VALUE", help="how Slurm's jobs are to be: time=12h")
    add_share(parser)


def _add_wait(parser: argparse.ArgumentParser) -> None:
    _add_directory(parser)
    parser.add_argument("--timeout", metavar="TIME", help="how long to wait (default: for ever)")


NO_DIRECTORY = "no directory: name one of runs, for example data"

COMMANDS = (
    Command("stop", "stop what is going on under a directory", _STOP, command_stop, _add_stop, NO_DIRECTORY),
    Command("retry", "try the failed runs under a directory again", _RETRY, command_retry, _add_retry, NO_DIRECTORY),
    Command("wait", "wait for what is going on under a directory", _WAIT, command_wait, _add_wait, NO_DIRECTORY),
)
