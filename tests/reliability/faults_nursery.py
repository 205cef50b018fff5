"""Makes attempts of runs: ``python faults_nursery.py``; one in JSON a line in, how it ended a line out.

Each is a fork of this process, which has imported everything and in which no run has happened. An attempt:

    run         the run's directory, which holds a payload
    torch       whether it needs torch, which is then imported before the first fork that does
    kill_s      after so many seconds it is killed, if it is still there
    strace      flags: it is traced by these from before the payload is loaded
    events      what `Events` takes: it is killed, or a call of it fails, at one that is chosen by its number
    limit       the largest size of a file, in bytes: what writes more gets an error, after a part of it was written
"""

from __future__ import annotations

import importlib
import io
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import faults_learner
import numpy as np
from faults_events import Events

from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.runtime.process.child import run_rank, show_what_happens

LONGEST_S = 60.0


def main() -> None:
    importlib.import_module("sweep.runtime.context.course")
    if faults_learner.HAS_TENSORBOARD:
        importlib.import_module("sweep.runtime.outputs.summaries")
    for line in sys.stdin:
        wanted = json.loads(line)
        if wanted["torch"] and "torch" not in sys.modules:
            import_torch()
        sys.stdout.write(json.dumps(attempt(wanted)) + "\n")
        sys.stdout.flush()


def import_torch() -> None:
    """Import torch, and those parts of it that are imported when they are used, which takes a second."""
    model = faults_learner.TorchModel(0)
    model.learn(np.zeros((2, 3)), np.zeros(2))
    sys.modules["torch"].save(model.net.state_dict(), io.BytesIO())


def attempt(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make an attempt; return its exit code, negative for a signal, and how long it took."""
    run, begin = RunDir(Path(wanted["run"])), time.monotonic()
    begin_attempt(run)
    with run.output.open("ab") as log:
        # A process that may not write much itself prints into a pipe.
        reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log) if wanted.get("limit") else None
        output = log if reader is None or reader.stdin is None else reader.stdin
        child = os.fork()
        if child == 0:
            live(run, wanted, output.fileno())
    code = waited(child, wanted.get("kill_s") or LONGEST_S)
    if reader is not None:
        reader.communicate()  # until all is in the log
    return {"code": code, "seconds": time.monotonic() - begin}


def begin_attempt(run: RunDir) -> None:
    """Do what a driver does for a run that was cut off or has failed."""
    status = read_status(run) or Status(State.PENDING)
    for file in (*run.failures(), *run.path.glob(".*.tmp"), *run.own.glob(".*.tmp")):
        file.unlink()
    write_status(run, status.begun())


def live(run: RunDir, wanted: dict[str, Any], output: int) -> None:
    """Be the process of the run, which prints to a descriptor; never returns."""
    code = 99
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        show_what_happens()
        if wanted.get("strace"):
            let_trace(wanted["strace"])
        if wanted.get("limit") is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (wanted["limit"], wanted["limit"]))
        if wanted.get("events"):
            Events(**wanted["events"]).install()
        code = run_rank(run, supervised=True)
    finally:
        os._exit(code)


def let_trace(flags: list[str]) -> None:
    """Have this process traced, and go on when it is."""
    subprocess.Popen(["strace", "-qq", *flags, "-p", str(os.getpid())], stdout=subprocess.DEVNULL).returncode = 0
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        time.sleep(0.001)


def waited(child: int, kill_s: float) -> int:
    """Wait for a child, and kill it when the time is over; return its exit code."""
    descriptor = os.pidfd_open(child)
    try:
        if not select.select([descriptor], [], [], kill_s)[0]:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
