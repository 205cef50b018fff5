"""The commands that begin from a run that there is: relaunch and fork."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import Any

from sweep.base.errors import UsageError
from sweep.cli import words
from sweep.cli.command import Command
from sweep.cli.launch_flags import add_share
from sweep.front.request import ENGINES

_RELAUNCH = """\
Run again what is recorded in a run's directory: the same function with the
same values, types included, ranks and all.

  sweep relaunch data/ppo/ppo_s0                     done already: says so
  sweep relaunch --data_dir again data/ppo/ppo_s0
  sweep relaunch --seed 7 data/ppo/ppo_s0
  sweep relaunch data/ppo/ppo_s0 lr=1e-2 'opt:beta=[0.9, 0.99]'
  sweep relaunch --exact --data_dir again data/ppo/ppo_s0
  sweep relaunch --engine slurm --slurm time=12h data/ppo/ppo_s0 seed=[1,2]
  sweep relaunch --thunk my_module:train old/config.json 'act={py: torch:tanh}'

Behind the run stand changes, key=value, with YAML values; several values are
several runs, and changed keys stand in the names. --exact runs the source that
the run was started with, instead of what is there now; on this machine alone.
--engine, --slurm and --hosts say where, as those of `sweep run`.

A config.json alone, also one of Spinning Up, needs --thunk. JSON has no
tuples, functions or objects: what is not exact is said, and what cannot be had
is named in one error. Relaunch only records that you trust: what they name is
imported.
"""

_FORK = """\
Begin a new run from a snapshot of another one, with changed parameters.

  sweep fork data/ppo/ppo_s0 lr=1e-4
  sweep fork --which best data/ppo/ppo_s0 lr=1e-4 epochs=20
  sweep fork --which 12 --items policy --exp_name tuned data/ppo/ppo_s0
  sweep fork --engine slurm --slurm time=12h data/ppo/ppo_s0 lr=[1e-4,1e-5]

It has a directory of its own, called after the parent, `_fork` and the
changes; its rows and epochs begin at 0, and its random numbers are its own.
What the function registers with run.state is as it was in the snapshot;
--items names what of it, and the rest is as the function makes it. The same
command again goes on with the fork, or finds it done. The parent is only read.
--engine, --slurm and --hosts say where, as those of `sweep run`.
"""


def command_relaunch(parsed: Any) -> int:
    """Run again what is recorded."""
    from sweep.front.relaunch import relaunch

    with _screen(parsed):
        sweep = relaunch(parsed.run_dir, _changes(parsed), exact=parsed.exact, **_options(parsed))
    return _told(sweep, parsed)


def command_fork(parsed: Any) -> int:
    """Begin from a snapshot."""
    from sweep.front.fork import fork

    items = parsed.items.split(",") if parsed.items else ()
    with _screen(parsed):
        sweep = fork(parsed.run_dir, _changes(parsed), which=parsed.which, items=items, **_options(parsed))
    return _told(sweep, parsed)


def _changes(parsed: Any) -> dict[str, Any]:
    """Return key to alternatives of the words ``key=value``.

    Raises:
        UsageError: a word is none, or a key comes twice.
    """
    from sweep.grid.spec import parse_alternatives

    found: dict[str, Any] = {}
    for word in parsed.changes:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{word!r} is no change; write key=value, and flags before the run.")
        if key in found:
            raise UsageError(f"{key}= is given twice; give it once, with all its values: '{key}=[1, 2]'.")
        found[key] = parse_alternatives(text, "the command line")
    return found


_NUMBERS = ("seed", "num_cpu", "parallel", "threads", "gpus")
_AS_TYPED = ("data_dir", "exp_name", "thunk", "extendable", "memory", "timeout", "stall_timeout", "retries", "halt",
             "engine", "hosts")  # fmt: skip
_SWITCHES = ("fresh", "dry_run")


def _options(parsed: Any) -> dict[str, Any]:
    numbers = {name: words.number(getattr(parsed, name)) for name in _NUMBERS}
    typed = {name: getattr(parsed, name) for name in (*_AS_TYPED, *_SWITCHES)}
    return {**numbers, **typed, "slurm": words.pairs("slurm", parsed.slurm)}


def _screen(parsed: Any) -> AbstractContextManager[object]:
    """Return where a launch says what it says: with --json not on the standard output, which is for that alone."""
    return redirect_stdout(sys.stderr) if parsed.json else nullcontext()


def _told(sweep: Any, parsed: Any) -> int:
    if parsed.json:
        counts = {str(verdict): count for verdict, count in sweep.plan.counts.items() if count}
        facts = {"plan": counts, "data_dir": str(sweep.data_dir), "done": sweep.done, "failed": sweep.failures}
        arrays = [{"job": number, "runs": count} for number, count in sweep.submitted]
        print(json.dumps({**facts, "submitted": arrays, "exit_code": sweep.exit_code}))
    return int(sweep.exit_code)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", metavar="N", help="another seed")
    parser.add_argument("--num_cpu", "--num-cpu", metavar="N", help="MPI ranks (default: as recorded)")
    parser.add_argument(
        "--data_dir", "--data-dir", metavar="DIR", help="root of the results (default: that of the run)"
    )
    parser.add_argument("--exp_name", "--exp-name", metavar="NAME", help="begins the name")
    parser.add_argument("--thunk", metavar="M:F", help="the function, instead of the recorded one")
    parser.add_argument("--extendable", metavar="KEYS", help="what may change for a run that is there: epochs,lr")
    parser.add_argument("--fresh", action="store_true", default=None, help="do it anew; what is there is set aside")
    parser.add_argument("--dry-run", "--dry_run", action="store_true", default=None, help="stop after the plan")
    parser.add_argument("--json", action="store_true", help="print one JSON object; all else goes to stderr")
    _add_where(parser)
    add_share(parser)
    parser.add_argument("run_dir", metavar="RUN", help=argparse.SUPPRESS)
    parser.add_argument("changes", nargs="*", metavar="key=value", help=argparse.SUPPRESS)


def _add_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=ENGINES, help="where runs execute (default local: this machine)")
    parser.add_argument("--hosts", metavar="LIST", help="machines that ssh reaches, with cores for runs: h1:8,h2:8")
    parser.add_argument("--slurm", action="append", metavar="KEY=VALUE", help="how Slurm's jobs are to be: time=12h")


def _add_relaunch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exact", action="store_true", help="run the recorded source")
    _add_common(parser)


def _add_fork(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--which", default="last", help="last, best, first, or the number of a step (default: last)")
    parser.add_argument("--items", metavar="NAMES", help="what of the snapshot it begins with (default: all)")
    _add_common(parser)


_NO_RUN = "no run: name the directory of one, for example data/ppo/ppo_s0"

COMMANDS = (
    Command("relaunch", "run again what is recorded of a run", _RELAUNCH, command_relaunch, _add_relaunch, _NO_RUN),
    Command("fork", "begin a new run from a snapshot of another", _FORK, command_fork, _add_fork, _NO_RUN),
)
