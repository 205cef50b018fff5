"""The commands that look at runs while they go on and after: status, watch and diff; logs is in `printed`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from sweep.cli.command import Command
from sweep.cli.printed import LOGS
from sweep.cli.printing import carry_anything, show
from sweep.front.request import seconds_given

_PLACES = """\
A place is a run, a data directory, anything above runs, a pattern in quotes,
or the beginning of a name: data/ppo is every run whose name begins like that.
Without one it is the data directory of the settings.
"""

_STATUS = f"""\
Say how runs stand: how many are in each state and which, why those that failed
did, which are stalled and which are dead, and how long it may still take.

  sweep status data
  sweep status data/ppo_lr0-001 --lines 20
  sweep status --json data | jq .failed

{_PLACES}
A running run is stalled if it has written nothing (no row, no output, no file)
for 10 times the usual time between two of its rows, and for a minute at least.
--stalled sets the 10. The usual time is the median of its column Time, else
the mean since its start; of a run without two rows it is that of others.
A run is dead if it is marked as running and nobody holds its lock.

Slurm is asked, once, about runs that were submitted to it and whose own
directories do not say how they ended. A run is queued if it has a job that
will start it or go on with it. A run that has none any more is told with the
cause. If Slurm does not answer its state is not known.

Exit codes: 0 all done, 1 some failed, 75 not all are done yet (running,
queued, pending, interrupted, dead or not known), 2 there are no runs.
"""

_WATCH = f"""\
Watch a sweep while it goes on: a row for each setting, a character for each
seed, the score so far, its course, and how long it may still take.

  sweep watch data
  sweep watch data/ppo -y AverageEpRet --how best
  sweep watch --once data                one look
  sweep watch --json data                one JSON object a look, a line each

{_PLACES}
A seed's character is a square (done), a cross (failed), a bar that rises with
how far it is (going on), an arrow (where that is not known), a dot (pending),
a small square (queued with Slurm), a dotted circle (interrupted) or a dagger
(dead).

n, the mean and half of its 95% t interval are of runs that are done, and of
those that go on as far as they are. The course is the mean over seeds, each
drawn between its own least and largest. What does not fit is left out: of the
rows first those of settings that are done, of the columns the least important.

It needs rich to be drawn in place: pip install 'sweep[view]'. Without it, or
where the output is no terminal, a page is printed every 10 seconds.
It ends when nothing is going on any more; Ctrl-C leaves earlier, and the runs
go on. Exit codes: as of `sweep status`.
"""

_DIFF = """\
Say in what two runs, two settings or two sweeps differ: parameters, the code
and the machine as far as they were recorded, and scores.

  sweep diff data/ppo_lr0-001 data/ppo_lr0-003
  sweep diff data/ppo_lr0-001/ppo_lr0-001_s0 data/ppo_lr0-001/ppo_lr0-001_s1
  sweep diff -y AverageEpRet --how best old/data new/data

A parameter is told if the two do not have the same values of it. Settings
whose values of all that varies within the two are the same stand in one row;
their difference is of the seeds that both have, or else of the means.
"""

_NO_PAIR = "not two places: name two, for example data/ppo_lr0-001 data/ppo_lr0-003"


def command_status(parsed: Any) -> int:
    """Say how runs stand."""
    from sweep.base.errors import UsageError
    from sweep.base.settings import load_settings
    from sweep.cli.asking import Asking
    from sweep.results.status.survey import survey
    from sweep.results.status.view import status_page
    from sweep.results.text.glyphs import glyphs_for

    if not 0 < parsed.stalled < float("inf"):
        raise UsageError(f"--stalled is {parsed.stalled:g}; it must be a number above 0.")
    lines = load_settings().failure_lines if parsed.lines is None else parsed.lines
    found = survey(Asking().find(parsed.places), times=parsed.stalled)
    if parsed.json:
        print(json.dumps(found.as_json(lines)))
    else:
        show(status_page(found, _title(parsed.places), glyphs_for(sys.stdout), lines))
    return found.exit_code


def command_watch(parsed: Any) -> int:
    """Look at runs again and again."""
    from sweep.cli.asking import Asking
    from sweep.results.text.screen import has_rich, is_terminal
    from sweep.results.watch.live import LIVE_S, PRINTED_S, Showing, watch_as_json, watch_live, watch_plainly
    from sweep.results.watch.look import Watcher

    carry_anything()
    is_live = is_terminal(sys.stdout) and has_rich() and not parsed.json and not parsed.once
    interval_s = seconds_given("interval", parsed.interval) or (LIVE_S if is_live else PRINTED_S)
    watcher, asking = Watcher(parsed.value, parsed.how, _better(parsed)), Asking()
    showing = Showing(
        lambda: asking.find(parsed.places), watcher, _title(parsed.places), sys.stdout, interval_s, parsed.once
    )
    if is_terminal(sys.stdout) and not has_rich() and not parsed.json:
        print("to draw this in place: pip install 'sweep[view]'", file=sys.stderr)
    return (watch_as_json if parsed.json else watch_live if is_live else watch_plainly)(showing)


def command_diff(parsed: Any) -> int:
    """Say in what two groups of runs differ."""
    from sweep.results.diff.view import compare, diff_page
    from sweep.results.find import find_runs
    from sweep.results.score import Score

    score = Score(parsed.value, parsed.how, _better(parsed))
    found = compare((parsed.a, parsed.b), find_runs(parsed.a), find_runs(parsed.b), score, parsed.which)
    if parsed.json:
        print(json.dumps(found.as_json()))
    else:
        show(diff_page(found))
    return 0


def _better(parsed: Any) -> str:
    return "min" if parsed.min else "max"


def _title(places: Sequence[str]) -> str:
    from sweep.base.settings import load_settings

    return " ".join(places) or load_settings().default_data_dir


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help=argparse.SUPPRESS)
    parser.add_argument("b", metavar="B", help=argparse.SUPPRESS)
    _add_score(parser)
    parser.add_argument("--which", choices=("all", "done"), default="done", help="which runs count (default done)")
    _add_json(parser)


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-y", "--value", metavar="Y", default="", help="the metric")
    parser.add_argument("--how", metavar="WHAT", default="last10%", help="last, last10%% (default), best, auc, at:X")
    parser.add_argument("--min", action="store_true", help="lower is better")


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("places", metavar="PLACE", nargs="*", help=argparse.SUPPRESS)
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_status(parser: argparse.ArgumentParser) -> None:
    _add_places(parser)
    parser.add_argument("--lines", metavar="N", type=int, help="last lines of each failure (default: FAILURE_LINES)")
    parser.add_argument("--stalled", metavar="N", type=float, default=10.0, help="see above (default 10)")


def _add_watch(parser: argparse.ArgumentParser) -> None:
    _add_places(parser)
    _add_score(parser)
    parser.add_argument("--interval", metavar="TIME", help="between two looks (default 0.5s, printed 10s)")
    parser.add_argument("--once", action="store_true", help="look once")


COMMANDS = (
    Command("status", "say how runs stand", _STATUS, command_status, _add_status),
    Command("watch", "watch a sweep while it goes on", _WATCH, command_watch, _add_watch),
    LOGS,
    Command("diff", "say in what two runs or sweeps differ", _DIFF, command_diff, _add_diff, _NO_PAIR),
)
