"""The commands that look at runs while they go on and after: status, watch, logs and diff."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.front.request import seconds_given

if TYPE_CHECKING:
    from sweep.results.logs.follow import Follower
    from sweep.results.run import Run

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

Exit codes: 0 all done, 1 some failed, 75 not all are done yet (running,
pending, interrupted or dead), 2 there are no runs.
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
a dotted circle (interrupted) or a dagger (dead).

n, the mean and half of its 95% t interval are of runs that are done, and of
those that go on as far as they are. The course is the mean over seeds, each
drawn between its own least and largest. What does not fit is left out: of the
rows first those of settings that are done, of the columns the least important.

It needs rich to be drawn in place: pip install 'sweep[view]'. Without it, or
where the output is no terminal, a page is printed every 10 seconds.
It ends when nothing is going on any more; Ctrl-C leaves earlier, and the runs
go on. Exit codes: as of `sweep status`.
"""

_LOGS = """\
Print the end of what a run has printed, every rank's, and with -f what it
prints from now on, until it is over.

  sweep logs data/ppo_lr0-001/ppo_lr0-001_s0
  sweep logs data/ppo_lr0-001/ppo_lr0-001_s0 -n 200
  sweep logs -f data/ppo_lr0-001/ppo_lr0-001_s0
  sweep logs --rank 1 data/ppo_lr0-001/ppo_lr0-001_s0

--rank is for a run that has failed: what that rank said of it, with its
traceback. Of a line that was written over, as by a progress bar, the last text
counts; empty lines do not. Ctrl-C leaves; the run goes on.
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

_NO_RUN = "no run: name its directory, for example data/ppo_lr0-001/ppo_lr0-001_s0"
_NO_PAIR = "not two places: name two, for example data/ppo_lr0-001 data/ppo_lr0-003"


def command_status(parsed: Any) -> int:
    """Say how runs stand."""
    from sweep.base.errors import UsageError
    from sweep.base.settings import load_settings
    from sweep.results.find import find_runs
    from sweep.results.status.survey import survey
    from sweep.results.status.view import status_page
    from sweep.results.text.glyphs import glyphs_for

    if not 0 < parsed.stalled < float("inf"):
        raise UsageError(f"--stalled is {parsed.stalled:g}; it must be a number above 0.")
    lines = load_settings().failure_lines if parsed.lines is None else parsed.lines
    found = survey(find_runs(*parsed.places), times=parsed.stalled)
    if parsed.json:
        print(json.dumps(found.as_json(lines)))
    else:
        _show(status_page(found, _title(parsed.places), glyphs_for(sys.stdout), lines))
    return found.exit_code


def command_watch(parsed: Any) -> int:
    """Look at runs again and again."""
    from sweep.results.find import find_runs
    from sweep.results.text.screen import has_rich, is_terminal
    from sweep.results.watch.live import LIVE_S, PRINTED_S, Showing, watch_as_json, watch_live, watch_plainly
    from sweep.results.watch.look import Watcher

    _carry_anything()
    is_live = is_terminal(sys.stdout) and has_rich() and not parsed.json and not parsed.once
    interval_s = seconds_given("interval", parsed.interval) or (LIVE_S if is_live else PRINTED_S)
    watcher = Watcher(parsed.value, parsed.how, _better(parsed))
    showing = Showing(
        lambda: find_runs(*parsed.places), watcher, _title(parsed.places), sys.stdout, interval_s, parsed.once
    )
    if is_terminal(sys.stdout) and not has_rich() and not parsed.json:
        print("to draw this in place: pip install 'sweep[view]'", file=sys.stderr)
    return (watch_as_json if parsed.json else watch_live if is_live else watch_plainly)(showing)


def command_logs(parsed: Any) -> int:
    """Print the end of what a run has printed, and what it prints from now on."""
    from sweep.base.errors import UsageError
    from sweep.results.find import find_runs
    from sweep.results.logs.follow import Follower
    from sweep.results.logs.tail import last_lines, lines_of_rank, one_of

    if parsed.follow and (parsed.json or parsed.rank is not None):
        raise UsageError("--follow goes with neither --json nor --rank; leave one of them out.")
    run = one_of(find_runs(parsed.run), parsed.run)
    follower = Follower(run)  # before the end is read: a line may come twice, but none is missed
    lines = last_lines(run, parsed.lines) if parsed.rank is None else lines_of_rank(run, parsed.rank)
    if parsed.json:
        print(json.dumps({"name": run.name, "path": str(run.path), "state": str(run.state), "lines": lines}))
        return 0
    _say(lines)
    if parsed.follow:
        _follow(run, follower)
    return 0


def _follow(run: Run, follower: Follower) -> None:
    from sweep.results.find import find_runs
    from sweep.results.logs.follow import follow
    from sweep.rundir.status import State

    def is_going_on() -> bool:
        return find_runs(run.path)[0].state in (State.RUNNING, State.PENDING)

    with suppress(KeyboardInterrupt):  # the usual way to leave
        for line in follow(follower, is_going_on):
            _say([line])


def _say(lines: Sequence[str]) -> None:
    _carry_anything()
    print("".join(f"{line}\n" for line in lines), end="", flush=True)


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
        _show(diff_page(found))
    return 0


def _better(parsed: Any) -> str:
    return "min" if parsed.min else "max"


def _title(places: Sequence[str]) -> str:
    from sweep.base.settings import load_settings

    return " ".join(places) or load_settings().default_data_dir


def _carry_anything() -> None:
    """Have standard output write out what its encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _show(page: Any) -> None:
    from sweep.results.text.screen import text_of

    _carry_anything()
    print(text_of(page, sys.stdout), end="")


def _add_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help=argparse.SUPPRESS)
    parser.add_argument("-n", "--lines", metavar="N", type=int, default=20, help="how many lines (default 20)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what it prints")
    parser.add_argument("--rank", metavar="R", type=int, help="what one rank said before it failed")
    _add_json(parser)


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
    Command("logs", "print what a run prints", _LOGS, command_logs, _add_logs, _NO_RUN),
    Command("diff", "say in what two runs or sweeps differ", _DIFF, command_diff, _add_diff, _NO_PAIR),
)
