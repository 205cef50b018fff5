"""A driver of runs on several hosts: ``python hosts_driver.py TOLD``, where the file TOLD is JSON (see `main`)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hosts_thunk import train

from sweep.base.mpi_command import find_launcher
from sweep.launch.hosts.engine import HostsEngine
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.hosts.slots import HostSlots, trying_elsewhere
from sweep.launch.job import Job, Machine, Outcome
from sweep.launch.limits import Limits
from sweep.launch.retries import Retries
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand
from sweep.launch.stops import Stopped, stop_signals
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.status import State, Status, read_status, write_status


def jobs_of(home: Path, runs: list[dict[str, Any]], ledger: str) -> Iterator[Job]:
    """Prepare runs, but for those that are done."""
    for run in runs:
        name, ranks = run["name"], run.get("ranks", 1)
        directory = RunDir(home / name)
        directory.own.mkdir(parents=True, exist_ok=True)
        status = read_status(directory) or Status(State.PENDING)
        if status.state is State.DONE:
            continue
        kwargs = {"ledger": ledger, **run, "ranks": ranks}
        write_payload(directory, Call(train, kwargs), ranks, 5.0)
        write_status(directory, status if status.state is State.PENDING else status.moved(State.PENDING))
        yield Job(directory, name, Demand(ranks), take(directory.lock))


def main(file: str) -> int:
    """Run all that is told: home, hosts, flags of mpiexec, runs, at_once; write what became of them beside the file."""
    told = json.loads(Path(file).read_text())
    home = Path(told["home"])
    flags, root = tuple(told["flags"]), os.geteuid() == 0
    machine = Machine(Path(sys.executable), find_launcher(None, os.environ), flags, as_root=root, grace_s=1.0)
    slots = HostSlots(parse_hosts(told["hosts"]))
    limits = Limits(at_once=told.get("at_once", 99), retries=trying_elsewhere(Retries()))
    engine = HostsEngine(slots, machine, home, os.environ, limits)
    outcomes: list[Outcome] = []
    retried: list[str] = []

    def again(outcome: Outcome, which: str) -> None:
        retried.append(f"{outcome.job.name}: {outcome.cause} ({which})")
        print("trying again:", retried[-1], flush=True)

    scheduler = Scheduler(engine, slots, limits.without_times(), trying_again=again)
    stopped = False
    with stop_signals():
        try:
            for outcome in scheduler.run(jobs_of(home, told["runs"], told["ledger"])):
                print(outcome.state, outcome.job.name, outcome.cause, flush=True)
                outcomes.append(outcome)
        except Stopped:
            stopped = True
        finally:
            engine.close()
    ends = {one.job.name: [one.state, one.cause, one.kind or ""] for one in (*outcomes, *scheduler.stopped)}
    Path(file + ".out").write_text(json.dumps({"ends": ends, "retried": retried, "stopped": stopped}))
    return 75 if stopped else int(any(end[0] != State.DONE for end in ends.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
