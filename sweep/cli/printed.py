"""The command that prints what a run prints: logs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.cli.printing import carry_anything

if TYPE_CHECKING:
    from sweep.results.logs.follow import Follower
    from sweep.results.run import Run
    from sweep.rundir.handed import Handed

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

With -f a run that waits with Slurm is waited for. Of one that has printed
nothing, what its Slurm job has printed is shown: setup lines, and why the run
could not begin.
"""

_NO_RUN = "no run: name its directory, for example data/ppo_lr0-001/ppo_lr0-001_s0"


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
        print(json.dumps(_as_json(run, lines, parsed.lines)))
        return 0
    _say(lines)
    if parsed.follow:
        _follow(run, follower)
    if not lines and not last_lines(run, 1):
        _instead(run, parsed.lines)
    return 0


def _as_json(run: Run, lines: Sequence[str], count: int) -> dict[str, Any]:
    from sweep.results.logs.tail import job_log_of, lines_of_job

    file = job_log_of(run)
    facts = {"name": run.name, "path": str(run.path), "state": str(run.state), "lines": list(lines)}
    return {**facts, "job_log": None if file is None else str(file), "job_lines": lines_of_job(run, count)}


def _follow(run: Run, follower: Follower) -> None:
    from sweep.cli.asking import Asking
    from sweep.results.logs.follow import follow

    asking = Asking()
    with suppress(KeyboardInterrupt):  # the usual way to leave
        for line in follow(follower, lambda: _is_going_on(asking.find([run.path])[0])):
            _say([line])


def _is_going_on(run: Run) -> bool:
    """Say whether a run may still print something: it goes on, or waits for its turn."""
    from sweep.results.run import NOT_KNOWN, QUEUED
    from sweep.rundir.status import State

    is_left = run.handed is not None and run.handed.is_alive is False
    return run.state in (State.RUNNING, QUEUED, NOT_KNOWN) or (run.state == State.PENDING and not is_left)


def _instead(run: Run, count: int) -> None:
    """Show what the Slurm job of a run that has printed nothing has printed, and say how the run stands."""
    from sweep.results.logs.tail import lines_of_job

    for line in _standing(run):
        print(line, file=sys.stderr)
    _say(lines_of_job(run, count))


def _standing(run: Run) -> Iterator[str]:
    from sweep.cli.asking import Asking
    from sweep.results.logs.tail import job_log_of
    from sweep.results.text.cell import inert

    handed = Asking().find([run.path])[0]
    if handed.handed is not None:
        yield inert(_word(handed.state, handed.handed))
    if file := job_log_of(run):
        yield inert(f"the run itself has printed nothing; its Slurm job, in {file}:")


def _word(state: str, handed: Handed) -> str:
    from sweep.results.run import QUEUED
    from sweep.results.status.waiting import STARTING

    if not handed.job:
        return f"{state}: {handed.why}"
    if state == QUEUED and handed.state in STARTING:
        return f"starting: job {handed.job}, {handed.state}; the run is not under way yet"
    return f"{state}: job {handed.job}, {handed.state} ({handed.reason or 'no reason given'})"


def _say(lines: Sequence[str]) -> None:
    carry_anything()
    print("".join(f"{line}\n" for line in lines), end="", flush=True)


def _add_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help=argparse.SUPPRESS)
    parser.add_argument("-n", "--lines", metavar="N", type=int, default=20, help="how many lines (default 20)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what it prints")
    parser.add_argument("--rank", metavar="R", type=int, help="what one rank said before it failed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


LOGS = Command("logs", "print what a run prints", _LOGS, command_logs, _add_logs, _NO_RUN)
